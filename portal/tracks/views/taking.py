"""The list of tracks, the map of one, taking it (start, pause, resume, leave), and how a mentee goes through it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.counting import whole
from portal.core.dashboard import DashboardRequest
from portal.core.errors import raise_if
from portal.core.i18n import _, current_language
from portal.core.web import db, flash_done, is_reading, library, portal, settings
from portal.people.models import Person
from portal.people.session import me
from portal.tracks import access, actions, queries, rules
from portal.tracks.beginnings import Beginnings
from portal.tracks.content import Track
from portal.tracks.views.base import all_tracks, blueprint, celebrate, find_track, mine_in, page, step_url, to_map
from portal.tracks.views.ends import track_page


@blueprint.get("/")
@guard(anyone)
def index() -> str:
    """Every track: what it leads to, how long it takes, and how far one is."""
    mine = queries.my_tracks(db(), all_tracks(), me().id) if current_user.is_authenticated else []
    return page(
        "tracks/index.html",
        tracks=list(all_tracks()),
        count=whole(list(all_tracks())),
        mine={my_track.track.id: my_track for my_track in mine},
        finished=queries.finished_counts(db()),
        beginnings=library().get(Beginnings).all,
        folder=settings().site.folder,
    )


@blueprint.get("/<slug>")
@guard(anyone)
def show(slug: str) -> Any:
    """One track as a map of its modules and steps."""
    track = find_track(slug)
    if track.slug != slug:
        return redirect(url_for("tracks.show", slug=track.slug), 301)
    return track_page(track)


@blueprint.post("/<slug>/start")
@guard(signed_in)
def start(slug: str) -> Response:
    """Take the track, or take it up again."""
    track = find_track(slug)
    if actions.start(db(), all_tracks(), track, me(), clock.now()):
        celebrate(track)
        return to_map(track)
    following = mine_in(track).next_step
    return redirect(step_url(following), 303) if following else to_map(track)


@blueprint.post("/<slug>/pause")
@guard(signed_in)
def pause(slug: str) -> Response:
    """Put the track aside for a while."""
    track = find_track(slug)
    actions.pause(db(), track, me(), clock.now())
    flash_done(_("The track is paused. What you did is kept, and you can resume it whenever you like."))
    return to_map(track)


@blueprint.post("/<slug>/resume")
@guard(signed_in)
def resume(slug: str) -> Response:
    """Take the track up where one was."""
    return start(slug)


@blueprint.route("/<slug>/leave", methods=["GET", "POST"])
@guard(signed_in)
def leave(slug: str) -> Any:
    """Take the track no longer; says first what that means."""
    track = find_track(slug)
    if is_reading():
        if mine_in(track).state not in rules.MAY_LEAVE:
            raise rules.nothing_to_leave()
        return _confirm_leaving(track)
    actions.leave(db(), track, me(), clock.now())
    flash_done(_("You have left the track. What you did is kept in case you come back."))
    return to_map(track)


@blueprint.get("/<slug>/of/<int:person_id>")
@guard(signed_in)
def of(slug: str, person_id: int) -> str:
    """How somebody goes through the track, for their mentor: how far they are, and what they wrote for them."""
    track = find_track(slug)
    accompanied = DashboardRequest(portal(), db(), me(), clock.now()).person_ids
    raise_if(access.refuse_following(person_id, accompanied))
    learner = db().get_one(Person, person_id)
    return page(
        "tracks/of.html",
        track=track,
        learner=learner,
        mine=queries.my_track(db(), all_tracks(), track, learner.id),
        notes=queries.shared_notes(db(), track, learner.id),
    )


def _confirm_leaving(track: Track) -> str:
    title = track.text_in(current_language().code).title
    return render_template(
        "confirm.html",
        question=_("Leave the track “%(title)s”?", title=title),
        consequences=[
            _("It will no longer be suggested as your next step."),
            _("What you did is kept. If you come back, you go on where you were."),
        ],
        action=url_for("tracks.leave", slug=track.slug),
        label=_("Leave this track"),
        back=url_for("tracks.show", slug=track.slug),
    )
