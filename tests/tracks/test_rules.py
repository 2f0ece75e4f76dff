"""Circles, what is open and why not, what comes next, how a quiz went."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tracks.content import Evidence, Module, QuestionKind, QuizAnswer, QuizQuestion, Step, Track
from portal.tracks.rules import (
    StepState,
    StepStatus,
    TrackProgress,
    dependents_of,
    find_cycles,
    grade,
    next_step,
    progress,
    reading_minutes,
    states,
)

NAMES = "abcdefghij"


def step(name: str, *needs: str) -> Step:
    return Step(name, name, "track", "module", 5, {}, needs, Evidence.SELF_DECLARED, {})


def track(*steps: Step) -> Track:
    return Track("track", "track", 1, "", (Module("module", {"en": "Module"}, steps),), {})


@st.composite
def acyclic(draw: Any) -> Track:
    """A track whose steps need any of the others, in an order that has nothing to do with who needs whom."""
    names = draw(st.permutations(NAMES[: draw(st.integers(1, 10))]))
    steps = [step(name, *draw(st.sets(st.sampled_from([*names[:place], "gone"])))) for place, name in enumerate(names)]
    return track(*draw(st.permutations(steps)))


graphs = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES + "z"), max_size=4))


@given(acyclic())
def test_no_track_without_circles_is_ever_a_dead_end(made: Track) -> None:
    assert find_cycles({one.id: one.prerequisites for one in made.steps}) == []
    done: set[str] = set()
    while coming := next_step(made, states(made.steps, done)):
        assert coming.id not in done
        done.add(coming.id)
    assert progress(made, states(made.steps, done)).is_complete


@given(acyclic(), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_what_was_begun_or_done_is_never_locked_whatever_it_needs(made: Track, done: set[str], begun: set[str]) -> None:
    for one, state in states(made.steps, done, begun).items():
        if one in done | begun:
            assert state == StepState(StepStatus.DONE if one in done else StepStatus.STARTED)
        else:
            assert (state.status is StepStatus.LOCKED) == bool(state.missing)
            assert set(state.missing) <= {step.id for step in made.steps} - done


@given(graphs)
def test_every_circle_that_is_told_is_one_and_where_none_is_told_there_is_none(graph: dict[str, list[str]]) -> None:
    found = find_cycles(graph)
    for circle in found:
        assert all(after in graph[one] for one, after in zip(circle, (*circle[1:], circle[0]), strict=True))
    left = dict(graph)
    while free := {one for one, needs in left.items() if not set(needs) & left.keys()}:
        left = {one: needs for one, needs in left.items() if one not in free}
    assert bool(found) == bool(left)
    told = {one for circle in found for one in circle}
    assert left.keys() <= told | dependents_of(graph, told)


def test_a_circle_is_told_in_the_order_in_which_its_steps_need_each_other() -> None:
    assert find_cycles({"a": ["b"], "b": ["c"], "c": ["a"]}) == [("a", "b", "c")]
    assert find_cycles({"a": ["a"]}) == [("a",)]
    assert dependents_of({"a": ["b"], "b": ["a"], "c": ["a"], "d": ["c"], "e": []}, {"a", "b"}) == {"c", "d"}


def test_a_chain_of_ten_thousand_steps_is_walked() -> None:
    assert find_cycles({str(one): [str(one + 1)] for one in range(10_000)}) == []


def test_a_step_is_locked_by_exactly_what_is_missing() -> None:
    found = states([step("a"), step("b"), step("c", "a", "b", "gone")], done={"a"})
    assert found["c"] == StepState(StepStatus.LOCKED, ("b",))
    assert found["b"] == StepState(StepStatus.AVAILABLE)


def test_what_is_submitted_waits_and_the_next_step_is_another() -> None:
    made = track(step("a"), step("b"), step("c"))
    found = states(made.steps, done=(), started={"a", "c"}, submitted={"a"})
    assert found["a"].status is StepStatus.SUBMITTED
    coming = next_step(made, found)
    assert coming is not None
    assert coming.id == "c"  # begun comes before open


def test_a_finished_track_has_no_next_step() -> None:
    made = track(step("a"), step("b", "a"))
    found = states(made.steps, done={"a", "b"})
    assert next_step(made, found) is None
    assert progress(made, found) == TrackProgress(2, 2)


def choice(kind: QuestionKind, right: str) -> QuizQuestion:
    answers = tuple(QuizAnswer(one, one.upper(), one in right, f"because {one}") for one in "abc")
    return QuizQuestion("q", "Which?", kind, answers)


SHORT = QuizQuestion("q", "Type it.", QuestionKind.SHORT, accept=("git commit --amend", "Straße"), because="So it is.")


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "is_right"),
    [
        (QuestionKind.SINGLE, "a", ["a"], True),
        (QuestionKind.SINGLE, "a", ["b"], False),
        (QuestionKind.SINGLE, "a", ["a", "b"], False),
        (QuestionKind.SINGLE, "a", [], False),
        (QuestionKind.MULTIPLE, "ac", ["c", "a"], True),
        (QuestionKind.MULTIPLE, "ac", ["a"], False),
        (QuestionKind.MULTIPLE, "ac", ["a", "b", "c"], False),
        (QuestionKind.MULTIPLE, "ac", ["a", "c", "a", "no-answer"], True),
    ],
)
def test_a_choice_is_right_when_just_the_right_ones_are_chosen(
    kind: QuestionKind, right: str, chosen: list[str], is_right: bool
) -> None:
    judged = grade([choice(kind, right)], {"q": chosen}).questions[0]
    assert judged.is_right is is_right
    assert [one.because for one in judged.explanations] == ["because a", "because b", "because c"]
    assert [one.answer for one in judged.explanations if one.is_chosen] == [one for one in "abc" if one in chosen]


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("git commit --amend", True),
        ("  Git  COMMIT\t--amend\n", True),
        ("STRASSE", True),
        ("git commit", False),
        ("", False),
        ("   ", False),
    ],
)
def test_a_typed_answer_is_compared_without_case_and_spacing(typed: str, is_right: bool) -> None:
    judged = grade([SHORT], {"q": [typed]}).questions[0]
    assert judged.is_right is is_right
    assert judged.explanations[0].because == "So it is."
    assert judged.chosen == ((typed,) if typed.strip() else ())


@given(st.dictionaries(st.text(max_size=3) | st.just("q"), st.lists(st.text(max_size=3) | st.sampled_from("abc"))))
def test_the_judge_judges_whatever_comes(answers: dict[str, list[str]]) -> None:
    for question in (choice(QuestionKind.SINGLE, "a"), choice(QuestionKind.MULTIPLE, "ab"), SHORT):
        judgement = grade([question], answers)
        assert judgement.is_passed == (judgement.right == 1)
        assert judgement.questions[0].explanations


def test_a_quiz_is_passed_when_every_question_is_right() -> None:
    first = choice(QuestionKind.SINGLE, "a")
    second = QuizQuestion("r", "Type it.", QuestionKind.SHORT, accept=("b",), because="So it is.")
    judgement = grade([first, second], {"q": ["a"], "r": ["c"]})
    assert (judgement.right, judgement.is_passed) == (1, False)
    assert grade([first, second], {"q": ["a"], "r": ["B"]}).is_passed


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (200, 1), (299, 1), (420, 2), (2000, 10)])
def test_reading_takes_a_minute_at_least(words: int, minutes: int) -> None:
    assert reading_minutes(words) == minutes
