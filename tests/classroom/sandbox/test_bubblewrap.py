"""What a process inside the walls sees: on root's road, and on the one of an ordinary user."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.sandbox import bubblewrap
from rollout_lab.classroom.sandbox.bubblewrap import (
    ENVIRONMENT,
    SIGN,
    call_filter,
    refused_calls,
    sandbox_command,
)

pytestmark = pytest.mark.needs("bubblewrap")

LOOK = r"""
import ctypes, errno, json, os, platform, socket, stat, sys

libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]

def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return errno.errorcode[error.errno]

def writable(top):
    found = []
    for folder, _folders, files in os.walk(top):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            if os.access(path, os.W_OK) and not os.path.islink(path):
                found.append(path)
    return {path for path in found if not stat.S_ISCHR(os.stat(path).st_mode)}

status = {name: value.strip() for name, value in (line.split(":", 1) for line in open("/proc/self/status"))}
calls = json.loads(sys.argv[1])
def opened(family):
    return attempt(lambda: socket.socket(getattr(socket, family), socket.SOCK_STREAM) and 1)

families = ("AF_UNIX", "AF_INET", "AF_INET6", "AF_VSOCK", "AF_ALG", "AF_PACKET")
print(json.dumps({
    "descriptors": sorted(set(os.listdir("/proc/self/fd")) - {"3"}),  # 3 lists them
    "environment": sorted(os.environ),
    "capabilities": {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16},
    "no new privileges": status["NoNewPrivs"],
    "filter of calls": status["Seccomp"],
    "root": 0 in (os.getuid(), os.geteuid(), os.getgid()) or 0 in os.getgroups(),
    "host": socket.gethostname(),
    "terminal": attempt(lambda: os.open("/dev/tty", os.O_RDWR)),
    "session": os.getsid(0) != 0,
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]) <= 3,
    "refused calls": {name: call(number, 0, 0, 0, 0, 0) for name, number in calls.items()},
    "calls of another machine": call(0x40000000 + 39),
    "another user namespace": attempt(lambda: libc.unshare(0x10000000)),
    "keys": attempt(lambda: open("/proc/keys").read()),
    "sockets": {family: opened(family) for family in families},
    "neighbour's socket": attempt(lambda: socket.socket(socket.AF_UNIX).connect("\0rollout-lab-test")),
    "network": [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]],
    "not there": [path for path in json.loads(sys.argv[2]) if os.path.exists(path)],
    "writable": sorted({"/tmp"} & writable("/tmp") | writable("/etc") | writable("/dev") - {"/dev/pts"}),
    "settings of the kernel": sorted(writable("/proc/sys")),
    "disks": [os.statvfs(path).f_blocks * os.statvfs(path).f_frsize for path in ("/tmp", "/dev/shm")],
    "segments": len(open("/proc/sysvipc/shm").readlines()),
}))
"""
COLUMN = bubblewrap.MACHINES.get(platform.machine(), (0,))[0]
NOT_THERE = [
    *("/root", "/home", "/sys", "/run", "/var", "/boot", "/mnt", "/etc/passwd", "/etc/hostname"),
    *("/etc/machine-id", "/etc/shadow", "/etc/krb5.conf", str(Path(__file__).parents[3] / "quizzes")),
]
if Path(sys.base_prefix).is_relative_to("/root"):
    NOT_THERE.remove("/root")  # the way to this Python leads through it
EXPECTED = {
    "descriptors": ["0", "1", "2"],
    "environment": sorted({*ENVIRONMENT, SIGN, "PWD"}),
    "capabilities": True,
    "no new privileges": "1",
    "filter of calls": "2",
    "root": False,
    "host": "sandbox",
    "terminal": "ENXIO",
    "session": True,
    "processes": True,
    "refused calls": dict.fromkeys(bubblewrap.REFUSED, "ENOSYS"),
    "calls of another machine": "ENOSYS",
    "another user namespace": "-1",
    "sockets": {
        **dict.fromkeys(("AF_UNIX", "AF_INET", "AF_INET6"), "1"),
        **dict.fromkeys(("AF_VSOCK", "AF_ALG", "AF_PACKET"), "EAFNOSUPPORT"),
    },
    "neighbour's socket": "ECONNREFUSED",
    "network": ["lo"],
    "not there": [],
    "writable": ["/dev/shm", "/tmp"],
    "disks": [limits.DISK_BYTES, limits.DISK_BYTES],
    "segments": 1,
}
JOIN = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
keyctl, add_key = ((250, 248) if os.uname().machine == "x86_64" else (219, 217))
libc.syscall(keyctl, 1, b"rollout-lab-test")
libc.syscall(add_key, b"user", b"rollout-lab-test", b"a ticket", 8, -3)
os.umask(0o077)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Starts a program with a key in its session's keyring, as with Kerberos, and a narrow umask."""


def look(monkeypatch, road: str) -> dict:
    """What a system's Python sees inside, on root's road or on an ordinary user's."""
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("there is no Python of the system's")
    lower = []
    if road == "root" and os.getuid():
        pytest.skip("only root can go root's road")
    if road == "ordinary user" and not os.getuid():
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        lower = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--bounding-set=-all"]
        lower += ["--inh-caps=-all", "--"]
    numbers = json.dumps({name: number[COLUMN] for name, number in bubblewrap.REFUSED.items()})
    with refused_calls() as calls:
        inside = sandbox_command([python, "-I", "-c", LOOK, numbers, json.dumps(NOT_THERE)], calls, places=())
        done = subprocess.run(
            [*lower, python, "-I", "-c", JOIN, *inside],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            pass_fds=(calls,),
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("road", ["root", "ordinary user"])
def test_what_a_process_inside_sees(monkeypatch, road):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0rollout-lab-test")
        listener.listen()
        seen = look(monkeypatch, road)
    own = ("/proc/sys/fs/mqueue/", "/proc/sys/kernel/ns_last_pid")  # of its own namespaces, like these:
    own += tuple(f"/proc/sys/kernel/{name}" for name in ("auto_msgmni", "msg", "pid_max", "sem", "shm"))
    assert [path for path in seen.pop("settings of the kernel") if not path.startswith(own)] == []
    assert seen.pop("keys") in ("EACCES", "ENOENT", "''")
    assert seen == EXPECTED


def test_the_filter_knows_every_machine_and_names_the_one_that_it_does_not_know(monkeypatch):
    assert {len(call_filter(machine)) % 8 for machine in bubblewrap.MACHINES} == {0}
    monkeypatch.setattr(platform, "machine", lambda: "m68k")
    assert "found m68k" in bubblewrap.missing()


def test_many_sandboxes_start_at_a_time():
    """The filter is read from a pipe of each one's own."""
    done = []

    def start():
        with refused_calls() as calls:
            command = sandbox_command(["/bin/true"], calls, places=())
            done.append(subprocess.run(command, env=ENVIRONMENT, pass_fds=(calls,), timeout=60).returncode)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [0] * 8
