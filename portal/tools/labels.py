"""The catalogue's own words for people."""

from __future__ import annotations

from typing import Any

from portal.core.i18n import current_locale, lazy
from portal.people.rules import language_names

TYPES: dict[str, Any] = {
    "web app": lazy("Web app"),
    "desktop app": lazy("Desktop app"),
    "bot": lazy("Bot"),
    "gadget": lazy("Gadget"),
    "user script": lazy("User script"),
    "command line tool": lazy("Command line tool"),
    "coding framework": lazy("Coding framework"),
    "lua module": lazy("Lua module"),
    "template": lazy("Template"),
    "other": lazy("Something else"),
}

LINKS: dict[str, Any] = {
    "user_docs_url": lazy("How to use it"),
    "developer_docs_url": lazy("How it is built"),
    "feedback_url": lazy("Give feedback"),
    "bugtracker_url": lazy("Report a bug"),
    "translate_url": lazy("Translate it"),
    "api_url": lazy("Its API"),
    "privacy_policy_url": lazy("Its privacy policy"),
    "url_alternates": lazy("In other languages"),
    "replaced_by": lazy("What replaces it"),
}
"""The links of a record besides the tool itself and its repository, in the order in which a page shows them."""


def type_name(tool_type: str) -> str:
    """What a type is called."""
    return str(TYPES.get(tool_type, tool_type))


def language(code: str) -> str:
    """What a language is called; its code when it has no name here."""
    if code == "*":
        return str(lazy("All languages"))
    names = language_names(current_locale())
    return names.get(code) or names.get(code.partition("-")[0], code)


def wiki(host: str) -> str:
    """What a wiki, or a whole family of them, is called."""
    if host == "*":
        return str(lazy("Every wiki"))
    family = host.removeprefix("*.")
    return str(lazy("Every wiki of %(family)s", family=family)) if family != host else host
