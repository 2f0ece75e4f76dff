"""Real servers for the tests: each has a port of its own on loopback and is ended by its process id."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class CannotStart(Exception):
    """A server that a test needs cannot be started here. The message says what to install or where to look."""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: int) -> None:
    """Return once the server answers. Raises CannotStart with the end of its log when it died or took too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if answers():
            return
        time.sleep(0.2)
    last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise CannotStart(f"{process.args} did not answer within {seconds} s; {log} ends with:\n{last_lines}")


def stop(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> None:
    """End the server politely, and after 20 s without politeness."""
    process.send_signal(by)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
