"""Addresses in records: what may become a link. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

LONGEST_URL = 2047

_BARE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?::\d{1,5})?(?:[/?#].*)?", re.DOTALL)
_SAFE = "%/:?#[]@!$&'()*+,;=-._~"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def web_address(value: object) -> str | None:
    """This value as an address that is safe to link to: http or https, ASCII, without a password. None when it is none.

    "example.org/tool" and "//example.org/tool" are understood as https.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.startswith("//"):
        text = "https:" + text
    elif _BARE.fullmatch(text):
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _is_host(host):
        return None
    tidy = _escaped(urlunsplit((parts.scheme, _netloc(host, port), parts.path, parts.query, parts.fragment)))
    return tidy if len(tidy) <= LONGEST_URL else None


def _is_host(host: str) -> bool:
    return bool(host) and len(host) <= 253 and not re.search(r"[^A-Za-z0-9._:-]", host)


def _netloc(host: str, port: str) -> str:
    return (f"[{host}]" if ":" in host else host) + port


def _escaped(url: str) -> str:
    """Everything that an address may not hold, escaped; what is escaped already stays."""
    return quote(_BROKEN_ESCAPE.sub("%25", url), safe=_SAFE)


def host_of(url: str) -> str:
    """The host in an address, for short words on a link."""
    parts: SplitResult = urlsplit(url)
    return (parts.hostname or "").removeprefix("www.")
