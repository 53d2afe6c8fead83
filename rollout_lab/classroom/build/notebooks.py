"""Notebooks that come out the same to the byte: cells with derived ids, and how they are written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

Cell = dict[str, Any]


def markdown(source: str, **metadata: Any) -> Cell:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": metadata, "source": source.strip("\n")}


def code(source: str, **metadata: Any) -> Cell:
    """A code cell without outputs."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source.strip("\n"),
    }


def notebook_text(name: str, cells: Iterable[Cell]) -> str:
    """The text of the notebook file ``name`` with these cells.

    A cell's id is derived from the notebook's name and the cell's own source, so that an edit
    changes the ids of the edited cells alone.
    """
    seen: Counter[str] = Counter()
    done = []
    for cell in cells:
        content = f"{name}\n{cell['cell_type']}\n{cell['source']}"
        seen[content] += 1
        digest = hashlib.sha256(f"{content}\n{seen[content]}".encode()).hexdigest()
        done.append({**cell, "id": digest[:12], "source": cell["source"].splitlines(keepends=True)})
    notebook = {
        "cells": done,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
