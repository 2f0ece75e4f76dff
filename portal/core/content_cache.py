"""Content kept between starts: read, checked and rendered once for each version of its files.

Under data_dir lies one file for each version of late: an index, then what each loader made, pickled. A start only reads
the index; a part is loaded when somebody first asks for it, so that a start costs the same however much content there
is. A version is kept only after every check has passed: what is kept is sound.

Why pickle: rooms put dataclasses of their own into the library, and a format that knew all of them would be one more
place to touch for each room. Loading a pickle runs code, so nothing is unpickled that this site did not write: the
index carries an HMAC under a key made of the site's secret key, and the digest of each part. (Whoever can read that key
or write beside it needs no pickle any more.) Files are 0600 in a folder of 0700 and appear whole, by renaming; a
process holds its file open, so that it reads its own version even after a newer one has pushed it out.

Lost, damaged or written under another key: the content is read anew. Where nothing can be written, at every start.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import pickle
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import structlog

from portal.core.content import Library
from portal.core.content_version import Manifest, manifest
from portal.core.private_files import private_folder

Kind = TypeVar("Kind")
Loader = Callable[..., object]
log = structlog.get_logger()
FORMAT = 1
FOLDER = "content-cache"
KEPT = 4
"""How many versions stay: an old and a new one of the site may run over the same data_dir for a while."""


class DamagedError(Exception):
    """What was kept is not what this site wrote."""


class KeptParts:
    """One version that was kept. Its file stays open as long as this lives."""

    def __init__(self, file: BinaryIO, start: int, index: dict[str, tuple[int, int, str]]) -> None:
        self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)
        self._start = start
        self._index = index

    def __contains__(self, kind: type) -> bool:
        return _name(kind) in self._index

    def load(self, kind: type) -> Any:
        """The thing of this type. Raises DamagedError."""
        offset, length, digest = self._index[_name(kind)]
        body = os.pread(self._descriptor, length, self._start + offset)
        if hashlib.sha256(body).hexdigest() != digest:
            raise DamagedError(f"{_name(kind)} is damaged")
        return pickle.loads(body)  # noqa: S301  (its digest stands in the index that we signed)


class ContentCache:
    """The folder in which content is kept, and the key that shows that this site wrote it."""

    def __init__(self, data_dir: Path, secret: str) -> None:
        self._folder = data_dir / FOLDER
        self._key = hashlib.sha256(b"portal.content\0" + secret.encode()).digest()

    def version(self, seen: Manifest) -> str:
        """The version of these files; their bytes are read only when they have moved since they were last seen."""
        if seen.is_settled and (known := self._known_version(seen)):
            return known
        version = seen.version()
        if seen.is_settled:
            self._write("stamp", self._signed({"stamp": seen.stamp, "version": version}))
        return version

    def find(self, version: str) -> KeptParts | None:
        """What was kept of this version; None, and a line in the log when it is damaged, when there is nothing."""
        try:
            with self._file(version).open("rb") as file:
                index = self._verified(file.readline())
                if index["version"] != version:
                    raise DamagedError("it is another version")
                return KeptParts(file, file.tell(), index["parts"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, DamagedError) as error:
            log.warning("kept content is damaged", file=str(self._file(version)), error=str(error))
            return None

    def keep(self, version: str, things: Iterable[object]) -> None:
        """Keep what the loaders made; a folder that cannot be written is a line in the log."""
        parts, index, offset = [], {}, 0
        for thing in things:
            body = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
            index[_name(type(thing))] = (offset, len(body), hashlib.sha256(body).hexdigest())
            parts.append(body)
            offset += len(body)
        head = self._signed({"version": version, "parts": index})
        self._write(self._file(version).name, head + b"".join(parts))
        self._remove_old()

    def _known_version(self, seen: Manifest) -> str:
        try:
            known = self._verified((self._folder / "stamp").read_bytes())
        except (OSError, DamagedError):
            return ""  # the bytes are read: no harm done
        return str(known["version"]) if known["stamp"] == seen.stamp else ""

    def _file(self, version: str) -> Path:
        return self._folder / f"{version[:32]}.kept"

    def _signed(self, header: dict[str, Any]) -> bytes:
        body = json.dumps({"format": FORMAT, **header}).encode()
        return self._code(body) + b" " + body + b"\n"

    def _verified(self, line: bytes) -> dict[str, Any]:
        code, _, body = line.removesuffix(b"\n").partition(b" ")
        if not hmac.compare_digest(code, self._code(body)):
            raise DamagedError("this site did not write it so")
        header: dict[str, Any] = json.loads(body)
        if header["format"] != FORMAT:
            raise DamagedError("it is of another format")
        return header

    def _code(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, "sha256").hexdigest().encode()

    def _write(self, name: str, body: bytes) -> None:
        """Write a file so that others see the old one or the whole new one."""
        try:
            descriptor, draft = tempfile.mkstemp(prefix="draft-", dir=private_folder(self._folder))  # 0600
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
            os.replace(draft, self._folder / name)  # noqa: PTH105  (mkstemp gives a str)
        except OSError as error:
            log.warning("content not kept", folder=str(self._folder), error=str(error))

    def _remove_old(self) -> None:
        """Leave the newest versions; drafts of processes that were killed grow old and go, too."""
        with contextlib.suppress(OSError):  # another process removes the same
            files = [path for path in self._folder.iterdir() if path.name != "stamp"]
            for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
                path.unlink(missing_ok=True)


class KeptLibrary(Library):
    """The content folder, each part of it loaded when it is first asked for."""

    def __init__(self, see_files: Callable[[], Manifest], read: Callable[[], Library], cache: ContentCache) -> None:
        super().__init__()
        self._look = see_files
        self._read = read
        self._cache = cache
        self._parts: KeptParts | None = None
        self._lock = threading.RLock()
        self._is_sound = False

    def check(self) -> None:
        """See that the content is sound: known from an earlier start, else by reading it. Raises BrokenContentError."""
        with self._lock:
            if not self._is_sound:
                self._parts = self._cache.find(self._version())
                if self._parts is None:
                    self._read_anew()
                self._is_sound = True

    def get(self, kind: type[Kind]) -> Kind:
        """The thing of this type. Raises KeyError when no feature has loaded one, BrokenContentError."""
        if kind not in self:
            self.check()
            with self._lock:
                self._load(kind)
        return super().get(kind)

    def _load(self, kind: type) -> None:
        if kind in self or self._parts is None or kind not in self._parts:
            return
        try:
            self.put(self._parts.load(kind))
        except Exception as error:  # a pickle may fail in any way
            log.warning("kept content is damaged", part=kind.__name__, error=str(error))
            self._read_anew()

    def _read_anew(self) -> None:
        version = self._version()
        library = self._read()
        for thing in library:
            if type(thing) not in self:  # what was handed out already stays the same thing
                self.put(thing)
        self._parts = None
        if self._version() == version:  # else it was edited while it was read
            self._cache.keep(version, library)

    def _version(self) -> str:
        return self._cache.version(self._look())


def open_library(
    folder: Path,
    read: Callable[[], Library],
    loaders: Iterable[Loader],
    cache: ContentCache,
    *,
    own: Path | None = None,
    names: Iterable[str] = (),
    is_checked: bool = True,
) -> Library:
    """The content of this folder and the site's own, which `read` reads with these loaders, kept in `cache`.

    `names` are what this site lets files name: with other ones they are checked anew. `is_checked` False: it is looked
    at when it is first asked for something. Raises BrokenContentError with every problem at once.
    """
    library = KeptLibrary(partial(manifest, folder, tuple(loaders), tuple(names), own=own), read, cache)
    if is_checked:
        library.check()
    return library


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
