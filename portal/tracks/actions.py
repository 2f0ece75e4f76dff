"""What people do with tracks: start, pause, leave; open a step, say it is done, answer its quiz, take that back;
and take over into one's profile what was learnt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, case, insert, literal, update
from sqlalchemy.orm import Session

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core.database import UtcDateTime
from portal.core.errors import Conflict
from portal.core.i18n import SOURCE_LANGUAGE, _, current_language
from portal.core.rows import inserted, updated_one_row
from portal.people.actions import set_skill
from portal.people.models import Person
from portal.tracks import queries, rules
from portal.tracks.content import Evidence, QuizQuestion, Step, Track, Tracks
from portal.tracks.models import Enrolment, EnrolmentState, ProgressState, StepProgress
from portal.tracks.rules import QuizResult, StepStatus


def start(session: Session, tracks: Tracks, track: Track, person: Person, now: datetime) -> bool:
    """Take a track, or take up one that was paused or left. True when that finishes it: all its steps were done."""
    _take_up(session, track, person, now)
    return _finish_when_done(session, tracks, track, person, now)


def pause(session: Session, track: Track, person: Person, now: datetime) -> None:
    """Put a track aside for a while. Raises Conflict when it is not under way."""
    may_be = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED)
    if not _move(session, track, person, may_be, EnrolmentState.PAUSED, now):
        raise Conflict(_("You are not following this track at the moment, so there is nothing to pause."))


def leave(session: Session, track: Track, person: Person, now: datetime) -> None:
    """Take a track no longer; what was done stays. Raises Conflict when it is not taken, or finished."""
    if not _move(session, track, person, rules.MAY_LEAVE, EnrolmentState.LEFT, now):
        raise rules.nothing_to_leave()


def open_step(session: Session, tracks: Tracks, step: Step, person: Person, now: datetime) -> None:
    """Note that a step of a track under way was begun. Nothing happens to a locked one, nor to one begun before."""
    mine = queries.my_track(session, tracks, _track_of(tracks, step), person.id)
    if mine.is_under_way and mine.states[step.id].status is StepStatus.AVAILABLE:
        _begin(session, step, person, now)


def declare_done(session: Session, tracks: Tracks, step: Step, person: Person, note: str, now: datetime) -> bool:
    """Say that a step is done, with a note for one's mentor, or none; said again, the newer note counts.

    True when it finishes the track. A track that was not started, paused or left is under way from then on. Raises
    Conflict for a step that is locked or asks for a quiz.
    """
    if step.evidence is not Evidence.SELF_DECLARED:
        raise Conflict(_("This step is done by answering its quiz."))
    track = _enter(session, tracks, step, person, now)
    _set_progress(session, step, person, _done(now) | {"note": note.rstrip(), "is_note_shared": True}, now)
    return _finish_when_done(session, tracks, track, person, now)


def answer_quiz(
    session: Session,
    tracks: Tracks,
    step: Step,
    questions: Sequence[QuizQuestion],
    person: Person,
    answers: Mapping[str, Sequence[str]],
    now: datetime,
) -> tuple[QuizResult, bool]:
    """Answer a quiz as often as one likes; the step is done once every answer is right. Says also whether that
    finishes the track.

    `questions` are those that were read, in their language. Once it is done nothing is stored any more. Raises Conflict
    for a step that is locked or asks for a note.
    """
    if step.evidence is not Evidence.QUIZ:
        raise Conflict(_("This step has no quiz. Say on its page that you did it."))
    track = _enter(session, tracks, step, person, now)
    judgement = rules.grade(questions, answers)
    stored = {result.question: list(result.chosen) for result in judgement.questions}
    values = {"answers": stored, "tries": StepProgress.tries + 1, **(_done(now) if judgement.is_passed else {})}
    _set_progress(session, step, person, values, now, only=StepProgress.state != ProgressState.DONE)
    return judgement, _finish_when_done(session, tracks, track, person, now)


def claim_skills(session: Session, tracks: Tracks, track: Track, person: Person, chosen: Collection[str]) -> int:
    """Take skills that a finished track taught into one's profile, none of them at a lower level; how many it were.

    Raises Conflict for a track that is not finished, Invalid when the list of skills is full.
    """
    if queries.my_track(session, tracks, track, person.id).state is not EnrolmentState.FINISHED:
        raise Conflict(_("You have not finished this track yet, so its skills cannot be added to your profile."))
    known = {row.skill: row.level for row in person.skills}
    offered = rules.skills_to_offer(track.skills, known)
    taken = [skill for skill in offered if skill in chosen]
    for skill in taken:
        set_skill(person, skill, offered[skill])
    return len(taken)


def undo(session: Session, tracks: Tracks, step: Step, person: Person, now: datetime) -> None:
    """Take back that a step is done; the note stays. A finished track is under way again.

    Raises Conflict for a quiz: what was answered was answered.
    """
    if step.evidence is not Evidence.SELF_DECLARED:
        raise Conflict(_("A quiz that was answered stays answered."))
    enrolment = _enrolment(_track_of(tracks, step), person)
    # The enrolment first, as in every action: two that take the same rows in another order would block each other.
    updated_one_row(session, enrolment.values(changed_at=now))
    done = _progress(step, person).where(StepProgress.state == ProgressState.DONE)
    if updated_one_row(session, done.values(state=ProgressState.STARTED, done_at=None)):
        finished = enrolment.where(Enrolment.state == EnrolmentState.FINISHED)
        updated_one_row(session, finished.values(state=EnrolmentState.ACTIVE, finished_at=None))


def _enter(session: Session, tracks: Tracks, step: Step, person: Person, now: datetime) -> Track:
    """Take the step's track up, unless the step is locked. Raises Conflict that names what comes first."""
    track = _track_of(tracks, step)
    # First the row, which stays locked: of two browsers the second sees what the first one did.
    _take_up(session, track, person, now)
    state = queries.my_track(session, tracks, track, person.id).states[step.id]
    if state.status is StepStatus.LOCKED:
        raise Conflict(_("This step opens when you have done: %(steps)s.", steps=_titles(tracks, state.missing)))
    return track


def _take_up(session: Session, track: Track, person: Person, now: datetime) -> None:
    finished = EnrolmentState.FINISHED.value
    state = case((Enrolment.state == finished, finished), else_=EnrolmentState.ACTIVE.value)
    again = _enrolment(track, person).values(state=state, changed_at=now)
    fresh = {"state": EnrolmentState.ACTIVE, "started_at": now, "changed_at": now}
    row = insert(Enrolment).values(person_id=person.id, track_id=track.id, **fresh)
    if not updated_one_row(session, again) and not inserted(session, row):
        updated_one_row(session, again)


def _finish_when_done(session: Session, tracks: Tracks, track: Track, person: Person, now: datetime) -> bool:
    mine = queries.my_track(session, tracks, track, person.id)
    if mine.done < mine.total:
        return False
    active = _enrolment(track, person).where(Enrolment.state == EnrolmentState.ACTIVE)
    if not updated_one_row(session, active.values(state=EnrolmentState.FINISHED, finished_at=now)):
        return False
    leads_to = link("tracks.of", slug=track.slug, person_id=person.id)
    values = {"title": track.text_in(SOURCE_LANGUAGE).title, "link": leads_to}
    record(session, "tracks.finished", actor=person, subject=("person", person.id), values=values, now=now)
    return True


def _move(
    session: Session,
    track: Track,
    person: Person,
    may_be: Iterable[EnrolmentState],
    to: EnrolmentState,
    now: datetime,
) -> bool:
    fitting = _enrolment(track, person).where(Enrolment.state.in_(tuple(may_be)))
    return updated_one_row(session, fitting.values(state=to, changed_at=now))


def _set_progress(
    session: Session,
    step: Step,
    person: Person,
    values: Mapping[str, Any],
    now: datetime,
    only: ColumnElement[bool] | None = None,
) -> None:
    mine = _progress(step, person) if only is None else _progress(step, person).where(only)
    if not updated_one_row(session, mine.values(**values)):
        _begin(session, step, person, now)
        updated_one_row(session, mine.values(**values))


def _done(now: datetime) -> dict[str, Any]:
    # When it was done first is what counts.
    since = case((StepProgress.state == ProgressState.DONE, StepProgress.done_at), else_=literal(now, UtcDateTime()))
    return {"state": ProgressState.DONE, "done_at": since}


def _begin(session: Session, step: Step, person: Person, now: datetime) -> None:
    fresh = {"state": ProgressState.STARTED, "note": "", "is_note_shared": False, "tries": 0, "answers": {}}
    inserted(session, insert(StepProgress).values(person_id=person.id, step_id=step.id, started_at=now, **fresh))


def _enrolment(track: Track, person: Person) -> Update:
    return update(Enrolment).where(Enrolment.person_id == person.id, Enrolment.track_id == track.id)


def _progress(step: Step, person: Person) -> Update:
    return update(StepProgress).where(StepProgress.person_id == person.id, StepProgress.step_id == step.id)


def _track_of(tracks: Tracks, step: Step) -> Track:
    return tracks.by_slug[step.track]


def _titles(tracks: Tracks, step_ids: Iterable[str]) -> str:
    steps = [step for step_id in step_ids if (step := tracks.step(step_id))]
    return _(", ").join(_("“%(text)s”", text=step.text_in(current_language().code).title) for step in steps)
