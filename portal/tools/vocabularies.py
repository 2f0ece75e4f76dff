"""The fields of a toolinfo record that have words of their own: languages, wikis, types, people. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from portal.tools.fields import (
    MISSING,
    MOST_ITEMS,
    RepairNotes,
    cleaned_text,
    first_items,
    kind_of,
    language,
    link,
    quoted,
    text,
)
from portal.tools.links import web_address

_WIKI = re.compile(
    r"^(\*|(.*)?\.?(mediawiki|wiktionary|wiki(pedia|quote|books|source|news|versity|data|voyage|media))\.org)$"
)
_WIKI_CHARS = re.compile(r"[a-z0-9.*-]+")
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


def languages(value: Any, notes: RepairNotes) -> list[str] | str | None:
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
    codes = (language(item, key, notes) for item in first_items(value, key, notes))
    return list(dict.fromkeys(code for code in codes if code))


def wikis(value: Any, notes: RepairNotes) -> list[str] | None:
    """The wikis a tool is for: host names, with * for any."""
    key = "for_wikis"
    if value is MISSING:
        return None
    items = re.split(r"[,;\s]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        notes.add(f"left out {key}: it is {kind_of(value)}")
        return None
    made: list[str] = []
    for item in first_items(items, key, notes):
        host = _wiki(item)
        if host is None:
            notes.add(f"left out of {key}: {quoted(item)} is no wiki we know")
        elif host not in made:
            made.append(host)
            if host != item:
                notes.add(f"the wiki {quoted(item)} became {host}")
    return made


def _wiki(item: Any) -> str | None:
    host = cleaned_text(item).lower() if isinstance(item, str) and len(item) <= 255 else ""
    host = re.sub(r"^https?://", "", host).partition("/")[0]
    host = _WIKI_IDS.get(host, host)
    if identified := _WIKI_ID.fullmatch(host):
        host = f"{identified[1].replace('_', '-')}.{_PROJECTS[identified[2]]}.org"
    is_sound = host == "*" or (_WIKI_CHARS.fullmatch(host) and _WIKI.match(host))
    return host if is_sound else None


def words_in(comma_list: str) -> list[str]:
    """The keywords in a comma list, each once."""
    return list(dict.fromkeys(word for part in comma_list.split(",") if (word := part.strip())))


def keywords(value: Any, notes: RepairNotes) -> str:
    """Keywords as one text with commas, as the schema has them."""
    if value is MISSING:
        return ""
    if isinstance(value, list):
        notes.add("keywords were a list and became a text with commas")
        listed = [
            word
            for item in first_items(value, "keywords", notes)
            for word in words_in(text(item, "keywords", 100, notes))
        ]
        words = list(dict.fromkeys(listed))
    else:
        words = words_in(text(value, "keywords", 4000, notes))
    sound_words = [word for word in words[:MOST_ITEMS] if len(word) <= 100]
    while len(", ".join(sound_words)) > 2047:
        sound_words.pop()
    if len(sound_words) < len(words):
        notes.add(f"{len(words) - len(sound_words)} keywords were too long or too many and were left out")
    return ", ".join(sound_words)


def tool_type(value: Any, types: Sequence[str], notes: RepairNotes) -> str | None:
    """One of the types there are."""
    if value is MISSING:
        return None
    spelling = re.sub(r"[\s_-]+", " ", cleaned_text(value[:100])).lower() if isinstance(value, str) else ""
    known_type = spelling if spelling in types else _TYPE_WORDS.get(spelling)
    if known_type is None:
        notes.add(f"left out tool_type: there is no type {quoted(value)}")
    elif known_type != value:
        notes.add(f"the type {quoted(value)} became {known_type}")
    return known_type


def icon(value: Any, notes: RepairNotes) -> str | None:
    """The page of a picture on Wikimedia Commons."""
    if value is MISSING:
        return None
    if isinstance(value, str) and re.fullmatch(r"File:[^/]+\.\w+", value.strip()):
        value = "https://commons.wikimedia.org/wiki/" + value.strip().replace(" ", "_")
    address = web_address(value)
    if address is None or not _ICON.fullmatch(address):
        notes.add(f"left out icon: it is no file page of Wikimedia Commons: {quoted(value)}")
        return None
    return address


def people(value: Any, notes: RepairNotes) -> list[dict[str, str]]:
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
    return [person for item in first_items(items, "author", notes) if (person := _person(item, notes))]


def _person(item: Any, notes: RepairNotes) -> dict[str, str] | None:
    named = {"name": item} if isinstance(item, str) else item
    if not isinstance(named, dict):
        notes.add(f"left out an author who is {kind_of(item)}")
        return None
    if named.keys() - {"name", "wiki_username", "developer_username", "email", "url"}:
        notes.add("left out what toolinfo does not know of an author")
    names = ("name", "wiki_username", "developer_username")
    made = {key: name for key in names if (name := _name_of_person(named.get(key, MISSING), key, notes))}
    if "email" in named:
        notes.add("an author’s e-mail address was left out: the catalogue publishes none")
    if named.get("url") is not None and (address := link(named["url"], "author", notes)):
        made["url"] = address
    if not made.keys() & set(names):
        notes.add("left out an author without a name")
        return None
    if "name" not in made:
        made = {"name": made.get("wiki_username") or made["developer_username"], **made}
    return made


def _name_of_person(value: Any, key: str, notes: RepairNotes) -> str:
    name = text(value if value is not None else MISSING, f"author {key}", 255, notes)
    without = " ".join(_EMAIL.sub("", name).replace("<>", "").split())
    if without != name:
        notes.add("an author’s e-mail address was left out: the catalogue publishes none")
    return without.removeprefix("User:") if key == "wiki_username" else without
