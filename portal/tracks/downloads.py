"""The learning tracks for spreadsheets: what their page shows to everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response

from portal.core.access import anyone, guard
from portal.core.i18n import _, current_language, known_languages
from portal.core.tables import download
from portal.core.web import address, at_most, db, library
from portal.people.content import Skills
from portal.tracks import queries
from portal.tracks.content import Tracks

blueprint = Blueprint("track_downloads", __name__, url_prefix="/tracks")


@blueprint.get("/tracks.csv")
@guard(anyone)
@at_most("csv_per_minute")
def tracks() -> Response:
    """Every track with its length, what it teaches, and how many people have finished it."""
    heads = [
        *(_("Track"), _("What it leads to"), _("For whom"), _("Minutes"), _("Steps")),
        *(_("Skills"), _("Languages"), _("Finished by"), _("Address")),
    ]
    return download("tracks", heads, _rows())


def _rows() -> Iterator[Sequence[Any]]:
    finished, skills, language = queries.finished_counts(db()), library().get(Skills), current_language().code
    for track in library().get(Tracks):
        text = track.text_in(language)
        yield (
            text.title,
            text.summary,
            text.audience,
            track.minutes,
            len(track.steps),
            ", ".join(skills.name(slug, language) for slug in track.skills),
            ", ".join(known_languages()[code].name for code in track.languages),
            finished.get(track.id, 0),
            address("tracks.show", slug=track.slug),
        )
