"""What is true of steps: circles, what is open and why not, what comes next, how a quiz went. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.tracks.content import Question, QuestionKind, Step, Track

WORDS_A_MINUTE = 200


class Standing(StrEnum):
    """Where somebody is with a step."""

    LOCKED = "locked"
    AVAILABLE = "available"
    STARTED = "started"
    SUBMITTED = "submitted"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class State:
    """Where somebody is with a step; `missing` are the ids of the steps that keep it locked."""

    standing: Standing
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
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
class Judged:
    """How one question went. `chosen` are ids of answers, or the text that was typed; every answer is explained."""

    question: str
    is_right: bool
    chosen: tuple[str, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a quiz went, question by question in its order."""

    questions: tuple[Judged, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every question was answered rightly."""
        return all(one.is_right for one in self.questions)

    @property
    def right(self) -> int:
        """How many questions were answered rightly."""
        return sum(one.is_right for one in self.questions)


def cycles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The circles in a graph of prerequisites: each once, every member needing the next, the last the first.

    Where circles share members, one of them is told. An empty list means that every step can be reached.
    """
    found: list[tuple[str, ...]] = []
    settled: set[str] = set()
    for start in graph:
        path: dict[str, None] = {}
        _walk(start, graph, path, settled, found)
    return found


def behind(graph: Mapping[str, Iterable[str]], blocked: Collection[str]) -> set[str]:
    """Who needs one of these, directly or through others, without being one of them."""
    waiting: set[str] = set()
    while more := {one for one, needs in graph.items() if not waiting.union(blocked).isdisjoint(needs)} - waiting:
        waiting |= more
    return waiting - set(blocked)


def states(
    steps: Iterable[Step], done: Collection[str], started: Collection[str] = (), submitted: Collection[str] = ()
) -> dict[str, State]:
    """Where somebody is with each of the steps.

    `steps` are all that there are (`Tracks.steps`): a prerequisite that is not among them is gone and locks nothing.
    What was once started or done is never locked again, whatever is asked for before it today.
    """
    every = {step.id: step for step in steps}
    found = {}
    for step in every.values():
        missing = tuple(one for one in step.prerequisites if one in every and one not in done)
        standing = _standing(step.id, missing, done, started, submitted)
        found[step.id] = State(standing, missing if standing is Standing.LOCKED else ())
    return found


def next_step(track: Track, states: Mapping[str, State]) -> Step | None:
    """What to do next in a track: what was started, else the first step that is open. None when nothing is."""
    for wanted in (Standing.STARTED, Standing.AVAILABLE):
        for step in track.steps:
            if states[step.id].standing is wanted:
                return step
    return None


def progress(track: Track, states: Mapping[str, State]) -> Progress:
    """How far somebody has come in a track."""
    done = sum(states[step.id].standing is Standing.DONE for step in track.steps)
    return Progress(done, len(track.steps))


def judge(questions: Iterable[Question], given: Mapping[str, Sequence[str]]) -> Judgement:
    """Judge what was given to each question (by its id): ids of answers, or one text that was typed."""
    return Judgement(tuple(_judged(question, given.get(question.id, ())) for question in questions))


def fold(text: str) -> str:
    """A typed answer without what does not matter: case, and how much space stands where."""
    return " ".join(text.split()).casefold()


def reading_minutes(words: int) -> int:
    """How long it takes to read so many words, in whole minutes, at least one."""
    return max(1, round(words / WORDS_A_MINUTE))


def _walk(
    start: str,
    graph: Mapping[str, Iterable[str]],
    path: dict[str, None],
    settled: set[str],
    found: list[tuple[str, ...]],
) -> None:
    """Depth first without recursion: a long chain of steps must not end in a traceback."""
    stack = [(start, iter([start]))]
    while stack:
        parent, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            path.pop(parent, None)
            settled.add(parent)
        elif child in path:
            members = list(path)
            found.append(tuple(members[members.index(child) :]))
        elif child in graph and child not in settled:
            path[child] = None
            stack.append((child, iter(graph[child])))


def _standing(
    step_id: str,
    missing: tuple[str, ...],
    done: Collection[str],
    started: Collection[str],
    submitted: Collection[str],
) -> Standing:
    if step_id in done:
        return Standing.DONE
    if step_id in submitted:
        return Standing.SUBMITTED
    if step_id in started:
        return Standing.STARTED
    return Standing.LOCKED if missing else Standing.AVAILABLE


def _judged(question: Question, given: Sequence[str]) -> Judged:
    if question.kind is QuestionKind.SHORT:
        return _judged_text(question, given[0] if given else "")
    chosen = tuple(answer.id for answer in question.answers if answer.id in given)
    right = tuple(answer.id for answer in question.answers if answer.is_right)
    explanations = tuple(
        Explanation(answer.id, answer.text, answer.is_right, answer.id in chosen, answer.because)
        for answer in question.answers
    )
    return Judged(question.id, chosen == right, chosen, explanations)


def _judged_text(question: Question, typed: str) -> Judged:
    is_right = fold(typed) in {fold(text) for text in question.accept}
    chosen = (typed,) if typed.strip() else ()
    explanation = Explanation("", typed, is_right, bool(chosen), question.because)
    return Judged(question.id, is_right, chosen, (explanation,))
