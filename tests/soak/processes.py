"""How much memory the processes of the site take, looked at again and again while it works."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.servers.deployed import Site

EVERY = 10.0


def memory_of(pid: int) -> float:
    """The megabytes that a process and all it has started hold for themselves: shared pages count in part (PSS)."""
    kilobytes = sum(_pss(one) for one in [pid, *_below(pid)])
    return kilobytes / 1024


def _below(pid: int) -> list[int]:
    found = [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]
    return [*found, *(deeper for one in found for deeper in _below(one))]


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Watch:
    """Notes the memory of the site's processes until it is told to stop."""

    def __init__(self, site: Site, every: float = EVERY) -> None:
        self._processes = {"web": site.web, "worker": site.worker}
        self._every, self._stop = every, threading.Event()
        self.seen: dict[str, list[float]] = {name: [] for name in self._processes}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            for name, process in self._processes.items():
                assert process is not None
                self.seen[name].append(memory_of(process.pid))


def growth(seen: list[float]) -> float:
    """How much more there is in the last fifth than in the second: 1.0 is flat. The first fifth warms up."""
    fifth = max(1, len(seen) // 5)
    early, late = seen[fifth : 2 * fifth] or seen[:1], seen[-fifth:]
    return (sum(late) / len(late)) / (sum(early) / len(early))
