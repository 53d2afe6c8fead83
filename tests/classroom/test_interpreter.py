"""The Python that plays submissions is found in the sandbox however it was started."""

import os
import subprocess
import sys

import pytest


@pytest.mark.needs("bubblewrap")
def test_a_python_that_was_started_by_a_path_with_steps_up_plays_too(tmp_path):
    started = os.path.relpath(sys.executable, tmp_path)
    assert started.startswith("..")
    code = "from rollout_lab.classroom.sandbox import missing; print(missing())"
    done = subprocess.run([started, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("None", "")
