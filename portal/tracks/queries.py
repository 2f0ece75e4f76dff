"""What is shown of tracks: how far somebody is, and how many have finished. Who may see whose, the views say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, CompoundSelect, bindparam, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from portal.core.database import UtcDateTime
from portal.core.rows import run_prepared
from portal.tracks import rules
from portal.tracks.content import Step, Track, Tracks
from portal.tracks.models import Enrolment, EnrolmentState, ProgressState, StepProgress
from portal.tracks.rules import StepState


@dataclass(frozen=True)
class MyTrack:
    """A track as one person stands in it. `state` is None for one that they never started.

    `next_step` is what to do next, None when nothing is left. `states` hold every step of the track by its id.
    """

    track: Track
    state: EnrolmentState | None
    finished_at: datetime | None
    done: int
    total: int
    next_step: Step | None
    states: Mapping[str, StepState]

    @property
    def is_under_way(self) -> bool:
        """Whether this person takes the track now: neither paused nor left nor finished."""
        return self.state is EnrolmentState.ACTIVE

    @property
    def new_steps(self) -> int:
        """How many steps have come to a track since this person finished it."""
        return self.total - self.done if self.state is EnrolmentState.FINISHED else 0


class _Taken(NamedTuple):
    track_id: str
    state: EnrolmentState
    changed_at: datetime
    finished_at: datetime | None


def my_tracks(session: Session, tracks: Tracks, person_id: int) -> list[MyTrack]:
    """The tracks this person takes: those under way first, then paused, then finished; the last touched first.

    One that was left is not among them, nor one whose files are gone. One statement.
    """
    return progress_of(session, tracks, [person_id])[person_id]


def progress_of(session: Session, tracks: Tracks, person_ids: Iterable[int]) -> dict[int, list[MyTrack]]:
    """The same for several people, such as a mentor's mentees; an empty list for who takes none. One statement."""
    ids = set(person_ids)
    taken: defaultdict[int, list[_Taken]] = defaultdict(list)
    steps: defaultdict[int, dict[str, str]] = defaultdict(dict)
    rows = run_prepared(session, _RECORDS, {"people": list(ids)})
    for is_track, person_id, thing_id, state, changed_at, finished_at in rows:
        if is_track:
            taken[person_id].append(_Taken(thing_id, EnrolmentState(state), changed_at, finished_at))
        else:
            steps[person_id][thing_id] = state
    return {person_id: _in_order(tracks, taken[person_id], steps[person_id]) for person_id in ids}


def my_track(session: Session, tracks: Tracks, track: Track, person_id: int) -> MyTrack:
    """How far this person is in one track, started or not. Two statements."""
    # Anew, for an action may have changed the row since it was read.
    enrolment = session.get(Enrolment, (person_id, track.id), populate_existing=True)
    steps = _steps_of(session, {person_id}).get(person_id, {})
    state = EnrolmentState(enrolment.state) if enrolment else None
    return _standing(tracks, track, state, enrolment.finished_at if enrolment else None, steps)


def untouched(tracks: Tracks, track: Track) -> MyTrack:
    """A track as a visitor sees it."""
    return _standing(tracks, track, None, None, {})


def progress_in(session: Session, step_id: str, person_id: int) -> StepProgress | None:
    """What this person did of a step, if they ever opened it."""
    return session.get(StepProgress, (person_id, step_id))


def shared_notes(session: Session, track: Track, person_id: int) -> dict[str, StepProgress]:
    """What this person wrote of the steps of a track for their mentor to read, by the step's id. One statement."""
    theirs = (StepProgress.person_id == person_id, StepProgress.is_note_shared == true(), StepProgress.note != "")
    rows = session.scalars(select(StepProgress).where(*theirs, StepProgress.step_id.in_([s.id for s in track.steps])))
    return {row.step_id: row for row in rows}


def finished_counts(session: Session) -> dict[str, int]:
    """How many people have finished each track, by the track's id. One statement."""
    finished = select(Enrolment.track_id, func.count()).where(Enrolment.state == EnrolmentState.FINISHED)
    return dict(session.execute(finished.group_by(Enrolment.track_id)).all())


_ORDER = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED, EnrolmentState.FINISHED)


def _steps_of(session: Session, person_ids: set[int]) -> dict[int, dict[str, str]]:
    """Step id → state of all that these people opened, steps that are gone among them."""
    by_person: defaultdict[int, dict[str, str]] = defaultdict(dict)
    rows = select(StepProgress.person_id, StepProgress.step_id, StepProgress.state)
    for person_id, step_id, state in session.execute(rows.where(StepProgress.person_id.in_(person_ids))):
        by_person[person_id][step_id] = state
    return by_person


def _records_of_people() -> CompoundSelect[Any]:
    """What people take and what they opened."""
    people: BindParameter[Any] = bindparam("people", expanding=True)
    nothing = literal(None, UtcDateTime())
    track = (Enrolment.track_id, Enrolment.state, Enrolment.changed_at, Enrolment.finished_at)
    tracks = select(literal(1), Enrolment.person_id, *track).where(
        Enrolment.person_id.in_(people), Enrolment.state != EnrolmentState.LEFT
    )
    step = (StepProgress.step_id, StepProgress.state, nothing, nothing)
    steps = select(literal(0), StepProgress.person_id, *step).where(StepProgress.person_id.in_(people))
    return union_all(tracks, steps)


# Every dashboard asks it: it is built once.
_RECORDS = _records_of_people()


def _in_order(tracks: Tracks, taken: Iterable[_Taken], steps: Mapping[str, str]) -> list[MyTrack]:
    by_id = {track.id: track for track in tracks}
    latest = sorted(taken, key=lambda row: (-row.changed_at.timestamp(), row.track_id))
    mine = [
        _standing(tracks, by_id[row.track_id], row.state, row.finished_at, steps)
        for row in latest
        if row.track_id in by_id
    ]
    return sorted(mine, key=lambda row: _ORDER.index(row.state) if row.state in _ORDER else len(_ORDER))


def _standing(
    tracks: Tracks, track: Track, state: EnrolmentState | None, finished_at: datetime | None, steps: Mapping[str, str]
) -> MyTrack:
    done = {step_id for step_id, progress in steps.items() if progress == ProgressState.DONE}
    own = rules.states(track.steps, done, steps.keys() - done, existing=tracks.step_ids)
    far = rules.progress(track, own)
    return MyTrack(track, state, finished_at, far.done, far.total, rules.next_step(track, own), own)
