"""What the tests of what lessons ask share: a working copy of one's own."""

import pytest

from rollout_lab.quiz import progress

collect_ignore = ["shelf"]  # students' answers, which shelves.py reads: not modules to import


@pytest.fixture
def working_copy(tmp_path, monkeypatch):
    (tmp_path / ".rollout-lab").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})
    monkeypatch.setattr(progress, "_unwritten", set())
    return tmp_path


@pytest.fixture
def unwritable(working_copy):
    """A working copy in whose folder of answers nothing can be written, by anybody."""
    (working_copy / ".rollout-lab" / "answers").write_text("no folder")
