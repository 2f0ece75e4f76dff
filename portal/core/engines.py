"""What search engines of the web may show: pages of this site, but no names of people who did not agree to be found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from flask import Response, g

NOINDEX = "noindex"
PAGES = {"text/html", "text/plain"}


class Findable(Protocol):
    """Somebody whose name a page shows."""

    @property
    def is_findable(self) -> bool:
        """Whether they agreed to be found by search."""

    @property
    def deleted_at(self) -> datetime | None:
        """When they left."""


def hide_unless_findable(people: Iterable[Findable | None]) -> None:
    """Keep the page out of search engines when it names somebody who did not agree to be found.

    Who has left is named nowhere any more.
    """
    if not all(person is None or person.deleted_at or person.is_findable for person in people):
        g.is_hidden_from_engines = True


def is_hidden() -> bool:
    """Whether the answer to this request is kept out of search engines."""
    return bool(g.get("is_hidden_from_engines"))


def add_header(response: Response) -> Response:
    """Say it in a header: for feeds, tables and answers to programs, which are never found, no other place would do."""
    if is_hidden() or response.mimetype not in PAGES:
        response.headers.setdefault("X-Robots-Tag", NOINDEX)
    return response
