"""How much memory a process held, for tests and measurements of what is large."""

from __future__ import annotations

import re
from pathlib import Path


def peak_memory() -> float:
    """The most that this process ever held, in MB, as Linux counts it (proc_pid_status(5), VmHWM).

    getrusage's ru_maxrss would not do: a process begins with what its parent held at most, for the kernel carries that
    over when a program is started (fs/exec.c, setmax_mm_hiwater_rss).
    """
    status = Path("/proc/self/status").read_text()
    held = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if held is None:
        raise RuntimeError("this system does not say how much memory a process held")
    return int(held[1]) / 1024
