"""Run `nbgrader`, `rollout-lab` and kernels without paying for their imports each time.

A server imports once what commands need, and forks for each command that it is sent. The child gets the
command's arguments, folder, environment, input and outputs; its exit status is the command's. What runs is
the same code in a process of its own. What is saved is about two seconds of imports for a command and half
a second for a kernel. Where processes cannot fork or be waited for together (Windows, macOS) commands run
as always.
"""

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

MODULES = {"nbgrader": "nbgrader", "rollout-lab": "rollout_lab.cli", "kernel": "ipykernel_launcher"}
COMMANDS = (
    "nbgrader.apps",
    "rollout_lab.cli",
    *(
        f"rollout_lab.classroom.{name}"
        for name in (
            "build.student_bundle",
            "lms.collect",
            "grade.assignment",
            "build.papers",
            "report.class_report",
        )
    ),
)
"""What is imported beforehand for commands."""

KERNELS = ("ipykernel.kernelapp", "numpy", "rollout_lab.quiz")
"""What is imported beforehand for kernels: the first cell of a quiz imports no more."""


class WarmCommands:
    """A server of commands, as a context; `folder` holds its socket, `preload` says what it imports.

    `prefix` is a command that starts another one, the server here: as another user, say.
    """

    def __init__(
        self, folder: Path, preload: tuple[str, ...] = COMMANDS, *, prefix: Sequence[str] = (), env=None
    ):
        self.socket, self.preload, self.prefix, self.env = folder / "commands", preload, prefix, env
        self.server = None

    def __enter__(self):
        if not hasattr(os, "pidfd_open"):
            return self
        command = [sys.executable, "-m", "tests.warm_commands", "--serve", str(self.socket), *self.preload]
        self.server = subprocess.Popen(
            [*self.prefix, *command],
            cwd=Path(__file__).parents[1],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.server.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_error):
        if self.server is None:
            return
        os.killpg(self.server.pid, signal.SIGTERM)  # the server may be a child of the prefix
        self.server.wait()
        self.server.stdout.close()

    def run(self, *command: str, cwd: Path, env=None) -> subprocess.CompletedProcess:
        """What `subprocess.run` says of a command such as ("nbgrader", "export"), its outputs as text."""
        return subprocess.run(
            self.command(*command), cwd=cwd, env=env, capture_output=True, text=True, timeout=600
        )

    def command(self, *command: str) -> list[str]:
        """The command that sends another one to the server; that one itself where nothing can fork."""
        if self.server is None:
            return [*self.prefix, sys.executable, "-m", MODULES[command[0]], *command[1:]]
        return [sys.executable, "-SE", __file__, str(self.socket), *command]

    def shell(self) -> str:
        """Functions that take the commands' place in a shell."""
        return "\n".join(
            f"""{name}() {{ '{sys.executable}' -SE '{__file__}' '{self.socket}' {name} "$@"; }}"""
            for name in ("nbgrader", "rollout-lab")
        )


@contextlib.contextmanager
def warm_kernels(folder: Path, preload: tuple[str, ...] = KERNELS):
    """A context in which kernels share their imports; `folder` takes their socket and their description."""
    from unittest.mock import patch  # here, for its import takes longer than sending a command

    with WarmCommands(folder, preload) as server:
        spec = {
            "argv": server.command("kernel", "-f", "{connection_file}"),
            "display_name": "Python 3",
            "language": "python",
        }
        path = folder / "kernels" / "python3" / "kernel.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(spec), "utf-8")
        paths = filter(None, (str(folder), os.environ.get("JUPYTER_PATH")))
        with patch.dict(os.environ, JUPYTER_PATH=os.pathsep.join(paths)):
            yield


def _send(address: str, command: list[str]) -> int:
    """Have a command run, pass signals on to it, and return its exit status."""
    message = json.dumps({"command": command, "folder": os.getcwd(), "environment": dict(os.environ)})
    with socket.socket(socket.AF_UNIX) as connection:
        os.chdir(
            os.path.dirname(address)
        )  # a socket's address may be a hundred characters long, a folder's more
        connection.connect(os.path.basename(address))
        data = message.encode()
        socket.send_fds(connection, [len(data).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(data)
        with connection.makefile() as answers:
            pid = int(answers.readline())
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, _frame: os.kill(pid, number))
            return int(answers.readline() or 1)


def _serve(address: str, preload: list[str]) -> None:
    for name in preload:
        importlib.import_module(name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = os.getpid()
    os.chdir(os.path.dirname(address))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.basename(address))
        listener.listen()
        print("ready", flush=True)
        try:
            while True:
                connection, _from = listener.accept()
                if not os.fork():
                    signal.signal(signal.SIGTERM, signal.SIG_DFL)
                    listener.close()
                    _attend(connection)
                connection.close()
                _reap(os.WNOHANG)
        finally:
            if os.getpid() == server:
                _reap(0)


def _reap(options: int) -> None:
    """Wait for processes that have ended: only then does their time count as that of the tests."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _attend(connection) -> None:
    """Fork once more for the command itself, and send its process number and, in the end, its exit status."""
    length, descriptors, *_rest = socket.recv_fds(connection, 8, 3)
    data = b""
    while len(data) < int.from_bytes(length, "big"):
        data += connection.recv(65536)
    asked = json.loads(data)
    child = os.fork()
    if not child:
        connection.close()
        os._exit(_run(asked, descriptors))
    for descriptor in descriptors:
        os.close(descriptor)
    connection.sendall(f"{child}\n".encode())
    with selectors.DefaultSelector() as either:
        either.register(connection, selectors.EVENT_READ, "the sender has gone")
        either.register(os.pidfd_open(child), selectors.EVENT_READ, "the command has ended")
        if "the command has ended" not in {key.data for key, _events in either.select()}:
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):
        connection.sendall(f"{status}\n".encode())
    os._exit(0)


def _run(asked: dict, descriptors: list[int]) -> int:
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
    # The server's own streams remember what they led to: a file can be searched, a pipe cannot.
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, closefd=False, buffering=1)  # noqa: SIM115
        for number, mode in enumerate("rww")
    )
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.environ.pop("JPY_PARENT_PID", None)  # whoever starts a kernel is not its parent here
    name, *arguments = asked["command"]
    sys.argv = [name, *arguments]
    try:
        code = _main(name, arguments) or 0
    except SystemExit as end:
        code = end.code or 0
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code)


def _main(name: str, arguments: list[str]) -> int | None:
    if name == "rollout-lab":
        from rollout_lab.cli import main

        return main(arguments)
    if name == "nbgrader":
        from nbgrader.apps import NbGraderApp

        return NbGraderApp.launch_instance()
    from ipykernel.kernelapp import IPKernelApp

    _wait_for_ports(Path(arguments[arguments.index("-f") + 1]))
    return IPKernelApp.launch_instance()


def _wait_for_ports(connection: Path) -> None:
    """Wait while another process uses a port for a connection that was free when this kernel was given it."""
    asked = json.loads(connection.read_text("utf-8"))
    if asked["transport"] != "tcp":
        return
    ports = [port for name, port in asked.items() if name.endswith("_port") and port]
    for _attempt in range(100):
        try:
            for port in ports:
                with socket.socket() as probe:
                    probe.bind((asked["ip"], port))
            return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        _serve(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(_send(sys.argv[1], sys.argv[2:]))
