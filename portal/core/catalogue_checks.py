"""A site's own catalogues, checked as its other content is: what would break a page keeps the site from starting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError

from portal.core.catalogues import PLACEHOLDER, SiteLanguages, forms_of, is_translated, read_catalogue
from portal.core.content import BOM, BrokenContentError, Problems
from portal.core.i18n import SHIPPED, languages_of
from portal.core.languages import Language

LINE = re.compile(r'((msgid|msgid_plural|msgctxt|msgstr(\[\d+\])?)\s+)?"([^"\\]|\\.)*"')


def checked_languages(own: Path | None, problems: Problems) -> SiteLanguages:
    """The languages of a site with this folder of its own; every slip of its table and catalogues is noted.

    With a slip in the table: those that are shipped.
    """
    try:
        languages = languages_of(own)
    except BrokenContentError as broken:
        problems.found.extend(broken.problems)
        return SHIPPED
    for path, language in languages.own_catalogues().items():
        _check(path, language, problems)
    return languages


def _check(path: Path, language: Language, problems: Problems) -> None:
    mend = 'write msgid, then msgstr, each text in quotes, and a quote inside as \\"'
    try:
        # The reader drops what it does not understand without a word.
        for number in (number for number, line in _said(path) if not LINE.fullmatch(line)):
            problems.add(path, number, "no line of a catalogue", mend)
        catalogue = read_catalogue(path, language)
    except PoFileError as error:
        problems.add(path, (error.lineno or 0) + 1, f"not a valid catalogue: {error}", mend)
        return
    except (OSError, ValueError) as error:
        problems.add(path, 1, f"the file cannot be read ({error})", "save it as UTF-8, readable")
        return
    for entry in (entry for entry in catalogue if entry.id):
        for what, mend in _slips(entry):
            problems.add(path, entry.lineno or 1, what, mend)


def _said(path: Path) -> Iterator[tuple[int, str]]:
    lines = path.read_text(encoding="utf-8").removeprefix(BOM).splitlines()
    numbered = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return ((number, line) for number, line in numbered if line and not line.startswith("#"))


def _slips(entry: Message) -> Iterator[tuple[str, str]]:
    forms, ids = forms_of(entry), [entry.id] if isinstance(entry.id, str) else list(entry.id)
    if any(forms) and not all(forms):
        yield f"“{ids[0]}” has not all its plural forms", f"fill in all {len(forms)}, or none"
    if is_translated(entry) and not _can_be_filled(forms, ids):
        known = ", ".join(dict.fromkeys(PLACEHOLDER.findall(" ".join(ids)))) or "none"
        mend = f"write them as the message does ({known}), and a percent sign as %%"
        yield f"“{ids[0]}”: what begins with % cannot be filled in", mend


def _can_be_filled(forms: list[str], ids: list[str]) -> bool:
    """Whether these texts take the values that the message itself takes. One that takes no format is not asked."""
    names = {name[2:-2] for text in ids for name in PLACEHOLDER.findall(text)}
    values = dict.fromkeys(names, 0)
    return not all(_fits(text, values) for text in ids) or all(_fits(text, values) for text in forms)


def _fits(text: str, values: dict[str, int]) -> bool:
    try:
        text % values
    except (KeyError, ValueError, TypeError):
        return False
    return True
