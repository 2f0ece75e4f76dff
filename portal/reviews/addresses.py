"""What project an address on the web means on a review server: clone addresses, code browsers, searches. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# What stands before a project's name: Gitiles, settings, a change, cloning with a password, cloning as it once was.
_GERRIT_PAGE = re.compile(r"(?:plugins/gitiles|gitiles|g|admin/repos(?!/q/)|admin/projects|projects|c|a|p)/(.+)")
# Gitiles may also lie beside Gerrit, at the root of the host.
_BESIDE_GERRIT = ("g/", "gitiles/", "plugins/gitiles/")
_SEARCHED = re.compile(r"\b(?:project|repo):[\"{]?([^\s\"{}()+^,]+)")
_GITWEB = re.compile(r"(?:^|[;&])p=([^;&]+)")
# Pages of a project as GitLab wrote them before it put "/-/" in front. It lets no project be called like that.
_GITLAB_PAGES = {"tree", "blob", "blame", "commits", "raw", "wikis"}


def project_at(address: str, kind: str, server: str) -> str | None:
    """The project that an address means on this server (kind: gerrit or gitlab); None when it means none there."""
    try:
        there, here = urlsplit(address), urlsplit(server)
        if not here.hostname or _place(there) != _place(here):
            return None
    except ValueError:
        return None
    find = _on_gerrit if kind == "gerrit" else _on_gitlab
    project = find(there, here.path.strip("/")).strip("/").removesuffix(".git")
    return project if project and project.isprintable() else None


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, None if parts.port == _DEFAULT_PORTS.get(parts.scheme) else parts.port


def _below(path: str, base: str) -> str | None:
    """What comes after the folder in which a server lies; None for what lies beside it."""
    path = path.strip("/")
    if base and path != base and not path.startswith(base + "/"):
        return None
    return path.removeprefix(base).strip("/")


def _on_gerrit(there: SplitResult, base: str) -> str:
    # Gerrit's own pages escape the slash in a name twice.
    whole = unquote(unquote(there.path)).strip("/")
    path = _below(whole, base)
    if path is None:
        path = whole if whole.startswith(_BESIDE_GERRIT) else ""
    # Before version 2.16 all pages stood behind "#": /r/#/admin/projects/tools/maps
    path = path or unquote(unquote(there.fragment)).strip("/")
    if path.startswith(("q/", "dashboard/")):
        searched = _SEARCHED.search(path)
        return searched[1] if searched else ""
    if path == "gitweb":
        browsed = _GITWEB.search(unquote(there.query))
        return browsed[1] if browsed else ""
    page = _GERRIT_PAGE.fullmatch(path)
    return (page[1] if page else path).partition("/+")[0].partition(",")[0]


def _on_gitlab(there: SplitResult, base: str) -> str:
    path = _below(unquote(there.path), base) or ""
    parts = path.partition("/-/")[0].removesuffix("/-").split("/")
    pages = (place for place, part in enumerate(parts) if place > 1 and part in _GITLAB_PAGES)
    parts = parts[: next(pages, len(parts))]
    return "/".join(parts) if len(parts) > 1 else ""
