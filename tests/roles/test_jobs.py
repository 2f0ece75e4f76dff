"""Terms that end by themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.mentoring.access import BE_MENTOR
from portal.mentoring.content import MENTOR
from portal.roles import actions, queries
from portal.roles.content import STEWARD
from portal.roles.rules import after_months
from tests.roles.conftest import NOW, Community

COORDINATOR = "mentoring-coordinator"

LAST_DAY = NOW.date() + timedelta(days=30)


def verbs_told_to(community: Community, person_id: int) -> list[str]:
    with community.site.unit_of_work() as session:
        found = select(Event.verb).join(Notice).where(Notice.person_id == person_id).order_by(Notice.id)
        return list(session.scalars(found))


def test_a_role_holds_through_its_last_day_and_not_a_day_longer(community: Community, noon: Any) -> None:
    community.appoint(MENTOR, community.ana, until=LAST_DAY)
    for days, is_mentor in ((30, True), (31, False)):
        with community.site.unit_of_work() as session:
            given = queries.permissions_of(session, community.ana.id, NOW + timedelta(days=days))
            assert (BE_MENTOR.name in given) is is_mentor


def test_a_term_is_announced_once_two_weeks_ahead_and_ends_by_itself(community: Community, noon: Any) -> None:
    community.appoint(MENTOR, community.ana, until=LAST_DAY)
    community.site.work("roles.end_terms")
    assert verbs_told_to(community, community.ana.id) == ["roles.appointed"]
    noon.shift(timedelta(days=16))
    community.site.work("roles.end_terms", "roles.end_terms")
    assert verbs_told_to(community, community.ana.id) == ["roles.appointed", "roles.term_nears"]
    assert verbs_told_to(community, community.coordinator.id) == ["roles.appointed", "roles.term_nears"]
    noon.shift(timedelta(days=15))
    community.site.work("roles.end_terms", "roles.end_terms")
    assert verbs_told_to(community, community.ana.id)[2:] == ["roles.term_ended"]
    with community.site.unit_of_work() as session:
        (past,) = queries.past_holders(session, MENTOR, NOW)
        assert past.ended_at == NOW + timedelta(days=31)
        assert past.ended_by is None


def test_the_seat_of_an_ended_term_is_free_again(community: Community, noon: Any) -> None:
    community.appoint(COORDINATOR, community.ana, until=NOW.date() + timedelta(days=1))
    noon.shift(timedelta(days=2))
    community.site.work("roles.end_terms")
    community.appoint(COORDINATOR, community.ana)
    with community.site.unit_of_work() as session:
        assert len(queries.holders_of(session, COORDINATOR, NOW)) == 2


def test_the_last_steward_goes_on_for_a_month_when_the_term_ends(community: Community, noon: Any) -> None:
    with community.site.unit_of_work() as session:
        (held,) = queries.holders_of(session, STEWARD, NOW)
        held.until = NOW.date()
    noon.shift(timedelta(days=1))
    community.site.work("roles.end_terms")
    with community.site.unit_of_work() as session:
        (held,) = queries.holders_of(session, STEWARD, NOW)
        assert held.until == NOW.date() + timedelta(days=31)
    assert verbs_told_to(community, community.steward.id)[-1] == "roles.term_prolonged"


def test_months_are_counted_to_the_same_day_or_the_last_of_a_shorter_month() -> None:
    assert after_months(date(2026, 11, 23), 12) == date(2027, 11, 23)
    assert after_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert after_months(date(2027, 1, 31), 13) == date(2028, 2, 29)


def test_a_term_that_another_sweep_has_prolonged_is_told_once(community: Community) -> None:
    with community.site.unit_of_work() as session:
        (held,) = queries.holders_of(session, STEWARD, NOW)
        held.until = NOW.date() - timedelta(days=1)
    for _ in range(2):
        with community.site.unit_of_work() as session:
            actions.end_term(session, queries.holding(session, held.id), NOW)
    assert verbs_told_to(community, community.steward.id).count("roles.term_prolonged") == 1


def test_a_term_that_somebody_has_prolonged_until_today_still_holds(community: Community) -> None:
    held_id = community.appoint(MENTOR, community.ana, until=LAST_DAY)
    with community.site.unit_of_work() as session:
        held = queries.holding(session, held_id)
        held.until = NOW.date()
        actions.end_term(session, held, NOW)
        assert held.ended_at is None
        assert queries.roles_of(session, community.ana.id, NOW) == {MENTOR}
