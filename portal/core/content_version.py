"""Which version of the content this is: told without reading a file where no file has moved.

Two digests. The *stamp* is made of what the file system says of every file (size, times of change, inode): cheap, and
different whenever a file may have changed. The *version* is made of the bytes: the same after a checkout, a copy or a
new container that brought the same files. A stamp that was seen before stands for its version; any other one, or one
of files that changed a moment ago, has the bytes read: a second change within one tick of the clock of the file system
would leave the stamp as it is.

Both cover the code of the portal with its table of languages, the loaders of this site, the names that it lets files
use and the installed libraries, too: what they would read, refuse or render differently must not be taken from before.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from portal.core.languages import TABLE

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


def manifest(
    content: Path,
    loaders: Iterable[Callable[..., object]] = (),
    names: Iterable[str] = (),
    *,
    own: Path | None = None,
    code: Path = CODE,
) -> Manifest:
    """What stands in the content folders now, the code that reads it, the names it may use. Nothing is opened.

    `own` is the folder of the site's own content.
    """
    now = time.time_ns()
    read_by = (f"{load.__module__}.{load.__qualname__}" for load in loaders)
    readers = "\n".join([*read_by, *names, *_libraries()])
    files: list[tuple[str, str]] = []
    roots: list[tuple[Path, str | tuple[str, ...]]] = [
        (content, ""),
        (code, (".py", TABLE)),
        *([(own, "")] if own else []),
    ]
    stamped, newest = [*(str(root.absolute()) for root, _ending in roots), readers], 0
    for root, ending in roots:
        for name, path, status in _walk(str(root), ending):
            is_file = stat.S_ISREG(status.st_mode)
            changed, created = status.st_mtime_ns, status.st_ctime_ns
            stamped.append(f"{name}\0{status.st_ino} {status.st_size} {changed} {created}" if is_file else name)
            newest = max(newest, changed, created) if is_file else newest
            files.append((name, path if is_file else ""))
    stamp = hashlib.sha256("\0\0".join(stamped).encode(errors="surrogateescape")).hexdigest()
    return Manifest(stamp, newest < now - SETTLED, tuple(files), readers)


def _walk(root: str, ending: str | tuple[str, ...]) -> list[tuple[str, str, os.stat_result]]:
    """Name, path and status of all files of these endings and of the folders. Links are followed, as the readers do."""
    files, folders = [], [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders += [] if entry.name == "__pycache__" else [entry.path]
                    elif not entry.name.endswith(ending):
                        continue
                    files.append((entry.path.removeprefix(root), entry.path, _status(entry)))
        except OSError:
            pass  # whoever reads it tells what is wrong
    return sorted(files, key=itemgetter(0))


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    try:
        return entry.stat()
    except OSError:  # a link that leads nowhere
        return entry.stat(follow_symlinks=False)


def _libraries() -> list[str]:
    """Python and every installed distribution, by the names of their folders: nothing of them is read."""
    libraries = [sys.version]
    for folder in sys.path:
        if os.path.isdir(folder):  # noqa: PTH112  (a Path for each would cost more than the question)
            libraries += sorted(name for name in os.listdir(folder) if name.endswith(".dist-info"))  # noqa: PTH208  (as above)
    return libraries


def _bytes_of(path: str) -> bytes:
    """The bytes of a file; none for a folder, and none for what cannot be read: its reader tells that."""
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""
