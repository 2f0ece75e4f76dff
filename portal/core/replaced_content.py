"""Of which shipped text each file of a site's own was made: replaced.toml in its own folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from portal.core.content import Problems, fingerprint, load_toml
from portal.core.content_files import LISTS, REPLACED, ContentFiles

HEADER = "# Written by `portal content replace`, `new` and `stamp`: of which shipped text each file here was made.\n"


def changed_below(files: ContentFiles) -> list[str]:
    """The files of the site's own that were made of another shipped text than there is now, as far as it is noted."""
    noted = _noted(files)
    return [name for name in files.replaced if noted.get(name, "") not in {"", _mark(files.shipped / name)}]


def note_made_of(files: ContentFiles, names: Iterable[str]) -> bool:
    """Note that these files of the site's own are made of the shipped ones of today; whether that is new."""
    noted = _noted(files)
    shipped = ((name, files.shipped / name) for name in names if name not in LISTS)
    made = {**noted, **{name: _mark(path) for name, path in shipped if path.is_file()}}
    if files.own is None or made == noted:
        return False
    lines = (f'"{name}" = "{mark}"\n' for name, mark in sorted(made.items()) if (files.own / name).exists())
    (files.own / REPLACED).write_text(HEADER + "".join(lines), encoding="utf-8")
    return True


def _noted(files: ContentFiles) -> dict[str, str]:
    path = files.place(REPLACED)
    noted = load_toml(path, Problems()) if files.own and path.is_file() else {}
    return {name: str(mark) for name, mark in noted.items()}


def _mark(path: Path) -> str:
    return fingerprint(path.read_text(encoding="utf-8"))
