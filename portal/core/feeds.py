"""Atom feeds (RFC 4287): what is new in a list, for feed readers and programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, request

from portal.core.http_caching import conditional_response
from portal.core.i18n import current_language, known_languages, speak
from portal.core.web import absolute, settings

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"
LENGTH = 50
"""How many entries a feed has."""
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed changed last that never had an entry."""
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that no XML document may hold, not even as references."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing in a feed. `path` names it for ever, whatever happens to addresses; `link` is where it is now."""

    path: str
    title: str
    link: str
    updated: datetime
    author: str
    summary: str


def speak_for_feed() -> None:
    """Speak the language of `?uselang=`, else the site's own: a feed reader has no profile and no preferences."""
    language = request.args.get("uselang", "")
    speak(language if language in known_languages() else settings().site.default_language)


def feed(title: str, page: str, entries: Sequence[FeedEntry], filters: Mapping[str, str] | None = None) -> Response:
    """A feed of these entries, the newest first. `page` is the path of the list they are taken from.

    Another choice of `filters` or of the language is another feed, with an id of its own.
    """
    which = _which(filters or {})
    root = Element("feed", {"xmlns": ATOM, "xml:lang": current_language().tag})
    _text(root, "id", tag_uri(request.path.strip("/") + which))
    _text(root, "title", f"{title} · {settings().site.name}")
    _text(root, "updated", _moment(max((entry.updated for entry in entries), default=NEVER)))
    here = absolute(request.script_root + request.path + which)
    SubElement(root, "link", {"rel": "self", "type": MIMETYPE, "href": here})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": absolute(page)})
    _author(root, settings().site.name)
    for entry in entries:
        _entry(root, entry)
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return conditional_response(Response(body, content_type=f"{MIMETYPE}; charset=utf-8"))


def tag_uri(path: str) -> str:
    """A name for something here that never changes, as RFC 4151 makes them."""
    host = urlsplit(settings().site.url).hostname
    return f"tag:{host},2026:{quote(path, safe='/?=&%~')}"


def _entry(root: Element, entry: FeedEntry) -> None:
    element = SubElement(root, "entry")
    _text(element, "id", tag_uri(entry.path))
    _text(element, "title", entry.title)
    _text(element, "updated", _moment(entry.updated))
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": _sound(entry.link)})
    _author(element, entry.author)
    _text(element, "summary", entry.summary)


def _author(parent: Element, name: str) -> None:
    _text(SubElement(parent, "author"), "name", name)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _sound(text)


def _sound(text: str) -> str:
    return NO_XML.sub("", text)


def _which(filters: Mapping[str, str]) -> str:
    query = dict(filters)
    if (code := current_language().code) != settings().site.default_language:
        query["uselang"] = code
    return f"?{urlencode(sorted(query.items()))}" if query else ""


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
