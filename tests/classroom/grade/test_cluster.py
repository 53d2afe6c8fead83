"""rollout-lab grade --scheduler: a real scheduler, two workers, and one of them lost."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import Client

from rollout_lab.classroom.nbgrader_course import CourseError

from ..nbgrader_class import Classroom, grade

QUIZ = "quiz1_single_layer_attention"
SECONDS = 120


def wait_for(condition):
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two worker processes: (client, processes of the workers)."""
    address = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    there = ["--scheduler-file", str(address)]
    place = {"cwd": tmp_path, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    processes = [subprocess.Popen([*dask, "scheduler", "--port", "0", "--no-dashboard", *there], **place)]
    wait_for(address.exists)
    worker = [*dask, "worker", *there, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    workers = [subprocess.Popen([*worker, "--name", f"worker-{n}"], **place) for n in range(2)]
    with Client(scheduler_file=str(address), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=SECONDS)
        yield client, workers
    for process in [*workers, *processes]:
        process.terminate()
        process.wait(30)


@pytest.fixture
def classroom(tmp_path, course, keys):
    classroom = Classroom(tmp_path / "class")
    classroom.release(QUIZ)
    slow = {"q1": f"import time\ntime.sleep(2)\nanswer_q1 = {keys['q1']!r}"}
    for number in range(6):
        classroom.lay_submission(f"s{number}", QUIZ, slow)
    return classroom


def test_a_worker_killed_in_the_middle_loses_nothing(cluster, classroom):
    client, workers = cluster
    address = client.scheduler.address
    with ThreadPoolExecutor(1) as thread:
        grading = thread.submit(grade, classroom.course, QUIZ, scheduler=address)
        wait_for(lambda: grading.done() or all(client.processing().get(w) for w in client.nthreads()))
        os.kill(workers[0].pid, signal.SIGKILL)
        done = grading.result(SECONDS)
    assert len(client.nthreads()) == 1
    assert [(each.student, each.notes) for each in done.now] == [(f"s{n}", []) for n in range(6)]
    for number in range(6):
        assert classroom.scores(QUIZ, f"s{number}")["q1"] == 1


def test_a_scheduler_that_is_not_there_is_named(classroom, monkeypatch):
    monkeypatch.setattr("rollout_lab.classroom.grade.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(CourseError, match=r"tcp://127.0.0.1:9"):
        grade(classroom.course, QUIZ, scheduler="tcp://127.0.0.1:9")
