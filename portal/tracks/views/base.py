"""What the views of this feature share: finding what an address names, and leading on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.errors import NotFound
from portal.core.i18n import _, current_language
from portal.core.web import db, flash_done, library
from portal.forges.forge import ForgeKind, forges_of
from portal.people.content import Skills
from portal.people.session import me
from portal.tracks import labels, queries
from portal.tracks.content import Step, Track, Tracks
from portal.tracks.queries import MyTrack

blueprint = Blueprint("tracks", __name__, url_prefix="/tracks")


def page(template: str, **values: Any) -> str:
    """The page, with what all pages of tracks speak of."""
    return render_template(template, known=_known, skills=library().get(Skills), labels=labels, **values)


def all_tracks() -> Tracks:
    """The tracks there are."""
    return library().get(Tracks)


def find_track(slug: str) -> Track:
    """The track that has this address, or had it formerly. Raises NotFound."""
    track = all_tracks().find(slug)
    if track is None:
        raise NotFound(_("There is no track of that name."))
    return track


def find_step(slug: str, step_slug: str) -> tuple[Track, Step]:
    """The step that has this address, or had it formerly, and its track. Raises NotFound."""
    track = find_track(slug)
    step = all_tracks().find_step(track, step_slug)
    if step is None:
        raise NotFound(_("This track has no step of that name. Its map shows those it has."))
    return track, step


def mine_in(track: Track) -> MyTrack:
    """How far the reader is; a visitor is at the beginning."""
    if not current_user.is_authenticated:
        return queries.untouched(all_tracks(), track)
    return queries.my_track(db(), all_tracks(), track, me().id)


def step_url(step: Step, **values: Any) -> str:
    """The address of a step."""
    return url_for("tracks.step", slug=step.track, step_slug=step.slug, **values)


def to_map(track: Track) -> Response:
    """Done: the browser asks for the track's map next."""
    return redirect(url_for("tracks.show", slug=track.slug), 303)


def to_proof(step: Step) -> Response:
    """Done: the browser asks for the end of the step's page next."""
    return redirect(step_url(step, _anchor="proof"), 303)


def celebrate(track: Track) -> None:
    """Tell on the next page that the track is finished."""
    title = track.text_in(current_language().code).title
    flash_done(_("You finished “%(title)s”!", title=title))


@blueprint.app_template_filter()
def forge_label(kind: ForgeKind) -> str:
    """What people call a kind of review server."""
    return forges_of(db())[kind].label


def _known(step_ids: Any) -> list[Step]:
    """The steps with these ids, without those that are gone."""
    return [step for step_id in step_ids if (step := all_tracks().step(step_id))]
