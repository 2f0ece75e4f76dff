"""Which version of the content this is: told without reading a file where no file has moved.

Two digests. The *stamp* is made of what the file system says of every file (size, times of change, inode): cheap, and
different whenever a file may have changed. The *version* is made of the bytes: the same after a checkout, a copy or a
new container that brought the same files. A stamp that was seen before stands for its version; any other one, or one
of files that changed a moment ago, has the bytes read: a second change within one tick of the clock of the file system
would leave the stamp as it is.

Both cover the code of the portal, the loaders of this site and the installed libraries, too: what they would read,
refuse or render differently must not be taken from before.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SETTLED = 2_000_000_000
"""How many nanoseconds old every change must be for a stamp to be trusted: the coarsest clock counts by 2 seconds."""
CODE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Manifest:
    """Every file that the content depends on, in a fixed order, as it stands now. `stamp` changes when one moves."""

    stamp: str
    is_settled: bool
    _files: tuple[tuple[str, str], ...]
    _code: str

    def version(self) -> str:
        """The digest of all the bytes."""
        digest = hashlib.sha256(self._code.encode())
        for name, path in self._files:
            body = _bytes_of(path)
            digest.update(f"\0{name}\0{len(body)}\0".encode(errors="surrogateescape"))
            digest.update(body)
        return digest.hexdigest()


def manifest(content: Path, loaders: Iterable[Callable[..., object]] = (), *, code: Path = CODE) -> Manifest:
    """What stands in the content folder now, together with the code that reads it. Nothing is opened."""
    now = time.time_ns()
    readers = "\n".join([*(f"{load.__module__}.{load.__qualname__}" for load in loaders), *_libraries()])
    digest, newest, files = hashlib.sha256(f"{content.absolute()}\0{readers}".encode()), 0, []
    for root, is_part in ((content, _any), (code, _is_code)):
        for name, path, status in _walk(str(root), "", is_part):
            seen = (status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            is_file = stat.S_ISREG(status.st_mode)
            digest.update(f"\0{name}\0{seen if is_file else ''}".encode(errors="surrogateescape"))
            newest = max(newest, status.st_mtime_ns, status.st_ctime_ns) if is_file else newest
            files.append((name, path if is_file else ""))
    return Manifest(digest.hexdigest(), newest < now - SETTLED, tuple(files), readers)


def _walk(folder: str, prefix: str, is_part: Callable[[str], bool]) -> Iterator[tuple[str, str, os.stat_result]]:
    """Name, path and status of everything below, in the order of names. Links are followed, as the readers do."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return  # whoever reads it tells what is wrong
    for entry in found:
        name = f"{prefix}/{entry.name}"
        try:
            status = entry.stat()
        except OSError:  # a link that leads nowhere
            status = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            if is_part(""):
                yield name, entry.path, status
            if entry.name != "__pycache__":
                yield from _walk(entry.path, name, is_part)
        elif is_part(entry.name):
            yield name, entry.path, status


def _any(_name: str) -> bool:
    return True


def _is_code(name: str) -> bool:
    return name.endswith(".py")


def _libraries() -> list[str]:
    """Python and every installed distribution, by the names of their folders: nothing of them is read."""
    found = [sys.version]
    for place in sys.path:
        if os.path.isdir(place):  # noqa: PTH112  (a Path for each would cost more than the question)
            found += sorted(name for name in os.listdir(place) if name.endswith(".dist-info"))  # noqa: PTH208  (as above)
    return found


def _bytes_of(path: str) -> bytes:
    """The bytes of a file; none for a folder, and none for what cannot be read: its reader tells that."""
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""
