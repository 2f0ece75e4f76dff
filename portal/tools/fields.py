"""Single fields of a toolinfo record, made sound. Each gives what is good in a value, and notes the rest. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from portal.tools.links import web_address

MISSING: Any = object()
MOST_ITEMS = 200
"""How many authors, wikis, languages or links of one record are kept."""
MOST_NOTES = 40

_WIKI = re.compile(
    r"^(\*|(.*)?\.?(mediawiki|wiktionary|wiki(pedia|quote|books|source|news|versity|data|voyage|media))\.org)$"
)
_WIKI_CHARS = re.compile(r"[a-z0-9.*-]+")
_LANGUAGE = re.compile(r"(x-[A-Za-z0-9-]+|[A-Za-z]{2,3}(-[A-Za-z0-9-]+)?)")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_ICON = re.compile(r"https://commons\.wikimedia\.org/wiki/File:.+\..+")
_PROJECTS = {"wiki": "wikipedia"} | {
    name: name
    for name in ("wiktionary", "wikiquote", "wikibooks", "wikisource", "wikinews", "wikiversity", "wikivoyage")
}
_WIKI_IDS = {
    "commonswiki": "commons.wikimedia.org",
    "commons": "commons.wikimedia.org",
    "metawiki": "meta.wikimedia.org",
    "wikidatawiki": "www.wikidata.org",
    "wikidata": "www.wikidata.org",
    "mediawikiwiki": "www.mediawiki.org",
}
_WIKI_ID = re.compile(r"([a-z][a-z_]{1,11}?)(wiki(?:|tionary|quote|books|source|news|versity|voyage))")
_TYPE_WORDS = {
    "webapp": "web app",
    "website": "web app",
    "web application": "web app",
    "desktop application": "desktop app",
    "userscript": "user script",
    "script": "user script",
    "cli": "command line tool",
    "command line": "command line tool",
    "library": "coding framework",
    "framework": "coding framework",
    "module": "lua module",
}
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0", ""}


class Notes:
    """What was mended in a record, in words for whoever imports it. A hostile record cannot make it long."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, note: str) -> None:
        """Note one thing."""
        if len(self.found) == MOST_NOTES:
            self.found.append("and more of the kind")
        elif len(self.found) < MOST_NOTES and note not in self.found:
            self.found.append(note)


def kind_of(value: Any) -> str:
    """What kind of value this is, in JSON's words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def quoted(value: Any) -> str:
    """A value for a note: short, on one line, harmless on a terminal."""
    text = clean(value) if isinstance(value, str) else kind_of(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”" if isinstance(value, str) else text


def clean(value: str, *, lines: bool = False) -> str:
    """A text without spaces around it and without characters that cannot be stored or shown.

    Those are control characters, halves of surrogate pairs, and marks that turn the direction of a whole line.
    """
    kept = (
        letter
        if unicodedata.category(letter) not in ("Cc", "Cs", "Cf") or letter in "\u200c\u200d"
        else letter
        if lines and letter in "\n\t"
        else " "
        if letter in "\n\r\t"
        else ""
        for letter in value
    )
    text = "".join(kept).strip()
    return text if lines else " ".join(text.split())


def text(value: Any, key: str, longest: int, notes: Notes, *, lines: bool = False) -> str:
    """A text of at most `longest` characters; empty when there is none."""
    if value is MISSING:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        notes.add(f"{key} was a number and became a text")
        value = str(value)
    if not isinstance(value, str):
        notes.add(f"left out {key}: it is {kind_of(value)}, not a text")
        return ""
    # Cut first: a text of a million characters is not looked at letter by letter.
    said = clean(value[: longest * 2], lines=lines)
    if len(said) > longest or len(value) > longest * 2:
        notes.add(f"{key} was cut to {longest:,} characters")
        said = said[: longest - 1].rstrip() + "…"
    return said


def texts(value: Any, key: str, notes: Notes) -> list[str]:
    """A list of short texts; a single one becomes a list."""
    if isinstance(value, dict):
        notes.add(f"left out {key}: it is an object, not a text or a list")
        return []
    items = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(said for item in some(items, key, notes) if (said := text(item, key, 255, notes))))


def some(items: Sequence[Any], key: str, notes: Notes) -> Sequence[Any]:
    """As many items as are kept."""
    if len(items) > MOST_ITEMS:
        notes.add(f"{key} was cut to {MOST_ITEMS} entries")
    return items[:MOST_ITEMS]


def flag(value: Any, key: str, notes: Notes) -> bool | None:
    """True or false; None when it cannot be told."""
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower() if isinstance(value, (str, int)) else None
    if said in _YES or said in _NO:
        notes.add(f"{key} became true or false")
        return said in _YES
    notes.add(f"left out {key}: it is {kind_of(value)}, not true or false")
    return None


def link(value: Any, key: str, notes: Notes) -> str | None:
    """An http or https address."""
    found = web_address(value)
    if found is None:
        notes.add(f"left out {key}: it is no http or https address: {quoted(value)}")
    elif found != value:
        notes.add(f"the address in {key} was tidied")
    return found


def first_link(value: Any, key: str, notes: Notes) -> str | None:
    """The one address of a tool: of several the first that is sound."""
    if isinstance(value, (dict, list)):
        notes.add(f"{key} was {kind_of(value)}: its first address was taken")
        found = _by_language(value, key, "en", notes)
        return found[0]["url"] if found else None
    address = web_address(value)
    if address and address != value:
        notes.add(f"the address in {key} was tidied")
    return address


def alternates(given: dict[str, Any], language: str, notes: Notes) -> list[dict[str, str]]:
    """Other addresses of the tool, each with its language."""
    value = given.get("url_alternates", MISSING)
    return [] if value is MISSING else _by_language(value, "url_alternates", language, notes)


def links_by_language(value: Any, key: str, language: str, notes: Notes) -> str | list[dict[str, str]] | None:
    """One address, or a list of addresses with their languages."""
    if isinstance(value, str):
        return link(value, key, notes)
    return _by_language(value, key, language, notes)


def _by_language(value: Any, key: str, language_given: str, notes: Notes) -> list[dict[str, str]]:
    if isinstance(value, (dict, str)):
        notes.add(f"{key} became a list")
        value = [value]
    if not isinstance(value, list):
        notes.add(f"left out {key}: it is {kind_of(value)}, not a list of addresses")
        return []
    made = []
    for item in some(value, key, notes):
        address = link(item.get("url") if isinstance(item, dict) else item, key, notes)
        if not address:
            continue
        said = item.get("language", MISSING) if isinstance(item, dict) else MISSING
        made.append({"language": language(said, key, notes) or language_given, "url": address})
        if isinstance(item, dict) and item.keys() - {"url", "language"}:
            notes.add(f"left out what {key} does not know")
    return made


def language(value: Any, key: str, notes: Notes) -> str | None:
    """The code of a language."""
    if value is MISSING:
        return None
    code = clean(value).replace("_", "-") if isinstance(value, str) else ""
    if len(code) > 16 or not _LANGUAGE.fullmatch(code):
        notes.add(f"left out of {key}: {quoted(value)} is no language code")
        return None
    if code != value:
        notes.add(f"the language {quoted(value)} became {code}")
    return code


def languages(value: Any, notes: Notes) -> list[str] | str | None:
    """The codes of the languages a tool speaks; "*" for all."""
    key = "available_ui_languages"
    if value is MISSING:
        return None
    if isinstance(value, str):
        value = [part for part in re.split(r"[,;\s]+", value.strip()) if part]
    if not isinstance(value, list):
        notes.add(f"left out {key}: it is {kind_of(value)}")
        return None
    if "*" in value:
        return "*"
    found = (language(item, key, notes) for item in some(value, key, notes))
    return list(dict.fromkeys(code for code in found if code))


def wikis(value: Any, notes: Notes) -> list[str] | None:
    """The wikis a tool is for: host names, with * for any."""
    key = "for_wikis"
    if value is MISSING:
        return None
    items = re.split(r"[,;\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        notes.add(f"left out {key}: it is {kind_of(value)}")
        return None
    made: list[str] = []
    for item in some(items, key, notes):
        host = _wiki(item)
        if host is None:
            notes.add(f"left out of {key}: {quoted(item)} is no wiki we know")
        elif host not in made:
            made.append(host)
            if host != item:
                notes.add(f"the wiki {quoted(item)} became {host}")
    return made


def _wiki(item: Any) -> str | None:
    said = clean(item).lower() if isinstance(item, str) and len(item) <= 255 else ""
    said = re.sub(r"^https?://", "", said).partition("/")[0]
    said = _WIKI_IDS.get(said, said)
    if identified := _WIKI_ID.fullmatch(said):
        said = f"{identified[1].replace('_', '-')}.{_PROJECTS[identified[2]]}.org"
    is_sound = said == "*" or (_WIKI_CHARS.fullmatch(said) and _WIKI.match(said))
    return said if is_sound else None


def words_in(said: str) -> list[str]:
    """The keywords in a comma list, each once."""
    return list(dict.fromkeys(word for part in said.split(",") if (word := part.strip())))


def keywords(value: Any, notes: Notes) -> str:
    """Keywords as one text with commas, as the schema has them."""
    if value is MISSING:
        return ""
    if isinstance(value, list):
        notes.add("keywords were a list and became a text with commas")
        said = [
            word for item in some(value, "keywords", notes) for word in words_in(text(item, "keywords", 100, notes))
        ]
        words = list(dict.fromkeys(said))
    else:
        words = words_in(text(value, "keywords", 4000, notes))
    kept = [word for word in words[:MOST_ITEMS] if len(word) <= 100]
    while len(", ".join(kept)) > 2047:
        kept.pop()
    if len(kept) < len(words):
        notes.add(f"{len(words) - len(kept)} keywords were too long or too many and were left out")
    return ", ".join(kept)


def tool_type(value: Any, types: Sequence[str], notes: Notes) -> str | None:
    """One of the types there are."""
    if value is MISSING:
        return None
    said = re.sub(r"[\s_-]+", " ", clean(value[:100])).lower() if isinstance(value, str) else ""
    found = said if said in types else _TYPE_WORDS.get(said)
    if found is None:
        notes.add(f"left out tool_type: there is no type {quoted(value)}")
    elif found != value:
        notes.add(f"the type {quoted(value)} became {found}")
    return found


def icon(value: Any, notes: Notes) -> str | None:
    """The page of a picture on Wikimedia Commons."""
    if value is MISSING:
        return None
    if isinstance(value, str) and re.fullmatch(r"File:[^/]+\.\w+", value.strip()):
        value = "https://commons.wikimedia.org/wiki/" + value.strip().replace(" ", "_")
    found = web_address(value)
    if found is None or not _ICON.fullmatch(found):
        notes.add(f"left out icon: it is no file page of Wikimedia Commons: {quoted(value)}")
        return None
    return found


def people(value: Any, notes: Notes) -> list[dict[str, str]]:
    """Who made the tool: each a name, and what else is said of them. E-mail addresses are not kept."""
    if value is MISSING:
        return []
    if isinstance(value, str):
        names = [part for part in re.split(r"\s*[,;]\s*", value[:20_000]) if part.strip()]
        if len(names) > 1:
            notes.add(f"the author was split into {len(names)} names")
        value = names
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        notes.add(f"left out author: it is {kind_of(value)}")
        return []
    return [person for item in some(items, "author", notes) if (person := _person(item, notes))]


def _person(item: Any, notes: Notes) -> dict[str, str] | None:
    given = {"name": item} if isinstance(item, str) else item
    if not isinstance(given, dict):
        notes.add(f"left out an author who is {kind_of(item)}")
        return None
    if given.keys() - {"name", "wiki_username", "developer_username", "email", "url"}:
        notes.add("left out what toolinfo does not know of an author")
    names = ("name", "wiki_username", "developer_username")
    made = {key: said for key in names if (said := _name_of_person(given.get(key, MISSING), key, notes))}
    if "email" in given:
        notes.add("an author’s e-mail address was left out: the catalogue publishes none")
    if given.get("url") is not None and (address := link(given["url"], "author", notes)):
        made["url"] = address
    if not made.keys() & set(names):
        notes.add("left out an author without a name")
        return None
    if "name" not in made:
        made = {"name": made.get("wiki_username") or made["developer_username"], **made}
    return made


def _name_of_person(value: Any, key: str, notes: Notes) -> str:
    said = text(value if value is not None else MISSING, f"author {key}", 255, notes)
    without = " ".join(_EMAIL.sub("", said).replace("<>", "").split())
    if without != said:
        notes.add("an author’s e-mail address was left out: the catalogue publishes none")
    return without.removeprefix("User:") if key == "wiki_username" else without
