"""The community's MediaWiki, as far as the portal asks it today: does it answer, and what is it called?"""

from __future__ import annotations

from urllib.parse import urlsplit

import mwclient
import requests

_TIMEOUT = (5, 15)
"""Seconds to connect and to wait for an answer; mwclient by itself would wait forever."""


class WikiError(Exception):
    """The wiki gave no usable answer."""


def site_name(url: str, agent: str = "ContributorPortal") -> str:
    """What the wiki at this address calls itself. The scripts are looked for in /w/ unless the address has a path.

    Raises WikiError.
    """
    parts = urlsplit(url)
    path = parts.path.removesuffix("api.php").strip("/") or "w"
    try:
        site = mwclient.Site(
            parts.netloc,
            path=f"/{path}/",
            scheme=parts.scheme,
            clients_useragent=agent,
            max_retries=1,
            retry_timeout=1,
            connection_options={"timeout": _TIMEOUT},
        )
        return str(site.site["sitename"])
    except (requests.RequestException, mwclient.errors.MwClientError, KeyError, TypeError, ValueError) as error:
        raise WikiError(f"{type(error).__name__}: {error}"[:200]) from error
