"""How learning tracks and their steps are found by search: by what one learns in them."""

from __future__ import annotations

from collections.abc import Iterator

from portal.core.content import Library
from portal.core.i18n import lazy
from portal.core.search_groups import ContentSearch, ContentText, SearchGroup
from portal.tracks.content import Tracks


def _texts(library: Library, language: str) -> Iterator[ContentText]:
    for track in library.get(Tracks):
        track_text = track.text_in(language)
        yield ContentText(
            track_text.title, track_text.summary, "tracks.show", {"slug": track.slug}, (track_text.audience,)
        )
        for step in track.steps:
            text, args = step.text_in(language), {"slug": track.slug, "step_slug": step.slug}
            yield ContentText(text.title, text.summary, "tracks.step", args, body=text.html.striptags())


TRACKS = ContentSearch(
    SearchGroup("tracks", lazy("Learning tracks and their steps"), lazy("by what you learn in them"), order=10),
    _texts,
)
