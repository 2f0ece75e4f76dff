"""What addresses on a GitLab server mean: people and projects. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote

from portal.forges.addresses import below

ACCOUNT_PATH = "/"
_MERGE_REQUEST = re.compile(r"/(?P<project>.+?)(?:/-)?/merge_requests/(?P<number>\d{1,18})(?:/|$)")
# Pages of a project as GitLab wrote them before it put "/-/" in front. It lets no project be called like that.
_PAGES = {"tree", "blob", "blame", "commits", "raw", "wikis"}


def project_path(there: SplitResult, base: str) -> str:
    """The project that an address of a server below the path `base` names; empty when it names none."""
    path = below(unquote(there.path), base) or ""
    parts = path.partition("/-/")[0].removesuffix("/-").split("/")
    pages = (index for index, part in enumerate(parts) if index > 1 and part in _PAGES)
    parts = parts[: next(pages, len(parts))]
    return "/".join(parts) if len(parts) > 1 else ""


def change_path(there: SplitResult) -> tuple[str, int] | None:
    """The path of the project, below the host, and the number of a merge request that an address names."""
    found = _MERGE_REQUEST.match(unquote(there.path))
    return (found["project"], int(found["number"])) if found else None
