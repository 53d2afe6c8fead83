"""Where the course is kept and where its site stands, as pyproject.toml says; "" where unknown."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def address(name: str) -> str:
    """The `repository` or the `website` of [tool.rollout-lab], without a slash at its end."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["tool"].get("rollout-lab", {}).get(name, "")).rstrip("/")
