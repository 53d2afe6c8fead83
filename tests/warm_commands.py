"""Run `nbgrader` and `rollout-lab` as commands without paying for their imports each time.

A server imports them once and forks for each command that it is sent: the child gets the command's arguments,
folder, environment, input and outputs, and its exit status is the command's. What runs is the same code in a
process of its own; what is saved is about two seconds of imports.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

MODULES = {"nbgrader": "nbgrader", "rollout-lab": "rollout_lab.cli"}


class WarmCommands:
    """The process that runs commands; `folder` holds its socket. Use it as a context."""

    def __init__(self, folder: Path):
        self.socket = folder / "commands"
        self.server = None

    def __enter__(self):
        if not hasattr(os, "fork"):
            return self
        command = [sys.executable, "-m", "tests.warm_commands", str(self.socket)]
        self.server = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.server.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_error):
        if self.server is None:
            return
        self.server.terminate()
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
            return [sys.executable, "-m", MODULES[command[0]], *command[1:]]
        return [sys.executable, "-SE", __file__, str(self.socket), *command]

    def shell(self) -> str:
        """Functions that take the commands' place in a shell."""
        return "\n".join(
            f"""{name}() {{ '{sys.executable}' -SE '{__file__}' '{self.socket}' {name} "$@"; }}"""
            for name in MODULES
        )


def _send(address: str, command: list[str]) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        message = json.dumps({"command": command, "folder": os.getcwd(), "environment": dict(os.environ)})
        data = message.encode()
        socket.send_fds(connection, [len(data).to_bytes(8, "big")], [0, 1, 2])
        connection.sendall(data)
        return int(connection.recv(16) or 1)


def _serve(address: str) -> None:
    import nbgrader.apps

    import rollout_lab.classroom.bundle
    import rollout_lab.classroom.collecting
    import rollout_lab.classroom.grade
    import rollout_lab.classroom.papers
    import rollout_lab.classroom.report
    import rollout_lab.cli

    run = {"nbgrader": nbgrader.apps.NbGraderApp.launch_instance, "rollout-lab": rollout_lab.cli.main}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while True:
            connection, _from = listener.accept()
            if os.fork():
                connection.close()
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(-1, os.WNOHANG)
                continue
            listener.close()
            _attend(connection, run)


def _attend(connection, run) -> None:
    """Fork once more for the command itself, and send its exit status."""
    length, descriptors, *_rest = socket.recv_fds(connection, 8, 3)
    data = b""
    while len(data) < int.from_bytes(length, "big"):
        data += connection.recv(65536)
    asked = json.loads(data)
    if child := os.fork():
        connection.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        os._exit(0)
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    name, *arguments = asked["command"]
    sys.argv = [name, *arguments]
    try:
        sys.exit(run[name](arguments))
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1 if code else 0)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(_send(sys.argv[1], sys.argv[2:]))
    _serve(sys.argv[1])
