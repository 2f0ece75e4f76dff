"""Files and folders of a site that nobody else on the machine may read, whatever umask a process was started with."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def private_folder(path: Path) -> Path:
    """This folder, made for its owner alone where it is missing. One that is there stays as it is."""
    try:
        path.mkdir(mode=FOLDER, parents=True)
    except FileExistsError:
        if not path.is_dir():
            raise
        return path
    path.chmod(FOLDER)
    return path


def private_file(path: Path) -> Path:
    """This file, empty where it is missing, for its owner alone: SQLite would make it as the umask says."""
    # Never with more rights for a moment: whoever opened it then could go on reading it. One that is there is not
    # opened: closing it would end every lock of this process on it, and others would take SQLite's log away.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, FILE))
    mode = path.stat()
    if mode.st_mode & 0o777 != FILE and mode.st_uid == os.geteuid():
        path.chmod(FILE)
    return path
