"""What addresses on a Gerrit server mean: people, projects, changes. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote

from portal.forges.addresses import below

ACCOUNT_PATH = "/q/owner:"
# What stands before a project's name: Gitiles, settings, a change, cloning with a password, cloning as it once was.
_PAGE = re.compile(r"(?:plugins/gitiles|gitiles|g|admin/repos(?!/q/)|admin/projects|projects|c|a|p)/(.+)")
# Gitiles may also lie beside Gerrit, at the root of the host.
_BESIDE = ("g/", "gitiles/", "plugins/gitiles/")
_SEARCHED = re.compile(r"\b(?:project|repo):[\"{]?([^\s\"{}()+^,]+)")
_CHANGE = re.compile(r"(?:^|/)c/(?P<project>.+?)/\+/(?P<number>\d{1,18})(?:/|$)")
# The number is the last word, but for patch sets ("/3", "/2..3"): /1234, /r/1234/3, /c/1234/
_NUMBER = re.compile(r"^(?:[\w.-]+/)*?(?:c/)?(\d{1,18})(?:/\d+(?:\.\.\d+)?)?$")
_GITWEB = re.compile(r"(?:^|[;&])p=([^;&]+)")


def change_page(server: str, project: str, number: int) -> str:
    """The address of a change."""
    return f"{server}/c/{_quoted(project)}/+/{number}"


@lru_cache(maxsize=1024)
def _quoted(project: str) -> str:
    """The same few projects have most changes."""
    return quote(project)


def project_path(there: SplitResult, base: str) -> str:
    """The project that an address of a server below the path `base` names; empty when it names none."""
    # Gerrit's own pages escape the slash in a name twice.
    whole = unquote(unquote(there.path)).strip("/")
    path = below(whole, base)
    if path is None:
        path = whole if whole.startswith(_BESIDE) else ""
    # Before version 2.16 all pages stood behind "#": /r/#/admin/projects/tools/maps
    path = path or unquote(unquote(there.fragment)).strip("/")
    if path.startswith(("q/", "dashboard/")):
        searched = _SEARCHED.search(path)
        return searched[1] if searched else ""
    if path == "gitweb":
        browsed = _GITWEB.search(unquote(there.query))
        return browsed[1] if browsed else ""
    page = _PAGE.fullmatch(path)
    return (page[1] if page else path).partition("/+")[0].partition(",")[0]


def change_path(there: SplitResult) -> tuple[str, int] | None:
    """The project and the number of a change that an address names; without the project in the short forms of old."""
    # Before version 2.16 all pages stood behind "#": /r/#/c/1234/
    for path in (unquote(unquote(there.path)).strip("/"), unquote(unquote(there.fragment)).strip("/")):
        if found := _CHANGE.search(path):
            return found["project"], int(found["number"])
        if short := _NUMBER.search(path):
            return "", int(short[1])
    return None
