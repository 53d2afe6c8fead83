"""Build the web edition into build/site: `python -m edition [--without-live]`."""

import shutil
import sys
from pathlib import Path

from . import live, pyodide_folder, reading, start, weights
from .settings import ROOT

SITE = ROOT / "build" / "site"


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def build_live(arguments: list[str]) -> None:
    """The live edition, or one line that says why it is left out."""
    why = "--without-live"
    if why not in arguments:
        try:
            live.build(SITE)
            weights.build(SITE / "live")
            return
        except pyodide_folder.NotToBeHad as error:
            why = str(error)
    shutil.rmtree(SITE / "live", ignore_errors=True)
    print(f"!!! THE SITE IS BUILT WITHOUT ITS LIVE EDITION: {why}", file=sys.stderr)


if __name__ == "__main__":
    build_live(sys.argv[1:])  # first: a page to read has a button "Run this lesson" where there is one
    reading.build(SITE)
    start.build(SITE)
    for part in sorted(path for path in SITE.iterdir() if path.is_dir()):
        print(f"{part.name}: {megabytes(part):.1f} MB")
    print(f"The web edition: {SITE}, {megabytes(SITE):.1f} MB")
