"""Build the web edition into build/site."""

from . import reading, weights
from .settings import ROOT

if __name__ == "__main__":
    reading.build(ROOT / "build" / "site")
    weights.build(ROOT / "build" / "site" / "live")
