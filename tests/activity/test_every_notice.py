"""Everything that rooms say people are told of is really told to somebody: no switch turns off what never comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import time_machine

from portal.app import FEATURES
from portal.core.feature import Features
from portal.core.i18n import speaking
from portal.core.security_log import Outcome, SecurityEvent, SecurityRow
from tests import made_content, make
from tests.town import TOOL, Town

ROOMS = Features(FEATURES)
LETTERS = Path(__file__).parents[2] / "portal" / "templates" / "mail"


@pytest.fixture
def town(make_site: Any, tmp_path: Path) -> Any:
    """A town at noon, whose only track is the small one."""
    with time_machine.travel(make.NOON, tick=False) as clock:
        yield Town(make_site(content=made_content.with_track(made_content.copied(tmp_path))), clock)


def _answer_application(town: Town, answer: str) -> None:
    town.apply()
    town.do("coord", f"/mentoring/applications/{town.id_of('ben')}/{answer}", reason="Come back in a year.")


def _expire(town: Town) -> int:
    asked = town.ask()
    town.wait(400, "mentoring.expire_requests")
    return asked


def _renew(town: Town) -> None:
    town.do("ana", f"/mentoring/requests/{_expire(town)}/renew")


def _withdraw_while_looked_at(town: Town) -> None:
    asked = town.ask()
    town.do("mia", f"/mentoring/requests/{asked}/look")
    town.do("ana", f"/mentoring/requests/{asked}/withdraw")


def _in_pairing(name: str, deed: str, **data: Any) -> Callable[[Town], None]:
    return lambda town: town.do(name, f"/mentoring/pairings/{town.pair()}/{deed}", **data)


def _oversee(town: Town, mentor: str = "") -> None:
    pairing = town.pair()
    town.do("coord", f"/mentoring/coordinate/pairings/{pairing}", mentor=mentor, note="It did not go on.")


def _hand_over(town: Town) -> None:
    _oversee(town, str(town.id_of("mo")))


def _propose(town: Town) -> int:
    asked = town.ask()
    town.do("coord", f"/mentoring/coordinate/requests/{asked}/propose", mentor=town.id_of("mo"))
    return asked


def _wait_long(town: Town) -> None:
    town.ask()
    town.wait(15, "mentoring.tell_of_long_waits")


def _fall_silent(town: Town, *days: int) -> None:
    town.pair()
    for number in days:
        town.wait(number, "mentoring.nudge_owing_sides")


def _alarm(town: Town) -> None:
    with town.site.unit_of_work() as session:
        tried = {"event": SecurityEvent.SIGN_IN, "outcome": Outcome.FAILED, "whence": "", "facts": {}}
        session.add_all(SecurityRow(at=town.now, **tried) for _number in range(50))
    town.site.work("admin.watch_doors")


def _end_role(town: Town) -> None:
    town.do("steward", f"/roles/holders/{town.appoint()}/end", reason="Inactive for long.")


def _step_down(town: Town) -> None:
    town.do("ben", f"/roles/holders/{town.appoint()}/step-down", reason="No time.")


def _serve_term(town: Town, days: int) -> None:
    town.appoint(days=20)
    town.wait(days, "roles.end_terms")


def _leave_the_last_appointer_to_their_term(town: Town) -> None:
    town.appoint(role="portal-steward", days=20)
    with town.site.portal.database.session(read_only=True) as session:
        first = make.held_by(session, town.id_of("steward"), "portal-steward")
    town.do("steward", f"/roles/holders/{first}/step-down", reason="Ben goes on.")
    town.wait(30, "roles.end_terms")


def _lose_a_holder(town: Town) -> None:
    town.appoint()
    town.leave("ben")


def _answer_offer(town: Town, name: str, answer: str) -> None:
    town.do(name, f"/roles/offers/{town.offer_role()}/{answer}", reason="Not at present.")


def _speak_as_maintainer(town: Town) -> None:
    town.confirm_maria()
    town.want_owner("maria")


def _stop_looking(town: Town) -> None:
    town.want_owner()
    town.offer_help()
    town.do("steward", f"{TOOL}/stop-looking")


def _offer_help(town: Town) -> int:
    town.want_owner()
    return town.offer_help()


def _withdraw_help(town: Town) -> None:
    town.do("ben", f"/tools/offers/{_offer_help(town)}/withdraw")


def _finish_track_as_mentee(town: Town) -> None:
    town.pair()
    town.finish_track()
    town.site.work()


TOLD: Mapping[str, Callable[[Town], object]] = {
    "admin.alarm": _alarm,
    "mentoring.applied": Town.apply,
    "mentoring.approved": lambda town: _answer_application(town, "approve"),
    "mentoring.declined": lambda town: _answer_application(town, "decline"),
    "mentoring.asked": Town.ask,
    "mentoring.proposed": _propose,
    "mentoring.passed": lambda town: town.do("mo", f"/mentoring/requests/{_propose(town)}/skip", reason=""),
    "mentoring.waits_long": _wait_long,
    "mentoring.advised": lambda town: town.do(
        "coord", f"/mentoring/coordinate/requests/{town.ask()}/advise", text="Would French do?"
    ),
    "mentoring.withdrawn": _withdraw_while_looked_at,
    "mentoring.expired": _expire,
    "mentoring.renewed": _renew,
    "mentoring.claimed": Town.pair,
    "mentoring.message": _in_pairing("mia", "messages", text="Welcome."),
    "mentoring.completed": _in_pairing("ana", "complete", thanks="You were kind."),
    "mentoring.ended": _in_pairing("ana", "end", reason="no_time"),
    "mentoring.released": _in_pairing("mia", "end", reason="no_time"),
    "mentoring.ended_for_you": _oversee,
    "mentoring.reassigned": _hand_over,
    "mentoring.handed_over": _hand_over,
    "mentoring.nudged": lambda town: _fall_silent(town, 8),
    "mentoring.timed_out": lambda town: _fall_silent(town, 15, 15),
    "roles.appointed": Town.appoint,
    "roles.ended": _end_role,
    "roles.stepped_down": _step_down,
    "roles.holder_left": _lose_a_holder,
    "roles.term_nears": lambda town: _serve_term(town, 10),
    "roles.term_ended": lambda town: _serve_term(town, 30),
    "roles.term_prolonged": _leave_the_last_appointer_to_their_term,
    "roles.offered": Town.offer_role,
    "roles.offer_withdrawn": lambda town: _answer_offer(town, "ben", "withdraw"),
    "roles.offer_declined": lambda town: _answer_offer(town, "steward", "decline"),
    "tools.account_confirmed": Town.confirm_maria,
    "tools.owner_wanted": _speak_as_maintainer,
    "tools.owner_not_wanted": _stop_looking,
    "tools.help_offered": _offer_help,
    "tools.offer_withdrawn": _withdraw_help,
    "tracks.finished": _finish_track_as_mentee,
}
"""How each of them comes about: what happens in the town."""


@pytest.mark.parametrize("verb", ROOMS.notices)
def test_whatever_a_switch_turns_off_is_told_to_somebody(town: Town, verb: str) -> None:
    assert verb in TOLD, f"say in TOLD how {verb} comes about: a notice that nobody ever gets needs no switch"
    TOLD[verb](town)
    assert town.told(verb)


def test_the_stories_tell_of_nothing_that_no_room_brings() -> None:
    assert TOLD.keys() == ROOMS.notices.keys()


@pytest.mark.parametrize("verb", ROOMS.notices)
def test_every_notice_has_its_letter(verb: str) -> None:
    assert (LETTERS / f"{verb}.txt").is_file()


def test_every_verb_belongs_to_a_room_and_to_a_kind_that_people_can_choose() -> None:
    for room in FEATURES:
        for verb, kind in room.notices.items():
            assert verb.startswith(f"{room.name}.")
            assert ROOMS.notice_kinds[kind.slug] is kind


def test_every_kind_of_notices_is_used() -> None:
    used = {kind.slug for kind in ROOMS.notices.values()}
    assert used == set(ROOMS.notice_kinds)


@pytest.mark.parametrize("kind", ROOMS.notice_kinds.values(), ids=lambda kind: kind.slug)
def test_every_kind_of_notices_has_words_in_every_language(kind: Any) -> None:
    for words in (kind.name, kind.about):
        with speaking("fr"):
            french = str(words)
        assert str(words).strip()
        assert french.strip()
        assert french != str(words)
