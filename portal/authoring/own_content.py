"""A site's own content beside the shipped one: what it replaces, adds and hides, and what has changed below it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.authoring.languages import unknown_messages
from portal.core.catalogue_checks import checked_languages
from portal.core.catalogues import FOLDER as WORDS
from portal.core.content import Problems, load_toml, short_path
from portal.core.content_files import LISTS, ContentFiles
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.hidden_content import FILE as HIDDEN
from portal.core.hidden_content import Hide
from portal.core.i18n import SHIPPED, languages_of
from portal.core.languages import TABLE
from portal.core.replaced_content import changed_below, note_made_of

SHOWN = 3
"""So many messages that the portal does not say are named."""


@dataclass(frozen=True, slots=True)
class OwnContentLine:
    """What is otherwise than shipped: `how` is replaced, added, hidden or left out; `why` says more, or nothing."""

    how: str
    what: str
    why: str = ""


def overview(files: ContentFiles) -> list[OwnContentLine]:
    """Everything that is otherwise than shipped, in the order of replaced, added, hidden, left out."""
    changed = set(changed_below(files))
    note = "the shipped file has changed since: look at both, then stamp yours"
    lists = [line for name in sorted(LISTS) for line in _entries(files, name)]
    return [
        *(OwnContentLine("replaced", name, note if name in changed else "") for name in files.replaced),
        *(line for line in lists if line.how == "replaced"),
        *(OwnContentLine("added", name) for name in files.added if not name.startswith(f"{WORDS}/")),
        *(line for line in lists if line.how == "added"),
        *_words(files),
        *_hidden(files),
        *(
            OwnContentLine("left out", name, "it translates the shipped text that you replaced")
            for name in sorted(files.left_out)
        ),
    ]


def take_over(files: ContentFiles, name: str) -> Path:
    """Copy a shipped file into the site's own folder, there to be changed; the copy.

    Raises Invalid without such a folder, NotFound or Conflict.
    """
    if files.own is None:
        raise Invalid("There is no folder of your own: name one in [site] content of the settings, and make it.")
    source, copy = files.shipped / name, files.own / name
    if name in LISTS:
        raise Invalid(f"{name} is a list: write into your own {name} only the entries that you add or change.")
    if ".." in Path(name).parts or not source.is_file():
        raise NotFound(f"No file {name} is shipped. Write its name as in pages/privacy.md or roles/mentor.fr.md.")
    if copy.exists():
        raise Conflict(f"{short_path(copy)} is there already, and stays as it is.")
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, copy)
    note_made_of(files, [name])
    return copy


def check_own(files: ContentFiles, problems: Problems) -> None:
    """Note what keeps no site from starting, but helps nobody: files that nothing reads, hides that hide nothing."""
    for name in files.unread:
        if "/" in name or Path(name).stem.upper() not in {"README", "LICENSE", "COPYING"}:
            mend = "put it below pages, roles or tracks, or remove it"
            problems.add(files.place(name), 1, "nothing reads this file", mend)
    _check_words(files, problems)
    used = {hide for hide, _entry in _hidden_entries(files)}
    for hide in files.hides:
        if hide not in used and not any(hide.covers(name) for name in files.hidden):
            what = f"{hide.what} names nothing that is shipped"
            problems.add(files.place(HIDDEN), hide.line, what, "mend its spelling, or remove it")


def _check_words(files: ContentFiles, problems: Problems) -> None:
    languages = checked_languages(files.own, Problems())  # its slips are told where the content is read
    known = {*languages.own_catalogues(), files.place(f"{WORDS}/{TABLE}")}
    for name in files.added:
        # Editors of catalogues write a compiled file beside each.
        if name.startswith(f"{WORDS}/") and files.path(name) not in known and not name.endswith(".mo"):
            mend = f"name it {WORDS}/<code>/LC_MESSAGES/portal.po, and add a new language to {WORDS}/{TABLE}"
            problems.add(files.path(name), 1, "nothing reads this file", mend)


def _words(files: ContentFiles) -> Iterator[OwnContentLine]:
    """Languages that the site adds, and those of which it says something otherwise."""
    for path, language in languages_of(files.own).own_catalogues().items():
        number, unknown = unknown_messages(path)
        how = "replaced" if language.code in SHIPPED.all else "added"
        told = ", ".join(f"“{text}”" for text in unknown[:SHOWN])
        why = f"the portal does not say {len(unknown)} of them: {told}" if unknown else ""
        count = f"{number} message{'' if number == 1 else 's'}"
        yield OwnContentLine(how, f"{language.name} ({language.code}): {count}", why)


def _hidden(files: ContentFiles) -> Iterator[OwnContentLine]:
    counts = Counter([*files.hidden.values(), *(hide for hide, _entry in _hidden_entries(files))])
    for hide in (hide for hide in files.hides if counts[hide]):
        several = f" ({counts[hide]} of them)" if counts[hide] > 1 else ""
        yield OwnContentLine("hidden", f"{hide.what}{several}", hide.reason)


def _hidden_entries(files: ContentFiles) -> Iterator[tuple[Hide, str]]:
    """Every entry of a shipped list that is hidden, with what hides it."""
    for name in sorted(LISTS):
        for slug in _slugs(files.shipped / name):
            yield from ((hide, f"{name}#{slug}") for hide in files.hides if hide.covers_entry(name, slug))


def _entries(files: ContentFiles, name: str) -> Iterator[OwnContentLine]:
    """What the site's own list adds to the shipped one, and which of its entries it replaces."""
    if len(files.layers(name)) < 2:
        return
    shipped, own = (_slugs(path) for path in files.layers(name))
    replaced, added = ([slug for slug in own if (slug in shipped) is is_there] for is_there in (True, False))
    for how, slugs in (("replaced", replaced), ("added", added)):
        if slugs:
            yield OwnContentLine(how, f"{name}: {', '.join(slugs)}")


def _slugs(path: Path) -> list[str]:
    tables = load_toml(path, Problems()).values()
    entries = (entry for table in tables if isinstance(table, list) for entry in table if isinstance(entry, dict))
    return [str(entry.get("slug") or entry.get("name")) for entry in entries]
