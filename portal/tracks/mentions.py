"""Which track or step people mean whose address stands in a text: it is shown with its title."""

from __future__ import annotations

from collections.abc import Collection

from flask import url_for
from sqlalchemy.orm import Session

from portal.core.content import library_of
from portal.core.i18n import current_language
from portal.core.mentions import MentionLink
from portal.core.web import address
from portal.tracks.content import Tracks


def find_steps(session: Session, words: Collection[str]) -> dict[str, MentionLink]:
    """The tracks and steps of this site among these addresses. No statement: they are files."""
    tracks, base = library_of(session).get(Tracks), address("tracks.index")
    below = {word: word.removeprefix(base) for word in words if word.startswith(base)}
    found = {word: _link(tracks, path) for word, path in below.items()}
    return {word: link for word, link in found.items() if link}


def _link(tracks: Tracks, path: str) -> MentionLink | None:
    plain, _, anchor = path.partition("#")
    slug, _, step_slug = plain.partition("?")[0].partition("/")
    language, track = current_language().code, tracks.find(slug)
    if track and not step_slug:
        return MentionLink(url_for("tracks.show", slug=track.slug), track.text_in(language).title)
    step = tracks.find_step(track, step_slug) if track else None
    if not step:
        return None
    url = url_for("tracks.step", slug=step.track, step_slug=step.slug, _anchor=anchor or None)
    return MentionLink(url, step.text_in(language).title)
