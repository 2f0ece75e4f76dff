"""Every verb that is told anywhere belongs to a kind that people can choose by."""

from __future__ import annotations

import pytest

from portal.activity.kinds import KINDS, VERBS, Cadence, kind_of
from tests.activity.test_templates import MAIL
from tests.activity.test_templates import VERBS as RECORDED

ACCOUNT = "people."
DIGEST = "activity.digest"
TOLD = sorted(
    {path.stem for path in MAIL.glob("*.txt") if not path.stem.startswith(ACCOUNT) and path.stem != DIGEST}
    | {verb for verb in RECORDED.values() if verb}
)


@pytest.mark.parametrize("verb", TOLD)
def test_a_verb_has_a_kind(verb: str) -> None:
    feature = verb.partition(".")[0] + "."
    assert verb in VERBS or feature in VERBS, (
        f"portal/activity/kinds.py: VERBS has no line for {verb}, nor for {feature}"
    )
    assert kind_of(verb).slug in KINDS


def test_the_table_speaks_of_no_verb_that_is_gone() -> None:
    features = {verb.partition(".")[0] + "." for verb in TOLD} | {"tracks."}
    assert {verb for verb in VERBS if not verb.endswith(".")} <= set(TOLD)
    assert {verb for verb in VERBS if verb.endswith(".")} <= features


def test_what_waits_for_somebodys_answer_comes_at_once() -> None:
    for verb in ("mentoring.message", "mentoring.nudged", "mentoring.applied", "roles.offered", "tools.help_offered"):
        assert kind_of(verb).cadence is Cadence.NOW
    assert kind_of("roles.term_nears").cadence is Cadence.DAILY


def test_every_kind_has_verbs() -> None:
    assert set(VERBS.values()) == set(KINDS)
