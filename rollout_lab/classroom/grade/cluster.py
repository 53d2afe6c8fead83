"""Run submissions on the workers of a dask cluster; nbgrader's own steps stay where the gradebook is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rollout_lab.classroom.nbgrader_course import CourseError
from rollout_lab.classroom.sandbox.bubblewrap import SandboxError, missing
from rollout_lab.classroom.sandbox.interpreter import why_not
from rollout_lab.classroom.sandbox.runner import Job, Transcript, run_submission

from .submission import Runner

CONNECT_SECONDS = 20


@contextmanager
def cluster_runner(address: str, sandboxed: bool, python: str = "") -> Iterator[tuple[Runner, int]]:
    """What runs submissions on the cluster at this address, and how many at a time.

    Each worker needs this package and bubblewrap, and no shared disk; it sees notebooks without their keys.
    Raises CourseError if there is no such cluster or a worker has no sandbox, ImportError without dask.
    """
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(f"no dask scheduler answers at {address}: {error}") from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise CourseError(f"the scheduler at {address} has no workers. Start some: dask worker {address}")
        check = (missing, python) if sandboxed else (why_not, python, False)
        for worker, why in client.run(*check).items():
            if why:
                raise CourseError(f"{worker}: {why}")

        def runner(job: Job, stop: threading.Event) -> Transcript:
            future = client.submit(run_submission, replace(job, sandboxed=sandboxed), pure=False)
            while True:
                try:
                    return future.result(timeout=0.5)
                except TimeoutError:
                    if stop.is_set():
                        future.cancel()
                        raise SandboxError("the grading was stopped") from None

        yield runner, sum(threads.values()) + 1
