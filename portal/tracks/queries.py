"""What is shown of tracks: how far somebody is, and how many have finished. Who may see whose, the views say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.tracks import rules
from portal.tracks.content import Step, Track, Tracks
from portal.tracks.models import Enrolment, EnrolmentState, ProgressState, StepProgress
from portal.tracks.rules import State


@dataclass(frozen=True)
class MyTrack:
    """A track as one person stands in it. `enrolment` is None for one that they never started.

    `next_step` is what to do next, None when nothing is left. `states` hold every step of the track by its id.
    """

    track: Track
    enrolment: Enrolment | None
    done: int
    total: int
    next_step: Step | None
    states: Mapping[str, State]

    @property
    def state(self) -> EnrolmentState | None:
        """Active, paused, left or finished; None for a track that was never started."""
        return EnrolmentState(self.enrolment.state) if self.enrolment else None

    @property
    def is_under_way(self) -> bool:
        """Whether this person takes the track now: neither paused nor left nor finished."""
        return self.state is EnrolmentState.ACTIVE

    @property
    def new_steps(self) -> int:
        """How many steps have come to a track since this person finished it."""
        return self.total - self.done if self.state is EnrolmentState.FINISHED else 0


def my_tracks(session: Session, tracks: Tracks, person_id: int) -> list[MyTrack]:
    """The tracks this person takes: those under way first, then paused, then finished; the last touched first.

    One that was left is not among them, nor one whose files are gone. Two statements.
    """
    return progress_of(session, tracks, [person_id])[person_id]


def progress_of(session: Session, tracks: Tracks, person_ids: Iterable[int]) -> dict[int, list[MyTrack]]:
    """The same for several people, such as a mentor's mentees; an empty list for who takes none. Two statements."""
    ids = set(person_ids)
    taken: defaultdict[int, list[Enrolment]] = defaultdict(list)
    rows = select(Enrolment).where(Enrolment.person_id.in_(ids), Enrolment.state != EnrolmentState.LEFT)
    for enrolment in session.scalars(rows.order_by(Enrolment.changed_at.desc(), Enrolment.track_id)):
        taken[enrolment.person_id].append(enrolment)
    steps = _steps_of(session, ids)
    return {one: _in_order(tracks, taken[one], steps.get(one, {})) for one in ids}


def my_track(session: Session, tracks: Tracks, track: Track, person_id: int) -> MyTrack:
    """How far this person is in one track, started or not. Two statements."""
    # Anew, for an action may have changed the row since it was read.
    enrolment = session.get(Enrolment, (person_id, track.id), populate_existing=True)
    steps = _steps_of(session, {person_id}).get(person_id, {})
    return _standing(track, enrolment, _states(tracks, steps))


def untouched(tracks: Tracks, track: Track) -> MyTrack:
    """A track as a visitor sees it."""
    return _standing(track, None, _states(tracks, {}))


def progress_in(session: Session, step_id: str, person_id: int) -> StepProgress | None:
    """What this person did of a step, if they ever opened it."""
    return session.get(StepProgress, (person_id, step_id))


def finished_counts(session: Session) -> dict[str, int]:
    """How many people have finished each track, by the track's id. One statement."""
    finished = select(Enrolment.track_id, func.count()).where(Enrolment.state == EnrolmentState.FINISHED)
    return dict(session.execute(finished.group_by(Enrolment.track_id)).all())


_ORDER = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED, EnrolmentState.FINISHED)


def _steps_of(session: Session, person_ids: set[int]) -> dict[int, dict[str, str]]:
    """Step id → state of all that these people opened, steps that are gone among them."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    rows = select(StepProgress.person_id, StepProgress.step_id, StepProgress.state)
    for person_id, step_id, state in session.execute(rows.where(StepProgress.person_id.in_(person_ids))):
        found[person_id][step_id] = state
    return found


def _in_order(tracks: Tracks, taken: Iterable[Enrolment], steps: Mapping[str, str]) -> list[MyTrack]:
    by_id = {track.id: track for track in tracks}
    states = _states(tracks, steps)
    mine = [_standing(by_id[one.track_id], one, states) for one in taken if one.track_id in by_id]
    return sorted(mine, key=lambda one: _ORDER.index(one.state) if one.state in _ORDER else len(_ORDER))


def _states(tracks: Tracks, steps: Mapping[str, str]) -> dict[str, State]:
    done = {step_id for step_id, state in steps.items() if state == ProgressState.DONE}
    return rules.states(tracks.steps, done, steps.keys() - done)


def _standing(track: Track, enrolment: Enrolment | None, states: Mapping[str, State]) -> MyTrack:
    own = {step.id: states[step.id] for step in track.steps}
    far = rules.progress(track, own)
    return MyTrack(track, enrolment, far.done, far.total, rules.next_step(track, own), own)
