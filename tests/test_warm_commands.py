"""What the tests start commands and kernels with."""

import json
import socket
import sys
import threading

import pytest

if sys.platform == "win32":
    pytest.skip("commands run as always there", allow_module_level=True)

from .warm_commands import _wait_for_ports


def test_a_kernel_waits_for_a_port_that_another_process_has_just_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        connection = {"transport": "tcp", "ip": "127.0.0.1", "shell_port": taken.getsockname()[1]}
        path = tmp_path / "kernel.json"
        path.write_text(json.dumps(connection), "utf-8")
        waiting = threading.Thread(target=_wait_for_ports, args=[path])
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(10)
    assert not waiting.is_alive()
