"""The worker's own process and those around it: limits, copies, and ending what cells leave behind."""

import contextlib
import gc
import os
import queue
import signal
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, thread
from pathlib import Path

from rollout_lab.classroom import limits

from .protocol import Limits


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer. Code that will not be interrupted is ended from outside."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def limit(most: Limits) -> None:
    """Set limits that the processes to come inherit and cannot lift. Narrower ones of the grader's stay."""
    import resource

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever started the grader may have it ignore these
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for kind, wanted in {
        resource.RLIMIT_AS: most.memory,
        resource.RLIMIT_NPROC: most.processes,
        resource.RLIMIT_FSIZE: most.file_bytes,
        resource.RLIMIT_CPU: int(most.total_seconds) + 1,
        resource.RLIMIT_STACK: 8 * 2**20,
        resource.RLIMIT_NOFILE: limits.DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 2**16,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }.items():
        inherited = resource.getrlimit(kind)[1]
        value = wanted if inherited == resource.RLIM_INFINITY else min(wanted, inherited)
        resource.setrlimit(kind, (value, value))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def revive_pools() -> None:
    """Give thread pools new threads in a copy of the process: a copy has only the thread that made it."""
    if not thread._threads_queues:  # no pool has threads, and the search takes a while
        return
    for pool in [each for each in gc.get_objects() if issubclass(type(each), ThreadPoolExecutor)]:
        pool._threads, pool._idle_semaphore = set(), threading.Semaphore(0)
        pool._work_queue, pool._shutdown_lock = queue.SimpleQueue(), threading.Lock()


def copied() -> int:
    """Copy this process: 0 in the copy, else its number."""
    # A cell may have said that nobody waits for the end of a process.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return os.fork()


def running() -> list[int]:
    """All processes inside the sandbox that still run."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and not doomed(int(name))]


def doomed(pid: int) -> bool:
    """Whether a process has ended, or has been sent the signal that it will end by."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return True
    status = dict(line.split(":", 1) for line in lines)
    pending = int(status["SigPnd"], 16) | int(status["ShdPnd"], 16)
    return status["State"].split()[0] in "ZX" or bool(pending >> (signal.SIGKILL - 1) & 1)


def end_all_but(family: Collection[int]) -> int:
    """End the processes that the student's code has left behind; how many there were."""
    ended = 0
    for _round in range(100):
        strays = [pid for pid in running() if pid not in family]
        # All are stopped before the first is ended, or the others would make new ones meanwhile.
        for what in (signal.SIGSTOP, signal.SIGKILL):
            for pid in strays:
                with contextlib.suppress(OSError):
                    os.kill(pid, what)
        ended += len(strays)
        if not strays:
            break
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return ended


def address_space() -> int:
    """The address space of this process in bytes, 0 where that cannot be read."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0
