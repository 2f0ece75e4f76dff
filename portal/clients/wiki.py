"""The community's MediaWiki, as far as the portal asks it today: does it answer, and what is it called?"""

from __future__ import annotations

from urllib.parse import urlsplit

import mwclient
import requests
import urllib3

from portal.clients.deadlines import deadline, in_time
from portal.clients.errors import SourceError
from portal.clients.responses import MB
from portal.clients.sessions import BoundedAdapter, session_with

_TIMEOUT = (5, 15)
"""Seconds to connect and to wait for an answer; mwclient by itself would wait forever."""
TOTAL = 30.0
"""Seconds for all of it."""
SIZE = 2 * MB


_TROUBLES = (
    *(requests.RequestException, mwclient.errors.MwClientError, SourceError, urllib3.exceptions.HTTPError),
    *(OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError),
)
"""What mwclient raises, by itself or about what it did not expect in an answer."""


class WikiError(Exception):
    """The wiki gave no usable answer."""


def site_name(url: str, agent: str = "ContributorPortal") -> str:
    """What the wiki at this address calls itself. The scripts are looked for in /w/ unless the address has a path.

    Raises WikiError.
    """
    try:
        with deadline(TOTAL):
            # On a thread: a wiki that says its database lags behind has mwclient sleep for as long as it likes.
            return in_time(lambda: _name_of(url, agent))
    except _TROUBLES as error:
        raise WikiError(f"{type(error).__name__}: {error}"[:200]) from error


def _name_of(url: str, agent: str) -> str:
    parts = urlsplit(url)
    path = parts.path.removesuffix("api.php").strip("/") or "w"
    session = session_with(BoundedAdapter(SIZE))
    session.headers["User-Agent"] = f"{agent} {mwclient.client.USER_AGENT}"
    site = mwclient.Site(
        parts.netloc,
        path=f"/{path}/",
        scheme=parts.scheme,
        pool=session,
        max_retries=1,
        retry_timeout=1,
        connection_options={"timeout": _TIMEOUT},
    )
    return str(site.site["sitename"])
