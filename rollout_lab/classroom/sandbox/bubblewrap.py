"""The sandbox of a submission: a command that starts a process which can read and change next to nothing.

Linux and bubblewrap make it. Inside there is Python with its packages, read-only, and one small file system
in memory to write to: no network, no other process, no home. What is not listed here does not exist there.
"""

import contextlib
import os
import platform
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rollout_lab.classroom import limits

from .interpreter import LIBRARY, OWN, interpreter, why_not
from .protocol import SIGN

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # One thread: the class is what runs in parallel, and a process can be copied only while it has one.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # or each thread reserves 64 MB that it does not use, and the limit counts them
}

REFUSED = {
    # The kernel's keys: no namespace parts the grader's, or another submission's, from the student's.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Memory that no process maps, so that no limit counts it.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # Doors to much of the kernel that no notebook needs. The first opens sockets too.
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
}
"""System calls that are refused inside, with their numbers on the machines of `MACHINES`."""

SOCKET = (41, 198)
FAMILIES = (1, 2, 10, 16)
"""Sockets that can be made: local ones, IPv4, IPv6, netlink. The network's namespace holds these in; a
virtual machine's sockets to its host, say, it does not."""

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "riscv64": (1, 0xC00000F3)}
"""Which number of each call counts, and what the kernel calls the machine."""


class SandboxError(RuntimeError):
    """There is no sandbox on this machine, or it could not be made."""


def call_filter(machine: str) -> bytes:
    """The program by which the kernel judges each system call made inside (classic BPF, as seccomp reads it).

    Calls of another machine than this one of `MACHINES` (32 bits, x32) are refused as a whole.
    """
    column, name = MACHINES[machine]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, no_call, no_family = 0x7FFF0000, 0x00050000 | 38, 0x00050000 | 97  # ENOSYS, EAFNOSUPPORT
    numbers = [call[column] for call in REFUSED.values()]
    steps = [(load, 4, ""), (equal, name, "next"), (load, 0, ""), (at_least, 0x40000000, "no call")]
    steps += [(equal, number, "no call") for number in numbers]
    steps += [(equal, SOCKET[column], "next"), (load, 16, "")]
    steps += [(equal, family, "allow") for family in FAMILIES]
    ends = {"no family": len(steps), "no call": len(steps) + 1, "allow": len(steps) + 2}
    otherwise = {name: "no call", SOCKET[column]: "allow"}  # where a value is not equal; else the next step
    program = b""
    for place, (code, value, then) in enumerate(steps):
        to = [ends.get(goal, place + 1) - place - 1 for goal in (then, otherwise.get(value, ""))]
        program += struct.pack("=HBBI", code, *(to if then else (0, 0)), value)
    return program + b"".join(struct.pack("=HBBI", give, 0, 0, k) for k in (no_family, no_call, allow))


@contextlib.contextmanager
def refused_calls() -> Iterator[int]:
    """A file descriptor to pass to a sandboxed command: bubblewrap reads there which calls are refused."""
    read, write = os.pipe()
    try:
        with open(write, "wb") as file:
            file.write(call_filter(platform.machine()))
        yield read
    finally:
        os.close(read)


def sandbox_command(command: list[str], calls: int, places: Sequence[str] = OWN.places) -> list[str]:
    """The command that runs `command` in the sandbox; start it with `ENVIRONMENT`.

    `calls` is the file descriptor of `refused_calls`; pass it on. `places` can be read inside.

    Root's processes are bound by no process limit, so root first becomes another user. That takes
    two steps: the outer bubblewrap lays out the files, which root may read; the inner one, started
    as nobody, shuts the door to further namespaces.
    """
    key_lists = Path("/proc/keys"), Path("/proc/key-users")
    outer = [
        "bwrap",
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--setenv", SIGN, "1"),
        *("--hostname", "sandbox", "--seccomp", str(calls)),
        *("--proc", "/proc", "--dev", "/dev"),
        *(flag for path in key_lists if path.exists() for flag in ("--ro-bind", "/dev/null", str(path))),
        *("--size", str(limits.DISK_BYTES), "--perms", "1777", "--tmpfs", "/tmp"),
        *("--size", str(limits.DISK_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"),
        *_read_only(places),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
    ]
    if os.getuid() != 0:
        return [*outer, "--unshare-user", "--disable-userns", "--", *command]
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]  # nobody
    inner = ["bwrap", "--unshare-user", "--disable-userns", "--die-with-parent"]
    inner += ["--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--"]
    keep = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"]
    return [*outer, *keep, *drop, *inner, *command]


def _read_only(places: Sequence[str]) -> list[str]:
    """What can be seen inside: the system's programs, a Python, its packages, and this library."""
    flags: list[str] = []
    made, bound = set[Path](), list[Path]()
    for place in map(Path, (*SYSTEM, *SETTINGS, *places, str(LIBRARY.parent))):
        if any(place.is_relative_to(other) for other in bound):
            continue
        for folder in reversed(place.parents[:-1]):
            if folder not in made:  # bubblewrap would make it for root's eyes only
                flags += ["--perms", "0755", "--dir", str(folder)]
                made.add(folder)
        flags += ["--ro-bind-try", str(place), str(place)]
        bound.append(place)
    return flags


def missing(python: str = "") -> str | None:
    """Why there can be no sandbox with this `interpreter` on this machine, and what to do; or None."""
    if not sys.platform.startswith("linux"):
        return f"The sandbox needs Linux, found {sys.platform}."
    if shutil.which("bwrap") is None:
        return "The sandbox needs bubblewrap. On Debian or Ubuntu: sudo apt install bubblewrap"
    if platform.machine() not in MACHINES:
        return f"The sandbox knows the system calls of {', '.join(MACHINES)}, found {platform.machine()}."
    if why := why_not(python):
        return why
    inside = interpreter(python)
    with refused_calls() as calls:
        tried = subprocess.run(
            sandbox_command([inside.program, "-I", "-c", "pass"], calls, inside.places),
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            pass_fds=(calls,),
        )
    if tried.returncode:
        return (
            "bubblewrap (0.8 or newer is needed, and the kernel must let it make namespaces) "
            f"could not start Python: {tried.stderr.strip()[-300:]}"
        )
    return None
