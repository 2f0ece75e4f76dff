"""What is true of steps: circles, what is open and why not, what comes next, how a quiz went. Pure."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.core.errors import Conflict
from portal.core.i18n import _
from portal.tracks.content import QuestionKind, QuizQuestion, Step, Track
from portal.tracks.models import EnrolmentState

WORDS_A_MINUTE = 200
MAY_LEAVE = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED, EnrolmentState.LEFT)
"""Who can leave a track; again, too, for a double click."""


class StepStatus(StrEnum):
    """Where somebody is with a step."""

    LOCKED = "locked"
    AVAILABLE = "available"
    STARTED = "started"
    SUBMITTED = "submitted"
    DONE = "done"


def nothing_to_leave() -> Conflict:
    """What is said to who would leave a track that they do not take, or have finished."""
    return Conflict(_("You are not following this track at the moment, so there is nothing to leave."))


@dataclass(frozen=True, slots=True)
class StepState:
    """Where somebody is with a step; `missing` are the ids of the steps that keep it locked."""

    status: StepStatus
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackProgress:
    """How many steps are done of how many."""

    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer with the reason why it is right or not. `answer` is "" where a text was typed."""

    answer: str
    text: str
    is_right: bool
    is_chosen: bool
    because: str


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """How one question went. `chosen` are ids of answers, or the text that was typed; every answer is explained."""

    question: str
    is_right: bool
    chosen: tuple[str, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class QuizResult:
    """How a quiz went, question by question in its order."""

    questions: tuple[QuestionResult, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every question was answered rightly."""
        return all(question.is_right for question in self.questions)

    @property
    def right(self) -> int:
        """How many questions were answered rightly."""
        return sum(question.is_right for question in self.questions)


def find_cycles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The circles in a graph of prerequisites: each once, every member needing the next, the last the first.

    Where circles share members, one of them is told. An empty list means that every step can be reached.
    """
    cycles: list[tuple[str, ...]] = []
    visited: set[str] = set()
    for start in graph:
        path: dict[str, None] = {}
        _search_depth_first(start, graph, path, visited, cycles)
    return cycles


def dependents_of(graph: Mapping[str, Iterable[str]], blocked: Collection[str]) -> set[str]:
    """Who needs one of these, directly or through others, without being one of them."""
    waiting: set[str] = set()
    while more := {step for step, needs in graph.items() if not waiting.union(blocked).isdisjoint(needs)} - waiting:
        waiting |= more
    return waiting - set(blocked)


def states(
    steps: Collection[Step],
    done: Collection[str],
    started: Collection[str] = (),
    submitted: Collection[str] = (),
    *,
    existing: Container[str] | None = None,
) -> dict[str, StepState]:
    """Where somebody is with each of the steps.

    `existing` are the ids of all that there are (`Tracks.step_ids`), without it those of `steps`: a prerequisite that
    is not among them is gone and locks nothing. What was once started or done is never locked again, whatever is asked
    for before it today.
    """
    existing = {step.id for step in steps} if existing is None else existing
    states_by_step = {}
    for step in steps:
        missing = tuple(needed for needed in step.prerequisites if needed not in done and needed in existing)
        status = _status(step.id, missing, done, started, submitted)
        states_by_step[step.id] = StepState(status, missing if status is StepStatus.LOCKED else ())
    return states_by_step


def next_step(track: Track, states: Mapping[str, StepState]) -> Step | None:
    """What to do next in a track: what was started, else the first step that is open. None when nothing is."""
    for wanted in (StepStatus.STARTED, StepStatus.AVAILABLE):
        for step in track.steps:
            if states[step.id].status is wanted:
                return step
    return None


def progress(track: Track, states: Mapping[str, StepState]) -> TrackProgress:
    """How far somebody has come in a track."""
    done = sum(states[step.id].status is StepStatus.DONE for step in track.steps)
    return TrackProgress(done, len(track.steps))


def skills_to_offer(taught: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    """Of the skills that a track taught those that somebody lacks or has at a lower level, each with the new level."""
    return {skill: level for skill, level in taught.items() if level > known.get(skill, 0)}


def following_tracks(tracks: Iterable[Track], finished: Track, taken: Collection[str], limit: int) -> list[Track]:
    """What to learn next: tracks (none of the ids `taken`) that go on with what this one taught, those with most in
    common first.
    """
    others = [track for track in tracks if track.id != finished.id and track.id not in taken]
    common = {track.id: len(track.skills.keys() & finished.skills.keys()) for track in others}
    return sorted((track for track in others if common[track.id]), key=lambda track: -common[track.id])[:limit]


def grade(questions: Iterable[QuizQuestion], answers: Mapping[str, Sequence[str]]) -> QuizResult:
    """Judge what was given to each question (by its id): ids of answers, or one text that was typed."""
    return QuizResult(tuple(_grade_question(question, answers.get(question.id, ())) for question in questions))


def folded_answer(text: str) -> str:
    """A typed answer without what does not matter: case, and how much space stands where."""
    return " ".join(text.split()).casefold()


def reading_minutes(words: int) -> int:
    """How long it takes to read so many words, in whole minutes, at least one."""
    return max(1, round(words / WORDS_A_MINUTE))


def _search_depth_first(
    start: str,
    graph: Mapping[str, Iterable[str]],
    path: dict[str, None],
    visited: set[str],
    cycles: list[tuple[str, ...]],
) -> None:
    """Depth first without recursion: a long chain of steps must not end in a traceback."""
    stack = [(start, iter([start]))]
    while stack:
        parent, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            path.pop(parent, None)
            visited.add(parent)
        elif child in path:
            members = list(path)
            cycles.append(tuple(members[members.index(child) :]))
        elif child in graph and child not in visited:
            path[child] = None
            stack.append((child, iter(graph[child])))


def _status(
    step_id: str,
    missing: tuple[str, ...],
    done: Collection[str],
    started: Collection[str],
    submitted: Collection[str],
) -> StepStatus:
    if step_id in done:
        return StepStatus.DONE
    if step_id in submitted:
        return StepStatus.SUBMITTED
    if step_id in started:
        return StepStatus.STARTED
    return StepStatus.LOCKED if missing else StepStatus.AVAILABLE


def _grade_question(question: QuizQuestion, answers: Sequence[str]) -> QuestionResult:
    if question.kind is QuestionKind.SHORT:
        return _grade_text(question, answers[0] if answers else "")
    chosen = tuple(answer.id for answer in question.answers if answer.id in answers)
    right = tuple(answer.id for answer in question.answers if answer.is_right)
    explanations = tuple(
        Explanation(answer.id, answer.text, answer.is_right, answer.id in chosen, answer.because)
        for answer in question.answers
    )
    return QuestionResult(question.id, chosen == right, chosen, explanations)


def _grade_text(question: QuizQuestion, typed: str) -> QuestionResult:
    is_right = folded_answer(typed) in {folded_answer(text) for text in question.accept}
    chosen = (typed,) if typed.strip() else ()
    explanation = Explanation("", typed, is_right, bool(chosen), question.because)
    return QuestionResult(question.id, is_right, chosen, (explanation,))
