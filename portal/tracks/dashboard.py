"""What tracks bring to a person's dashboard: those they take, and the step that comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from portal.core.dashboard import DashboardRequest, NextStep, WayIn
from portal.core.i18n import _, current_language, ngettext
from portal.tracks.content import Tracks
from portal.tracks.queries import MyTrack, progress_of

NEWS = timedelta(days=30)
"""So long a finished track leads to what fits after it."""


def progress(request: DashboardRequest) -> Mapping[int, Sequence[MyTrack]]:
    """The tracks that this person and those they accompany take, by the person's id."""
    return progress_of(request.session, request.portal.library.get(Tracks), request.person_ids)


def own_tracks(request: DashboardRequest) -> Sequence[MyTrack]:
    """The tracks this person takes."""
    return request.once(progress)[request.person.id]


def has_begun(request: DashboardRequest) -> bool:
    """Whether this person takes any track."""
    return bool(own_tracks(request))


def way_in(request: DashboardRequest) -> WayIn | None:
    """Choose a track, for somebody who takes none."""
    has_choice = any(request.portal.library.get(Tracks)) and not own_tracks(request)
    return WayIn(_("See the tracks"), "tracks.index") if has_choice else None


def propose_beginning(request: DashboardRequest) -> NextStep | None:
    """Begin with the first track, for somebody who has begun nothing here yet."""
    first = next(iter(request.portal.library.get(Tracks)), None)
    if first is None or not request.is_new:
        return None
    sentence = ngettext(
        "Begin with “%(title)s”: %(num)s step, each on a page of its own. You can stop and go on at any time.",
        "Begin with “%(title)s”: %(num)s steps, each on a page of its own. You can stop and go on at any time.",
        len(first.steps),
        title=first.text_in(current_language().code).title,
    )
    args = {"slug": first.slug, "step_slug": first.steps[0].slug}
    return NextStep(sentence, _("Open the first step"), "tracks.step", args)


def propose_what_fits_next(request: DashboardRequest) -> NextStep | None:
    """Look at what fits after the track that was finished not long ago."""
    finished = (track for track in own_tracks(request) if track.finished_at and not track.is_under_way)
    mine = next((track for track in finished if track.finished_at and request.now - track.finished_at < NEWS), None)
    if mine is None:
        return None
    title = mine.track.text_in(current_language().code).title
    sentence = _("You finished “%(track)s”. Its page names what you could do next.", track=title)
    return NextStep(sentence, _("See what fits next"), "tracks.show", {"slug": mine.track.slug})


def propose_next_step(request: DashboardRequest) -> NextStep | None:
    """Go on with the track that is under way."""
    mine = next((track for track in own_tracks(request) if track.is_under_way and track.next_step), None)
    if mine is None or mine.next_step is None:
        return None
    language, step = current_language().code, mine.next_step
    titles = {"track": mine.track.text_in(language).title, "step": step.text_in(language).title}
    sentence = _("Next in “%(track)s”: %(step)s.", **titles)
    return NextStep(sentence, _("Open this step"), "tracks.step", {"slug": mine.track.slug, "step_slug": step.slug})
