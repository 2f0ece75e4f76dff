"""Who of the demo takes which learning track, and how far they are: done through the real actions, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from sqlalchemy.orm import Session

from portal.core.i18n import SOURCE_LANGUAGE
from portal.people.models import Person
from portal.people.queries import by_username
from portal.tracks import actions, queries
from portal.tracks.content import Evidence, QuestionKind, QuizQuestion, Step, Track, Tracks

ALL = 1000
# Who, which track by its place among those there are, how many of its steps, and how many days ago they began.
LEARNERS = (
    ("newcomer", 0, 1, 3),
    ("nadia", 0, 6, 10),
    ("matilda", 0, ALL, 15),
    ("eun-ji", 0, ALL, 48),
    ("gaspard", 0, ALL, 38),
    ("yuki", 0, 3, 2),
    ("sigrid", 1, ALL, 28),
    ("vikram", 1, 5, 20),
    ("camille", 1, 2, 4),
    ("eun-ji", 2, 4, 30),
    ("ludovic", 2, ALL, 60),
    ("zoltan", 2, 1, 45),
)
PAUSED, LEFT = {("vikram", 1)}, {("zoltan", 2)}
NOTES = (
    "It worked on the second try: the first time I was in the wrong folder.",
    "Done. I saw just what the page says.",
    "Took me longer than it says here, but now I know why it is done this way.",
)


def take_tracks(session: Session, tracks: Tracks, now: datetime) -> None:
    """Let the people of the demo, who are there by now, take the tracks there are."""
    there = list(tracks)
    for username, track_index, steps, days in LEARNERS:
        person = by_username(session, username)
        if person is None:
            raise LookupError(f"the demo has nobody called {username}")
        if track_index < len(there):
            _take(session, tracks, there[track_index], person, steps, now - timedelta(days=days), now)
            if (username, track_index) in PAUSED:
                actions.pause(session, there[track_index], person, now - timedelta(days=1))
            if (username, track_index) in LEFT:
                actions.leave(session, there[track_index], person, now - timedelta(days=1))


def _take(
    session: Session, tracks: Tracks, track: Track, person: Person, steps: int, began: datetime, now: datetime
) -> None:
    """Do so many steps, in the order the portal names them, evenly over the days until yesterday; open the next."""
    actions.start(session, tracks, track, person, began)
    total = len(track.steps) if steps == ALL else min(steps, len(track.steps) - 1)
    pace, notes = (now - timedelta(days=1) - began) / max(total, 1), cycle(NOTES)
    for number, step in enumerate(_following(session, tracks, track, person), start=1):
        at = began + pace * number
        if number > total:
            actions.open_step(session, tracks, step, person, at)
            return
        _do(session, tracks, step, person, next(notes), at)


def _following(session: Session, tracks: Tracks, track: Track, person: Person) -> Iterator[Step]:
    while step := queries.my_track(session, tracks, track, person.id).next_step:
        yield step


def _do(session: Session, tracks: Tracks, step: Step, person: Person, note: str, at: datetime) -> None:
    if step.evidence is Evidence.QUIZ:
        questions = step.text_in(SOURCE_LANGUAGE).quiz
        answers = {question.id: _right(question) for question in questions}
        actions.answer_quiz(session, tracks, step, questions, person, answers, at)
    else:
        actions.declare_done(session, tracks, step, person, note, at)


def _right(question: QuizQuestion) -> list[str]:
    if question.kind is QuestionKind.SHORT:
        return list(question.accept[:1])
    return [answer.id for answer in question.answers if answer.is_right]
