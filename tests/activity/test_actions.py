"""What is noted when something happens, and who is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.activity import queries
from portal.activity.actions import MOST_WITH_LETTERS, read_all_notices, read_notice, record
from portal.activity.models import Event, Mailing, Notice
from portal.activity.rules import link
from portal.core.errors import NotFound
from tests import make


def test_those_it_concerns_are_told_once_and_the_actor_never(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session, "ana"), make.person(session, "ben")
        record(session, "roles.appointed", actor=ana, tell=[ben, ben.id, ana], now=make.NOON)
        assert list(session.scalars(select(Notice.person_id))) == [ben.id]


def test_an_event_without_anybody_to_tell_is_kept(site: Any) -> None:
    with site.unit_of_work() as session:
        event = record(session, "roles.ended", actor=None, subject=("role_holder", 7), now=make.NOON)
        assert session.scalars(select(Event)).one() is event
        assert (event.subject_kind, event.subject_id, event.actor_id) == ("role_holder", 7, None)
        assert queries.unread_count(session, 1) == 0


def test_only_people_with_an_address_get_a_letter(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        ben = make.person(session, "ben", email="ben@example.org")
        cleo = make.person(session, "cleo")
        record(session, "roles.appointed", actor=ana, values={"mentee": cleo}, tell=[ben, cleo], now=make.NOON)
        assert [mailing.person_id for mailing in session.scalars(select(Mailing))] == [ben.id]


def test_somebody_who_left_is_told_nothing(site: Any) -> None:
    with site.unit_of_work() as session:
        gone = make.person(session, "gone", email="gone@example.org", deleted_at=make.NOON)
        record(session, "roles.ended", actor=None, tell=[gone], now=make.NOON)
        assert session.scalars(select(Notice)).all() == []
        assert session.scalars(select(Mailing)).all() == []


def test_nobody_floods_the_letterbox_of_another(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session, "ana"), make.person(session, "ben", email="ben@example.org")
        for second in range(MOST_WITH_LETTERS + 40):
            record(session, "roles.ended", actor=ana, tell=[ben], now=make.NOON + timedelta(seconds=second))
        assert len(session.scalars(select(Mailing)).all()) == MOST_WITH_LETTERS
        assert len(session.scalars(select(Notice)).all()) == MOST_WITH_LETTERS + 40
        record(session, "roles.ended", actor=ana, tell=[ben], now=make.NOON + timedelta(hours=2))
        assert len(session.scalars(select(Mailing)).all()) == MOST_WITH_LETTERS + 1


def test_values_are_kept_plain_and_names_are_looked_up_when_read(site: Any) -> None:
    with site.unit_of_work() as session:
        ana, ben = make.person(session, "ana"), make.person(session, "ben")
        values = {"mentee": ana, "until": date(2026, 12, 1), "link": link("roles.show", slug="mentor")}
        event = record(session, "roles.appointed", actor=ana, values=values, tell=[ben], now=make.NOON)
        assert event.values["mentee"] == {"person": ana.id}
        assert event.values["until"] == "2026-12-01"
        ana.display_name, ana.deleted_at = "", make.NOON
        session.flush()
        (told,), _ = queries.notices_of(session, ben.id)
        assert told.actor == told.values["mentee"] == "Former member"


def test_a_value_may_not_take_a_name_that_letters_use_themselves(site: Any) -> None:
    with site.unit_of_work() as session, pytest.raises(ValueError, match="actor"):
        record(session, "roles.ended", actor=None, values={"actor": "x"}, now=make.NOON)


def test_reading_a_notice_keeps_when_it_was_first_read(site: Any) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
        record(session, "roles.ended", actor=None, tell=[ben], now=make.NOON)
        notice = session.scalars(select(Notice)).one()
        read_notice(session, ben.id, notice.id, make.NOON)
        read_notice(session, ben.id, notice.id, make.NOON + timedelta(days=1))
        assert notice.read_at == make.NOON
        assert queries.unread_count(session, ben.id) == 0


def test_nobody_reads_the_notice_of_another(site: Any) -> None:
    with site.unit_of_work() as session:
        ben, cleo = make.person(session, "ben"), make.person(session, "cleo")
        record(session, "roles.ended", actor=None, tell=[ben], now=make.NOON)
        notice = session.scalars(select(Notice)).one()
        with pytest.raises(NotFound):
            read_notice(session, cleo.id, notice.id, make.NOON)
        read_all_notices(session, cleo.id, make.NOON)
        assert queries.unread_count(session, ben.id) == 1


def test_pages_show_unread_notices_first_and_lose_or_repeat_none(site: Any) -> None:
    with site.unit_of_work() as session:
        ben = make.person(session, "ben")
        for day in range(queries.PAGE + 10):
            record(session, "roles.ended", actor=None, tell=[ben], now=make.NOON + timedelta(days=day))
        notices = list(session.scalars(select(Notice).order_by(Notice.id)))
        for notice in notices[-20:]:
            notice.read_at = make.NOON
        session.flush()
        first, cursor = queries.notices_of(session, ben.id)
        second, end = queries.notices_of(session, ben.id, cursor)
        ids = [told.id for told in first + second]
        assert ids == [n.id for n in notices[19::-1]] + [n.id for n in notices[:19:-1]]
        assert len(first) == queries.PAGE
        assert end is None
