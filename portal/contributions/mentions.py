"""Which change people mean whose address stands in a text: it is shown with its title and number."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from portal.contributions.models import Change, Source
from portal.core.config import SourceConfig
from portal.core.mentions import MentionLink
from portal.core.web import settings
from portal.forges.addresses import below, is_same_server
from portal.forges.forge import Forges, forges_of

MOST = 50
Place = tuple[str, str, int]
"""A change by the slug of its source, its project ("" where the address does without) and its number."""


def find_changes(session: Session, words: Collection[str]) -> dict[str, MentionLink]:
    """Those among these addresses that a source of this site has. At most one statement."""
    forges, sources = forges_of(session), settings().sources
    named = ((word, _place(word, sources, forges)) for word in sorted(words) if "://" in word)
    places = dict(islice(((word, place) for word, place in named if place), MOST))
    if not places:
        return {}
    found = _links(session, set(places.values()), forges)
    return {word: found[place] for word, place in places.items() if place in found}


def _place(address: str, sources: Collection[SourceConfig], forges: Forges) -> Place | None:
    for source in sources:
        server, there = urlsplit(source.url), forges.of(source).change_at(address)
        if there and is_same_server(urlsplit(address), server):
            base = server.path.strip("/")
            return source.slug, below(there.project, base) or there.project, there.number
    return None


def _links(session: Session, places: Collection[Place], forges: Forges) -> dict[Place, MentionLink]:
    found = select(Change.project, Change.number, Change.title, Change.url, Source.slug, Source.kind)
    found = found.join(Change.source).where(Source.is_active == true(), or_(*map(_is_there, sorted(places))))
    links: dict[Place, MentionLink] = {}
    for row in session.execute(found):
        number = forges[row.kind].number(row.number)
        link = MentionLink(row.url, f"{row.title} ({number})" if row.title else number)
        links |= dict.fromkeys(((row.slug, row.project, row.number), (row.slug, "", row.number)), link)
    return links


def _is_there(place: Place) -> ColumnElement[bool]:
    slug, project, number = place
    # Where an address does without the project, the number alone is what names a change on its server.
    which = and_(Change.project == project, Change.number == number) if project else Change.key == str(number)
    return and_(Source.slug == slug, which)
