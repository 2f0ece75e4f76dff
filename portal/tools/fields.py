"""The kinds of values in a toolinfo record, made sound: what is good in a value is given, the rest noted. Pure."""

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

_LANGUAGE = re.compile(r"(x-[A-Za-z0-9-]+|[A-Za-z]{2,3}(-[A-Za-z0-9-]+)?)")
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0", ""}


class RepairNotes:
    """What was mended in a record, in words for whoever imports it. A hostile record cannot make it long."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, note: str) -> None:
        """Note one thing."""
        if len(self.texts) == MOST_NOTES:
            self.texts.append("and more of the kind")
        elif len(self.texts) < MOST_NOTES and note not in self.texts:
            self.texts.append(note)


def kind_of(value: Any) -> str:
    """What kind of value this is, in JSON's words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def quoted(value: Any) -> str:
    """A value for a note: short, on one line, harmless on a terminal."""
    text = cleaned_text(value) if isinstance(value, str) else kind_of(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”" if isinstance(value, str) else text


def cleaned_text(value: str, *, lines: bool = False) -> str:
    """A text without spaces around it and without characters that cannot be stored or shown.

    Those are control characters, halves of surrogate pairs, and marks that turn the direction of a whole line.
    """
    sound = (
        letter
        if unicodedata.category(letter) not in ("Cc", "Cs", "Cf") or letter in "\u200c\u200d"
        else letter
        if lines and letter in "\n\t"
        else " "
        if letter in "\n\r\t"
        else ""
        for letter in value
    )
    text = "".join(sound).strip()
    return text if lines else " ".join(text.split())


def text(value: Any, key: str, longest: int, notes: RepairNotes, *, lines: bool = False) -> str:
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
    cleaned = cleaned_text(value[: longest * 2], lines=lines)
    if len(cleaned) > longest or len(value) > longest * 2:
        notes.add(f"{key} was cut to {longest:,} characters")
        cleaned = cleaned[: longest - 1].rstrip() + "…"
    return cleaned


def texts(value: Any, key: str, notes: RepairNotes) -> list[str]:
    """A list of short texts; a single one becomes a list."""
    if isinstance(value, dict):
        notes.add(f"left out {key}: it is an object, not a text or a list")
        return []
    items = value if isinstance(value, list) else [value]
    return list(
        dict.fromkeys(entry for item in first_items(items, key, notes) if (entry := text(item, key, 255, notes)))
    )


def first_items(items: Sequence[Any], key: str, notes: RepairNotes) -> Sequence[Any]:
    """As many items as are kept."""
    if len(items) > MOST_ITEMS:
        notes.add(f"{key} was cut to {MOST_ITEMS} entries")
    return items[:MOST_ITEMS]


def flag(value: Any, key: str, notes: RepairNotes) -> bool | None:
    """True or false; None when it cannot be told."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else None
    if word in _YES or word in _NO:
        notes.add(f"{key} became true or false")
        return word in _YES
    notes.add(f"left out {key}: it is {kind_of(value)}, not true or false")
    return None


def link(value: Any, key: str, notes: RepairNotes) -> str | None:
    """An http or https address."""
    address = web_address(value)
    if address is None:
        notes.add(f"left out {key}: it is no http or https address: {quoted(value)}")
    elif address != value:
        notes.add(f"the address in {key} was tidied")
    return address


def first_link(value: Any, key: str, notes: RepairNotes) -> str | None:
    """The one address of a tool: of several the first that is sound."""
    if isinstance(value, (dict, list)):
        notes.add(f"{key} was {kind_of(value)}: its first address was taken")
        links = _by_language(value, key, "en", notes)
        return links[0]["url"] if links else None
    address = web_address(value)
    if address and address != value:
        notes.add(f"the address in {key} was tidied")
    return address


def alternates(links: dict[str, Any], language: str, notes: RepairNotes) -> list[dict[str, str]]:
    """Other addresses of the tool, each with its language."""
    value = links.get("url_alternates", MISSING)
    return [] if value is MISSING else _by_language(value, "url_alternates", language, notes)


def links_by_language(value: Any, key: str, language: str, notes: RepairNotes) -> str | list[dict[str, str]] | None:
    """One address, or a list of addresses with their languages."""
    if isinstance(value, str):
        return link(value, key, notes)
    return _by_language(value, key, language, notes)


def _by_language(value: Any, key: str, language_given: str, notes: RepairNotes) -> list[dict[str, str]]:
    if isinstance(value, (dict, str)):
        notes.add(f"{key} became a list")
        value = [value]
    if not isinstance(value, list):
        notes.add(f"left out {key}: it is {kind_of(value)}, not a list of addresses")
        return []
    made = []
    for item in first_items(value, key, notes):
        address = link(item.get("url") if isinstance(item, dict) else item, key, notes)
        if not address:
            continue
        code = item.get("language", MISSING) if isinstance(item, dict) else MISSING
        made.append({"language": language(code, key, notes) or language_given, "url": address})
        if isinstance(item, dict) and item.keys() - {"url", "language"}:
            notes.add(f"left out what {key} does not know")
    return made


def language(value: Any, key: str, notes: RepairNotes) -> str | None:
    """The code of a language."""
    if value is MISSING:
        return None
    code = cleaned_text(value).replace("_", "-") if isinstance(value, str) else ""
    if len(code) > 16 or not _LANGUAGE.fullmatch(code):
        notes.add(f"left out of {key}: {quoted(value)} is no language code")
        return None
    if code != value:
        notes.add(f"the language {quoted(value)} became {code}")
    return code
