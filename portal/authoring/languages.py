"""Languages of the interface: begin one, and see how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from portal.authoring.translations import Work, count_sources, to_translate_into
from portal.core.content import Library
from portal.core.content_files import ContentFiles
from portal.core.errors import Conflict, NotFound
from portal.core.i18n import CATALOGUES, catalogue_path
from portal.core.languages import CODE, SOURCE_LANGUAGE, TABLE, Language, locale_of, read_languages

UNREAD = "not read by a native speaker"
"""The translator's comment above a message that still waits for one."""

WIDTH = 120
SUGGESTED = 3
HEADER = """\
# The {name} words of the Contributor Portal, under the portal's own licence.
# `make messages` brings new messages here; translate them by hand.
# A comment “{unread}” above a message says so; take it away when you have."""


@dataclass(frozen=True, slots=True)
class LanguageStatus:
    """How far a language has come. `unread` counts the messages that no native speaker has read yet."""

    language: Language
    messages: int
    translated: int
    unread: int
    files: int
    works: list[Work]

    @property
    def missing(self) -> int:
        """How many content files are not there."""
        return sum(work.state == "missing" for work in self.works)

    @property
    def stale(self) -> int:
        """How many content files were made from an older English text."""
        return sum(work.state == "stale" for work in self.works)


def status_of(language: Language, library: Library, content: ContentFiles, folder: Path = CATALOGUES) -> LanguageStatus:
    """How far this language has come in its catalogue and in the content."""
    own = _messages(catalogue_path(language, folder))
    return LanguageStatus(
        language=language,
        messages=len(own) or len(_template(folder)),
        translated=sum(is_translated(entry) for entry in own),
        unread=sum(UNREAD in entry.user_comments for entry in own),
        files=count_sources(library),
        works=to_translate_into(language.code, content, library),
    )


def is_translated(entry: Message) -> bool:
    """Whether every form of the message has its words."""
    forms = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
    return bool(forms) and all(forms) and not entry.fuzzy


def new_language(typed: str, folder: Path = CATALOGUES) -> list[Path]:
    """Write an empty catalogue and the language's lines in the table; the files written.

    `typed` is a code such as pt-br, or pt_BR. Raises NotFound with near codes for an unknown one, Conflict for one that
    is there.
    """
    code = typed.strip().replace("_", "-").lower()
    locale = locale_of(code) if CODE.fullmatch(code) else ""
    if not locale:
        raise NotFound(_unknown(typed, code))
    languages, path = read_languages(folder), folder / TABLE
    language = Language(code, locale)
    catalogue = catalogue_path(language, folder)
    if code in languages or catalogue.exists():
        raise Conflict(f"{languages.get(code, language).name} ({code}) is there already, and stays as it is.")
    words = _empty(language, _template(folder))
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    with catalogue.open("wb") as file:
        write_po(file, words, width=WIDTH)
    path.write_text(path.read_text(encoding="utf-8") + _lines(language, languages), encoding="utf-8")
    return [catalogue, path]


def _messages(path: Path) -> list[Message]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [entry for entry in read_po(file) if entry.id]


def _template(folder: Path) -> list[Message]:
    """All messages there are: each catalogue has them, for `make messages` brings them there."""
    paths = (catalogue_path(language, folder) for language in read_languages(folder).values())
    return next((messages for path in paths if (messages := _messages(path))), [])


def _empty(language: Language, template: list[Message]) -> Catalog:
    english = Locale.parse(language.locale).get_display_name(SOURCE_LANGUAGE)
    made = Catalog(
        locale=language.catalogue,
        header_comment=HEADER.format(name=english, unread=UNREAD),
        project="Contributor Portal",
        fuzzy=False,
    )
    for entry in template:
        made.add(entry.id, locations=entry.locations, auto_comments=entry.auto_comments, context=entry.context)
    return made


def _lines(language: Language, languages: dict[str, Language]) -> str:
    head, dash, _rest = language.code.rpartition("-")
    fallbacks = f'fallbacks = ["{head}"]\n' if dash and head in languages else ""
    return (
        f'\n[{language.code}]\nname = "{language.name}"\ndirection = "{language.direction}"\n'
        f"{fallbacks}in_menu = false\n"
    )


def _unknown(typed: str, code: str) -> str:
    near = [f"{other} ({name})" for other, name in _near(code)]
    known = "CLDR, from which names, dates and plural rules are taken, knows no language “{}”."
    return known.format(typed) + (f" Did you mean {', '.join(near)}?" if near else "")


def _near(typed: str) -> list[tuple[str, str]]:
    """Codes that were perhaps meant, each with its name in English: by that name or its beginning, or by the code."""
    names = Locale.parse(SOURCE_LANGUAGE).languages
    known = {other.replace("_", "-").lower(): name for other, name in names.items() if locale_of(other)}
    by_name = {name.casefold(): other for other, name in known.items()}
    first = typed.partition("-")[0]
    begun = [by_name[name] for name in sorted(by_name) if len(typed) > 1 and name.startswith(typed)]
    close = [by_name.get(word, word) for word in get_close_matches(typed, [*by_name, *known], SUGGESTED)]
    meant = [by_name[typed]] if typed in by_name else [*([first] if first in known else []), *begun, *close]
    return [(other, known[other]) for other in list(dict.fromkeys(meant))[:SUGGESTED]]
