"""Runs a notebook, or takes what an earlier run of the same notebook and library gave."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from .settings import ROOT

KEPT = ROOT / "build" / "executed"


def executed(path: Path) -> tuple[nbformat.NotebookNode, list[Any]]:
    """The notebook with its outputs, and what moves its widgets without a kernel."""
    kept = KEPT / f"{path.stem}-{_digest(path)}.ipynb"
    if not kept.exists():
        notebook = nbformat.read(path, as_version=4)
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            store_widget_state=False,
        ).execute()
        KEPT.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(notebook), "utf-8")
    return nbformat.read(kept, as_version=4), []


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + _library().encode()).hexdigest()[:16]


@cache
def _library() -> str:
    """A digest of all that the library's folder holds."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "rollout_lab").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()
