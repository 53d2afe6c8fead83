"""Where the course is kept and where its site stands, as pyproject.toml says; "" where unknown."""

from pathlib import Path

from rollout_lab.classroom.build.repository import addresses

ROOT = Path(__file__).parents[2]


def address(name: str) -> str:
    """The `repository` or the `website` of [tool.rollout-lab], without a slash at its end."""
    return getattr(addresses(ROOT), name)
