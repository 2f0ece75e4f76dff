"""The end of a track: what one can do now, the skills for one's profile, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import guard, signed_in
from portal.core.dashboard import DashboardRequest
from portal.core.i18n import _, current_language, ngettext
from portal.core.opportunities import OpportunityGroup, opportunities
from portal.core.web import db, flash_done, library, portal
from portal.people.content import Skills
from portal.people.dashboard import skills_and_languages
from portal.people.rules import LEVELS
from portal.people.session import me
from portal.tracks import actions, queries, rules
from portal.tracks.content import Track
from portal.tracks.dashboard import own_tracks
from portal.tracks.forms import LearntForm
from portal.tracks.models import EnrolmentState
from portal.tracks.queries import MyTrack
from portal.tracks.views.base import all_tracks, blueprint, find_track, mine_in, page, to_map

NEXT_TRACKS = 3


@dataclass(frozen=True, slots=True)
class TrackEnd:
    """What somebody finds who has finished a track. `form` offers its skills; None when they have all of them."""

    form: LearntForm | None
    following: Sequence[Track]
    groups: Sequence[OpportunityGroup]


def end_of(mine: MyTrack, form: LearntForm | None = None) -> TrackEnd | None:
    """The end of a track, for somebody who is there."""
    if mine.state is not EnrolmentState.FINISHED:
        return None
    asked = DashboardRequest(portal(), db(), me(), clock.now())
    finished = {one.track.id for one in asked.once(own_tracks) if one.state is EnrolmentState.FINISHED}
    known = asked.once(skills_and_languages).skills
    offered = rules.skills_to_offer(mine.track.skills, known)
    return TrackEnd(
        form=form or (_form(mine.track, offered) if offered else None),
        following=rules.following_tracks(all_tracks(), mine.track, finished, NEXT_TRACKS),
        groups=opportunities(portal().features, asked, mine.track.skills),
    )


def track_page(track: Track, form: LearntForm | None = None) -> Any:
    """The page of a track: its map, and its end for who is there."""
    mine = mine_in(track)
    shown = page(
        "tracks/show.html",
        track=track,
        mine=mine,
        end=end_of(mine, form),
        finished=queries.finished_counts(db()).get(track.id, 0),
    )
    return (shown, form.status) if form else shown


@blueprint.post("/skills")
@guard(signed_in)
def claim_skills() -> Any:
    """Take over into one's profile what a track taught."""
    track = find_track(request.form.get("track", ""))
    form = _form(track, track.skills)
    return form.carry_out(lambda: _claim(track, form)) or track_page(track, form)


def _claim(track: Track, form: LearntForm) -> Response:
    number = actions.claim_skills(db(), all_tracks(), track, me(), form.skills.data or ())
    flash_done(ngettext("%(num)s skill is in your profile now.", "%(num)s skills are in your profile now.", number))
    return to_map(track)


def _form(track: Track, offered: Mapping[str, int]) -> LearntForm:
    names, language = library().get(Skills), current_language().code
    shown = {
        slug: _("%(skill)s: %(level)s", skill=names.name(slug, language), level=LEVELS[level])
        for slug, level in offered.items()
    }
    return LearntForm(shown, track=track.slug, skills=list(offered))
