"""Every verb that people are told of belongs to a kind that they can choose by."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.app import FEATURES
from portal.core.feature import Features
from portal.core.notices import Cadence
from tests.activity.test_templates import MAIL
from tests.activity.test_templates import VERBS as RECORDED

ACCOUNT = ("people.", "authenticators.", "single_sign_on.", "admin.", "api_tokens.")
"""Letters about accounts, which nobody switches off."""
DIGEST = "activity.digest"
HOUSE = Features(FEATURES)
TOLD = sorted(
    {path.stem for path in MAIL.glob("*.txt") if not path.stem.startswith(ACCOUNT) and path.stem != DIGEST}
    | {verb for verb in RECORDED.values() if verb}
)


@pytest.mark.parametrize("verb", TOLD)
def test_a_verb_has_a_kind(verb: str) -> None:
    assert verb in HOUSE.notices, f"portal/{verb.partition('.')[0]}/feature.py: notices has no line for {verb}"
    assert HOUSE.notices[verb] in HOUSE.notice_kinds.values()


def test_no_room_speaks_of_a_verb_that_is_gone_or_of_another_rooms() -> None:
    assert set(HOUSE.notices) == set(TOLD)
    assert all(verb.partition(".")[0] == room.name for room in HOUSE for verb in room.notices)


def test_what_waits_for_somebodys_answer_comes_at_once() -> None:
    for verb in ("mentoring.message", "mentoring.nudged", "mentoring.applied", "roles.offered", "tools.help_offered"):
        assert HOUSE.notices[verb].cadence is Cadence.NOW
    assert HOUSE.notices["roles.term_nears"].cadence is Cadence.DAILY


def test_every_kind_has_verbs_and_words_and_a_place_of_its_own() -> None:
    kinds = HOUSE.notice_kinds
    assert {kind.slug for kind in HOUSE.notices.values()} == set(kinds)
    assert all(str(kind.name) and str(kind.about) for kind in kinds.values())
    assert max(Counter(kind.order for kind in kinds.values()).values()) == 1
