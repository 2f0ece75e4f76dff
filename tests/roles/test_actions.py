"""Who gives a role to whom, and what can never happen to the last seat and the last steward."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.activity.models import Event, Notice
from portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.mentoring.access import BE_MENTOR
from portal.mentoring.content import MENTOR
from portal.people import actions as people
from portal.people.models import Person
from portal.people.queries import export_of
from portal.roles import offers, queries
from portal.roles.access import APPOINT
from portal.roles.actions import appoint, end_holding, step_down
from portal.roles.content import STEWARD
from portal.roles.models import RoleHolder, RoleOffer
from tests import make
from tests.roles.conftest import NOW, Community

COORDINATOR = "mentoring-coordinator"


def permissions(community: Community, person: Person) -> frozenset[str]:
    with community.site.unit_of_work() as session:
        return queries.permissions_of(session, person.id, NOW)


def told(session: Any, verb: str) -> list[int]:
    found = select(Notice.person_id).join(Event).where(Event.verb == verb).order_by(Notice.person_id)
    return list(session.scalars(found))


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Run these in threads of their own that start together; what each returned or raised."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(place: int) -> None:
        start.wait(10)
        try:
            results[place] = deeds[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_a_role_gives_its_permissions_and_its_end_takes_them(community: Community) -> None:
    assert permissions(community, community.ana) == frozenset()
    held_id = community.appoint(MENTOR, community.ana)
    assert permissions(community, community.ana) == {BE_MENTOR.name}
    with community.site.unit_of_work() as session:
        held = queries.holding(session, held_id)
        end_holding(session, held, community.steward, "Asked to.", NOW)
    assert permissions(community, community.ana) == frozenset()


def test_an_appointment_is_told_to_the_person_with_its_reason(community: Community) -> None:
    community.appoint(MENTOR, community.ana, reason="Knows Lua well. \n")
    with community.site.unit_of_work() as session:
        event = session.scalars(select(Event).where(Event.verb == "roles.appointed").order_by(Event.id.desc())).first()
        assert event is not None
        assert event.values["reason"] == "Knows Lua well."
        assert event.actor_id == community.steward.id
        assert told(session, "roles.appointed")[-1] == community.ana.id


def test_a_person_holds_a_role_once_at_a_time_but_again_later(community: Community) -> None:
    held_id = community.appoint(MENTOR, community.ana)
    with pytest.raises(Conflict, match="holds the role already"):
        community.appoint(MENTOR, community.ana)
    with community.site.unit_of_work() as session:
        held = queries.holding(session, held_id)
        step_down(session, held, community.ana, "A pause.", NOW)
    community.appoint(MENTOR, community.ana)
    with community.site.unit_of_work() as session:
        assert len(queries.past_holders(session, MENTOR, NOW)) == 1
        assert len(queries.holders_of(session, MENTOR, NOW)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"until": date(2026, 11, 23)}, "until"),
        ({"until": date(2046, 1, 1)}, "until"),
    ],
)
def test_an_appointment_needs_a_reason_and_a_day_ahead(
    community: Community, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        community.appoint(MENTOR, community.ana, **values)
    assert refusal.value.field == field


def test_somebody_who_left_cannot_be_appointed(community: Community) -> None:
    with community.site.unit_of_work() as session:
        gone = make.person(session, "gone", deleted_at=NOW)
    with pytest.raises(NotFound):
        community.appoint(MENTOR, gone)


def test_no_more_people_than_seats(community: Community) -> None:
    most = community.definitions.get(COORDINATOR).max_seats
    assert most is not None
    with community.site.unit_of_work() as session:
        people_ = [make.person(session) for _ in range(most)]
    for person in people_[: most - 1]:
        community.appoint(COORDINATOR, person)
    with pytest.raises(Conflict, match="Every seat"):
        community.appoint(COORDINATOR, people_[-1])


def test_of_two_appointments_to_the_last_seat_at_once_one_wins(community: Community) -> None:
    most = community.definitions.get(COORDINATOR).max_seats
    assert most is not None
    with community.site.unit_of_work() as session:
        people_ = [make.person(session) for _ in range(most)]
    for person in people_[: most - 2]:
        community.appoint(COORDINATOR, person)
    results = at_once(*(lambda p=person: community.appoint(COORDINATOR, p) for person in people_[-2:]))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "int"]
    with community.site.unit_of_work() as session:
        assert len(queries.holders_of(session, COORDINATOR, NOW)) == most


def test_the_last_person_who_may_appoint_stays(community: Community) -> None:
    with community.site.unit_of_work() as session:
        (held,) = queries.holders_of(session, STEWARD, NOW)
        with pytest.raises(Conflict, match="Nobody else here may appoint"):
            step_down(session, held, community.steward, "Enough.", NOW)
    assert APPOINT.name in permissions(community, community.steward)


def test_two_stewards_who_step_down_at_once_do_not_leave_nobody(community: Community) -> None:
    community.appoint(STEWARD, community.ana)

    def leave(person: Person) -> None:
        with community.site.unit_of_work() as session:
            held = next(one for one in queries.holders_of(session, STEWARD, NOW) if one.person_id == person.id)
            step_down(session, held, person, "Enough.", NOW)

    results = at_once(lambda: leave(community.steward), lambda: leave(community.ana))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]


def test_a_steward_whose_term_is_over_does_not_count_as_one_who_remains(community: Community) -> None:
    community.appoint(STEWARD, community.ana, until=NOW.date() + timedelta(days=1))
    later = NOW + timedelta(days=5)
    with community.site.unit_of_work() as session:
        (held,) = queries.holders_of(session, STEWARD, later)
        with pytest.raises(Conflict):
            end_holding(session, held, None, "Gone.", later)


def test_ending_twice_reads_a_kind_sentence(community: Community) -> None:
    held_id = community.appoint(MENTOR, community.ana)

    def end() -> None:
        with community.site.unit_of_work() as session:
            held = queries.holding(session, held_id)
            end_holding(session, held, community.steward, "Asked to.", NOW)

    end()
    with pytest.raises(Conflict, match="has ended already"):
        end()


def test_only_the_holder_steps_down_and_those_who_appoint_hear_of_it(community: Community) -> None:
    held_id = community.appoint(MENTOR, community.ana)
    with community.site.unit_of_work() as session:
        held = queries.holding(session, held_id)
        with pytest.raises(NotAllowed):
            step_down(session, held, community.steward, "No.", NOW)
        step_down(session, held, community.ana, "A new job.", NOW)
        assert told(session, "roles.stepped_down") == [community.coordinator.id]


def test_who_may_appoint_follows_from_the_role_file(community: Community) -> None:
    with community.site.unit_of_work() as session:
        for person, slug, is_allowed in (
            (community.steward, STEWARD, True),
            (community.steward, MENTOR, True),
            (community.coordinator, MENTOR, True),
            (community.coordinator, STEWARD, False),
            (community.ana, MENTOR, False),
        ):
            definition = community.definitions.get(slug)
            assert (queries.refusal_to_appoint(session, definition, person.id, NOW) is None) is is_allowed
        with pytest.raises(NotAllowed):
            mentor = community.definitions.get(MENTOR)
            appoint(session, mentor, community.coordinator, community.ana, "Please.", None, NOW)


def test_a_role_whose_file_is_gone_permits_nothing(community: Community) -> None:
    with community.site.unit_of_work() as session:
        session.add(RoleHolder(person_id=community.ana.id, role="emperor", since=NOW, reason="", end_reason=""))
    assert permissions(community, community.ana) == frozenset()


def test_an_offer_reaches_those_who_appoint_and_an_appointment_answers_it(community: Community) -> None:
    translator = community.definitions.get("translator")
    with community.site.unit_of_work() as session:
        offers.offer(session, translator, community.ana, "I speak Yoruba.", NOW)
        assert told(session, "roles.offered") == [community.steward.id]
    community.appoint("translator", community.ana)
    with community.site.unit_of_work() as session:
        made = session.scalars(select(RoleOffer)).one()
        assert (made.state, made.answered_by_id, made.open_key) == ("accepted", community.steward.id, None)


def test_a_person_has_one_open_offer_a_role(community: Community) -> None:
    translator = community.definitions.get("translator")
    with community.site.unit_of_work() as session:
        made = offers.offer(session, translator, community.ana, "Me.", NOW)
        with pytest.raises(Conflict, match="open already"):
            offers.offer(session, translator, community.ana, "Me again.", NOW)
        offers.withdraw(session, made, community.ana, NOW)
        offers.offer(session, translator, community.ana, "Me after all.", NOW)


def test_an_answered_offer_cannot_be_answered_again(community: Community) -> None:
    with community.site.unit_of_work() as session:
        translator = community.definitions.get("translator")
        made = offers.offer(session, translator, community.ana, "Me.", NOW)
        with pytest.raises(Invalid):
            offers.decline(session, made, community.steward, " ", NOW)
        offers.decline(session, made, community.steward, "Not now.", NOW)
        assert told(session, "roles.offer_declined") == [community.ana.id]
        with pytest.raises(Conflict):
            offers.withdraw(session, made, community.ana, NOW)


def test_only_its_owner_withdraws_an_offer(community: Community) -> None:
    with community.site.unit_of_work() as session:
        translator = community.definitions.get("translator")
        made = offers.offer(session, translator, community.ana, "Me.", NOW)
        with pytest.raises(NotAllowed):
            offers.withdraw(session, made, community.coordinator, NOW)


@pytest.mark.parametrize(("slug", "words"), [(MENTOR, "a page of its own"), (STEWARD, "hold this role already")])
def test_some_roles_cannot_be_offered_for(community: Community, slug: str, words: str) -> None:
    with community.site.unit_of_work() as session, pytest.raises(Conflict, match=words):
        offers.offer(session, community.definitions.get(slug), community.steward, "Me.", NOW)


def test_roles_end_with_the_account_and_the_history_names_nobody(community: Community) -> None:
    community.appoint(MENTOR, community.ana)
    with community.site.unit_of_work() as session:
        ana = session.get(Person, community.ana.id)
        assert export_of(session, ana)["roles"]["held"][0]["role"] == MENTOR
        assert export_of(session, ana)["activity"]["told"][0]["what"] == "roles.appointed"
        translator = community.definitions.get("translator")
        offers.offer(session, translator, ana, "My mother is from Lagos.", NOW)
        people.leave(community.site.portal, session, ana, NOW)
    with community.site.unit_of_work() as session:
        assert queries.holders_of(session, MENTOR, NOW) == []
        made = session.scalars(select(RoleOffer)).one()
        assert (made.state, made.reason, made.open_key) == ("withdrawn", "", None)
        assert told(session, "roles.holder_left") == [community.coordinator.id]
    page = community.browser().get(f"/roles/{MENTOR}").text
    assert "Former member" in page
    assert "Ana" not in page
    assert "They left the portal." in page


def test_the_last_steward_appoints_another_before_leaving(community: Community) -> None:
    with community.site.unit_of_work() as session, pytest.raises(Conflict):
        people.leave(community.site.portal, session, session.get(Person, community.steward.id), NOW)
