"""The languages of one site with their words: the shipped catalogues, and what the site's own folder says otherwise.

A message is looked for in the site's own catalogue of a language, then in the shipped one, then in the same two of each
language that stands in for it. Catalogues are compiled from their .po files when they are first spoken: no .mo file is
kept.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.core.content import BOM
from portal.core.languages import Language, read_languages

CATALOGUES = Path(__file__).parent.parent / "translations"
FOLDER = "translations"
"""Where a site keeps its own table of languages and its own catalogues: below the folder of its content."""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")


class SiteLanguages:
    """The languages of a site: `all` by code, `targets` into which messages and content are translated (those that are
    begun only, too), `menu` that people are offered, `stored` in which everything that is stored may be written.
    """

    def __init__(self, own: Path | None = None) -> None:
        """`own` is the folder of the site's own content. Raises BrokenContentError with every slip of the tables."""
        self.own = own / FOLDER if own else None
        self.all = read_languages(CATALOGUES, self.own)
        self.targets = {code: language for code, language in self.all.items() if not language.is_source}
        self.menu = tuple(language for language in self.all.values() if language.in_menu)
        self.stored = tuple(code for code, language in self.all.items() if language.is_stored)
        self._words: dict[str, NullTranslations] = {}

    def words(self, code: str) -> NullTranslations:
        """The messages in this language, or in one that stands in for it."""
        if code not in self._words:
            self._words[code] = self._chained(self.all[code])
        return self._words[code]

    def own_catalogues(self) -> dict[Path, Language]:
        """The site's own catalogues that are there, by their files."""
        paths = {catalogue_path(language, self.own): language for language in self.all.values()} if self.own else {}
        return {path: language for path, language in paths.items() if path.exists()}

    def _chained(self, language: Language) -> NullTranslations:
        if language.test == "keys":
            return KeysInstead()
        spoken = (language, *(self.all[code] for code in language.fallbacks))
        chain = [words for one in spoken for words in self._layers(one)]
        for words, fallback in itertools.pairwise(chain):
            words.add_fallback(fallback)
        return chain[0]

    def _layers(self, language: Language) -> Iterator[NullTranslations]:
        for folder in filter(None, (self.own, CATALOGUES)):
            path = catalogue_path(language, folder)
            yield _compiled(read_catalogue(path, language)) if path.exists() else Translations()


def catalogue_path(language: Language, folder: Path = CATALOGUES) -> Path:
    """Where the words of this language stand."""
    return folder / language.catalogue / "LC_MESSAGES" / "portal.po"


def read_catalogue(path: Path, language: Language | None = None) -> Catalog:
    """The messages of a .po file in UTF-8. Raises PoFileError, OSError or UnicodeDecodeError."""
    lines = path.read_text(encoding="utf-8").removeprefix(BOM).splitlines(keepends=True)
    # Without `locale` the plural rule of a language would be lost where the file does not say it.
    return read_po(lines, locale=language.locale if language else None, abort_invalid=True)


def forms_of(entry: Message) -> list[str]:
    """What stands behind `msgstr` of a message: one text, or one for each plural form."""
    return [entry.string] if isinstance(entry.string, str) else [form or "" for form in entry.string or ()]


def is_translated(entry: Message) -> bool:
    """Whether every form of the message has its words."""
    forms = forms_of(entry)
    return bool(forms) and all(forms) and not entry.fuzzy


class KeysInstead(NullTranslations):
    """Every message as its key, and with what its placeholders are filled: "(%(name)s thanks you: Ana)"."""

    def gettext(self, message: str) -> str:
        """The key in parentheses, with a place behind it for each value."""
        values = ", ".join(dict.fromkeys(PLACEHOLDER.findall(message)))
        # Only a message with placeholders is sure to be filled in, and then each % of its key has to be doubled.
        return f"({message.replace('%', '%%')}: {values})" if values else f"({message})"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Both keys of the message."""
        return self.gettext(f"{singular} | {plural}")


def _compiled(catalogue: Catalog) -> Translations:
    for entry in catalogue:
        if entry.id and not is_translated(entry):
            entry.string = ""  # else gettext would take a plural without words for English
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
