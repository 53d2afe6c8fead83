"""NOTICE names every weight, picture and recording: its origin, its licence, its command and its hash."""

import re

import pytest

from rollout_lab.models.fetch import FILES
from tools.decoder import WHEEL_SHA256
from tools.hash_files import LINE, NOTICE, ROOT, hashed
from tools.make_photograph import MODEL_SHA256

TEXT = NOTICE.read_text("utf-8")
LINES = {path: sha for sha, path in LINE.findall(TEXT)}
GROUPS = [group for group in TEXT.split("\n\n") if LINE.search(group)]


def test_every_bundled_file_of_data_has_its_line_and_each_hash_holds():
    data = {
        path.relative_to(ROOT).as_posix()
        for folder in ("rollout_lab/models", "docs/pictures")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".toml", ".txt")
    }
    assert data == {path for path in LINES if "/" in path}
    assert hashed(TEXT) == TEXT, "write the hashes anew: python -m tools.hash_files"


def test_what_is_fetched_or_read_has_the_hash_that_the_code_asks_for():
    assert {name: LINES[name] for name in FILES} == {name: pin.sha256 for name, pin in FILES.items()}
    assert {MODEL_SHA256, WHEEL_SHA256} <= set(LINES.values())


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[:40])
def test_above_the_hashes_stand_a_licence_and_a_command_that_is_there(group):
    head = group[: LINE.search(group).start()]
    assert re.search(r"CC-BY-4\.0|CC0|Apache-2\.0|MIT|BSD-3-Clause", head)
    tools = re.findall(r"`(?:python -m )?((?:tools|rollout_lab)[./][\w./]+?)(?:\.py)?`", head)
    assert all((ROOT / f"{tool.replace('.', '/')}.py").is_file() for tool in tools)
    assert tools or "browser" in head


def test_a_changed_file_is_found_out():
    other = TEXT.replace(LINES["docs/pictures/diagnosis.png"], "0" * 64)
    assert other != TEXT
    assert hashed(other) == TEXT
