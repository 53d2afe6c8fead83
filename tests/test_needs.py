"""What a machine lacks is told in a few lines, with the one command that brings it."""

import re
import subprocess
from pathlib import Path

import pytest

from .needs import NEEDS, PREFIX, needed, what_was_skipped

ROOT = Path(__file__).parent.parent


def reason(name):
    return f"Skipped: {PREFIX}{name}: it is not there. Get it: somehow"


def test_skipped_tests_are_counted_by_what_they_need_and_one_command_brings_it_all():
    once = [reason(name) for name in ("chromium", "model", "esbuild")]
    lines = what_was_skipped([reason("bubblewrap")] * 3 + once)
    assert lines == [
        "    3 need the sandbox, made by bubblewrap: sudo apt install bubblewrap",
        "    1 need a browser: sudo apt install chromium",
        "    1 need esbuild, which builds the widgets' scripts: make javascript",
        "    1 need the language model: rollout-lab fetch-model",
        "To run these too: sudo apt install bubblewrap chromium && .venv/bin/rollout-lab fetch-model "
        "&& make javascript && make test",
    ]


def test_what_make_test_torch_runs_asks_for_no_installation():
    assert what_was_skipped([reason("torch")]) == [
        "    1 need PyTorch and transformers: make test-torch",
    ]


def test_another_reason_is_told_as_it_is():
    assert what_was_skipped(["Skipped: not on a Tuesday"] * 2) == ["    2 Skipped: not on a Tuesday"]
    assert needed("Skipped: needs rain: there is none") is None


@pytest.mark.parametrize("name", NEEDS)
def test_what_is_missing_is_said_in_words_and_what_is_there_in_none(name):
    missing = NEEDS[name].missing()
    assert missing == "" or len(missing) > 4


@pytest.mark.needs("make")
def test_make_runs_the_tests_that_are_named_with_two_workers():
    dry = ["make", "-n", "test", "TESTS=tests/quiz/test_in_lessons.py", "PYTEST_FLAGS=-x"]
    printed = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "-m pytest -n 2 -x tests/quiz/test_in_lessons.py" in printed


@pytest.mark.needs("make")
@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["test", "ROOM=quiz"], "-m pytest -n 2 tests/quiz rollout_lab/quiz\n"),
        (["test", "ROOM=_inputs"], "-m pytest -n 2 tests/test_inputs.py rollout_lab/_inputs.py\n"),
        (["test", "ROOM=rollout"], "-m pytest -n 2 tests/test_rollout.py rollout_lab/rollout.py\n"),
        (["test", "ROOM=models/encoder course"], "encoder.py rollout_lab/models/encoder.py tests/course\n"),
        (["test", "ROOM=attic"], "There is no room attic in rollout_lab/ or tests/"),
        (["notebooks/02"], "-m rollout_lab.cli build 02\n"),
    ],
)
def test_make_runs_a_room_s_tests_and_doctests_and_builds_one_lesson(words, printed):
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True)
    assert printed in re.sub(" +", " ", done.stdout + done.stderr)
    assert bool(done.returncode) == ("ROOM=attic" in words)


def test_ci_hides_what_a_bare_machine_lacks_and_runs_the_tests_again():
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    hidden, _done, rest = script.partition("make test | tee")
    assert "bwrap | chromium* | firefox* | google-chrome*) ;;" in hidden
    assert 'ROLLOUT_LAB_CACHE="$bare/cache"' in hidden
    assert all(
        NEEDS[name].what.split(",")[0] in rest for name in ("bubblewrap", "chromium", "firefox-esr", "model")
    )
