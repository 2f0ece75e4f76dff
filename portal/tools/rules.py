"""What is true of tools: by what they are found, who may speak for them, what a reason must be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal.core.errors import Conflict
from portal.core.i18n import lazy
from portal.tools.models import Facet
from portal.tools.vocabularies import words_in

REASON_LENGTH = 2000
SUMMARY_LENGTH = 240
FACET_LENGTH = 255


def wanted_already() -> Conflict:
    """What is said to who would say once more that a tool looks for an owner."""
    return Conflict(lazy("This tool looks for an owner already."))


def not_wanted() -> Conflict:
    """What is said to who would help with a tool that looks for nobody."""
    return Conflict(lazy("This tool is not looking for anybody at the moment."))


def facets(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The words a tool is found by, as (kind, value); each once. What the schema takes for granted counts as said."""
    by_facet: dict[Facet, list[str | None]] = {
        Facet.TYPE: [record.get("tool_type")],
        Facet.LICENSE: [record.get("license")],
        Facet.KEYWORD: [word.casefold() for word in words_in(record.get("keywords", ""))],
        Facet.LANGUAGE: [code.lower() for code in as_list(record.get("available_ui_languages", "en"))],
        Facet.WIKI: [*as_list(record.get("for_wikis", "*"))],
    }
    pairs = ((str(kind), value[:FACET_LENGTH]) for kind, values in by_facet.items() for value in values if value)
    return list(dict.fromkeys(pairs))


def technologies(record: Mapping[str, Any]) -> list[str]:
    """The words that may say what a tool is made of, and so what its owner should know."""
    return [*words_in(record.get("keywords", "")), *as_list(record.get("technology_used", []))]


def languages_matching(code: str) -> tuple[str, ...]:
    """The values under which tools are found that speak this language: its code, and all languages."""
    return (code.strip().lower(), "*")


def wikis_matching(host: str) -> tuple[str, ...]:
    """The values under which tools are found that work on this wiki: fr.wikipedia.org, *.wikipedia.org and *."""
    tidy = host.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0]
    family = tidy.partition(".")[2]
    return (tidy, f"*.{family}", "*") if family.count(".") else (tidy, "*")


def keywords_matching(word: str) -> tuple[str, ...]:
    """The value under which tools are found that have this keyword, however it is written."""
    return (word.strip().casefold(),)


def _just_this(word: str) -> tuple[str, ...]:
    return (word,)


MATCHING: dict[Facet, Callable[[str], tuple[str, ...]]] = {
    Facet.TYPE: _just_this,
    Facet.LICENSE: _just_this,
    Facet.KEYWORD: keywords_matching,
    Facet.LANGUAGE: languages_matching,
    Facet.WIKI: wikis_matching,
}
"""Under which values the tools stand that a filter finds by a word."""


def summary(record: Mapping[str, Any]) -> str:
    """What a list says of a tool: its subtitle, else the beginning of its description, on one line."""
    line = " ".join(str(record.get("subtitle") or record["description"]).split())
    return line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1].rstrip() + "…"


def account_names(username: str) -> tuple[str, ...]:
    """How an account's name may have been typed: wikis take underscores for spaces and begin with a capital."""
    spaced = username.replace("_", " ")
    names = (spaced, spaced[:1].upper() + spaced[1:], spaced[:1].lower() + spaced[1:])
    return tuple(dict.fromkeys((username, *names, *(name.replace(" ", "_") for name in names))))


def same_wiki_name(name: str, other: str) -> bool:
    """Whether a wiki takes two names for the same account."""
    return bool(name) and other in account_names(name)


def objection_to_text(text: str, *, missing: Any) -> Any:
    """Why these words cannot be taken; None when they can. `missing` is the sentence for none at all."""
    if not text.strip():
        return missing
    if len(text) > REASON_LENGTH:
        return lazy("That is too long. Use at most %(number)s characters.", number=REASON_LENGTH)
    return None


def as_list(value: str | Iterable[str]) -> list[str]:
    """A value of a record that may be one or several, as a list."""
    return [value] if isinstance(value, str) else list(value)
