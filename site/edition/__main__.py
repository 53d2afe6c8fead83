"""Build the web edition into build/site."""

from . import reading, start
from .settings import ROOT

if __name__ == "__main__":
    reading.build(ROOT / "build" / "site")
    start.build(ROOT / "build" / "site")
