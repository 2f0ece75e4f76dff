"""Reading proposals from an invented server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.clients.errors import BadAnswer
from portal.clients.http import HttpClient
from portal.forges.connection import Connection
from portal.forges.shapes import ChangePage, ChangeState, KnownChanges
from tests.forges.invented.parse import parse_proposal
from tests.forges.invented.settings import InventedConfig


def connect(source: InventedConfig, connection: Connection) -> InventedSource:
    """A client for this source. Raises Unauthorised without its key."""
    headers = {"Invented-Key": connection.secret(source.key_env)} if source.key_env else {}
    return InventedSource(connection.http(source.url, headers=headers), source.url, source.realm)


class InventedSource:
    """One invented server, or one realm of it: it tells everything at once."""

    def __init__(self, http: HttpClient, url: str, realm: str) -> None:
        self._http = http
        self._url = url
        self._realm = realm

    def version(self) -> str:
        """What the server calls its version."""
        return str(self._http.json("/version"))

    def changes(self, *, since: datetime | None, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """One page."""
        yield ChangePage(tuple(one for one in self._all().changes if since is None or one.updated_at >= since))

    def open_changes(self, *, before: datetime, known: KnownChanges | None = None) -> Iterator[ChangePage]:
        """One page."""
        open_ones = (one for one in self._all().changes if one.state is ChangeState.OPEN)
        yield ChangePage(tuple(one for one in open_ones if one.updated_at < before))

    def merged_before(self, username: str, before: datetime, at_most: int) -> int:
        """How many of that author were merged before then."""
        merged = (one for one in self._all().changes if one.state is ChangeState.MERGED)
        return min(at_most, sum(one.author.username == username and one.updated_at < before for one in merged))

    def _all(self) -> ChangePage:
        rows = self._http.json("/proposals", [("realm", self._realm)])
        try:
            return ChangePage(tuple(parse_proposal(row, self._url) for row in rows))
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(repr(error)[:200]) from error
