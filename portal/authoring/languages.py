"""Languages of the interface: begin one, bring its messages up to date, and see how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from portal.authoring.translations import Work, count_sources, to_translate_into
from portal.core.catalogues import CATALOGUES, FOLDER, catalogue_path, is_translated, read_catalogue
from portal.core.content import Library, short_path
from portal.core.content_files import ContentFiles
from portal.core.errors import Conflict, NotFound
from portal.core.languages import CODE, SOURCE_LANGUAGE, TABLE, Language, locale_of, read_languages

UNREAD = "not read by a native speaker"
"""The translator's comment above a message that still waits for one."""

WIDTH = 120
SUGGESTED = 3
HEADER = """\
# The {name} words of the Contributor Portal, under the portal's own licence.
# `make messages` brings new messages here; translate them by hand.
# A comment “{unread}” above a message says so; take it away when you have."""


OWN_HEADER = """\
# Languages of this site beside those of the portal, each a table named by its code. What can be said of one:
# name, direction ("ltr" or "rtl"), locale, fallbacks, in_menu, is_stored. A table with the code of a language of the
# portal says otherwise only what it says: in_menu = false takes that one out of the menu.
"""


@dataclass(frozen=True, slots=True)
class CatalogueNews:
    """What was brought into a catalogue: how many messages are new in it, and how many the portal says no more."""

    path: Path
    added: int
    gone: int


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
    said = {_key(entry): entry for entry in _messages(catalogue_path(language, folder))}
    if mine := own_folder(content):
        said |= {_key(entry): entry for entry in _messages(catalogue_path(language, mine)) if is_translated(entry)}
    known = {_key(entry) for entry in _template(folder)}
    entries = [entry for key, entry in said.items() if key in known]
    return LanguageStatus(
        language=language,
        messages=len(known),
        translated=sum(is_translated(entry) for entry in entries),
        unread=sum(UNREAD in entry.user_comments for entry in entries),
        files=count_sources(library),
        works=to_translate_into(language.code, content, library),
    )


def own_folder(content: ContentFiles) -> Path | None:
    """Where the site keeps languages and words of its own; None without a folder of its own content."""
    return content.own / FOLDER if content.own else None


def new_language(typed: str, folder: Path = CATALOGUES, own: Path | None = None) -> list[Path]:
    """Write an empty catalogue and the language's lines in the table; the files written, in `own` where there is one.

    `typed` is a code such as pt-br, or pt_BR. Raises NotFound with near codes for an unknown one, Conflict for one that
    is there.
    """
    code = typed.strip().replace("_", "-").lower()
    locale = locale_of(code) if CODE.fullmatch(code) else ""
    if not locale:
        raise NotFound(_unknown(typed, code))
    languages, path = read_languages(folder, own), (own or folder) / TABLE
    language = Language(code, locale)
    catalogue = catalogue_path(language, own or folder)
    if code in languages or catalogue.exists():
        raise Conflict(f"{languages.get(code, language).name} ({code}) is there already, and stays as it is.")
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    _write(catalogue, _empty(language, _template(folder)))
    table = path.read_text(encoding="utf-8") if path.exists() else OWN_HEADER
    path.write_text(table + _lines(language, languages), encoding="utf-8")
    return [catalogue, path]


def bring_up_to_date(code: str, own: Path, folder: Path = CATALOGUES) -> CatalogueNews:
    """Bring the messages of today into a site's own catalogue; what is not said any more is commented out at its end.

    Raises NotFound without such a catalogue.
    """
    languages = read_languages(folder, own)
    path = catalogue_path(languages[code], own) if code in languages else own / code
    if not path.is_file():
        raise NotFound(f"There is no {short_path(path)}. `portal language new {code}` begins a language.")
    words = read_catalogue(path, languages[code])
    before = {_key(entry) for entry in words if entry.id}
    # Of a language that the portal speaks itself, an own catalogue has only what it says otherwise.
    entries, is_shipped = _template(folder), code in read_languages(folder)
    template = _empty(languages[code], [one for one in entries if not is_shipped or _key(one) in before])
    known = {_key(entry) for entry in template if entry.id}
    words.update(template, no_fuzzy_matching=True)
    _write(path, words)
    return CatalogueNews(path, added=len(known - before), gone=len(before - known))


def unknown_messages(path: Path, folder: Path = CATALOGUES) -> tuple[int, list[str]]:
    """How many messages a site's own catalogue has words for, and those among them that the portal does not say."""
    known = {_key(entry) for entry in _template(folder)}
    said = [_key(entry) for entry in _messages(path) if is_translated(entry)]
    return len(said), [key for key in said if key not in known]


def _messages(path: Path) -> list[Message]:
    return [entry for entry in read_catalogue(path) if entry.id] if path.exists() else []


def _key(entry: Message) -> str:
    return entry.id if isinstance(entry.id, str) else str(entry.id[0])


def _write(path: Path, words: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, words, width=WIDTH)


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
