"""What stewards look at of others is noted, without what they typed; and events are found by person and day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.authenticators.models import CodeApp, Passkey
from portal.core import clock
from portal.core.security_log import SecurityRow
from portal.people.models import Letter
from tests import make
from tests.admin.test_people import People, door, suspend


def noted(site: Any) -> list[tuple[str, int | None, int | None]]:
    with site.unit_of_work() as session:
        rows = session.scalars(select(SecurityRow).order_by(SecurityRow.id)).all()
        assert "quokka" not in str([row.facts for row in rows])
        return [(row.event, row.who_id, row.about_id) for row in rows]


def test_who_looked_at_which_account_is_noted(site: Any, people: People, browser: Any) -> None:
    steward = browser("sam")
    steward.get("/admin/people?q=quokka")
    steward.get(f"/admin/people/{people['ana']}")
    steward.get("/admin/events")
    steward.get("/admin/events.csv")
    sam = people["sam"]
    looks = [("accounts_searched", sam, None), ("account_viewed", sam, people["ana"])]
    assert noted(site) == [*looks, ("events_viewed", sam, None), ("events_viewed", sam, None)]
    told = browser("sue").get("/admin/events?kind=looks").text
    assert "Account looked at" in told
    assert "Account looked at" not in browser("sue").get("/admin/events?kind=acts").text


def test_a_page_that_is_refused_or_only_asked_about_is_no_look(site: Any, people: People, browser: Any) -> None:
    browser("ana").get(f"/admin/people/{people['ben']}")
    browser("sam").head(f"/admin/people/{people['ben']}")
    assert "account_viewed" not in [event for event, *_rest in noted(site)]


def test_events_are_found_by_person_and_day(site: Any, people: People, browser: Any) -> None:
    steward = browser("sam")
    door(site, "ana", password="wrong")
    suspend(steward, people["ben"])
    today, yesterday = clock.now().date(), clock.now().date() - timedelta(days=1)
    assert "Account suspended" in steward.get("/admin/events?who=Ben").text
    assert "Account suspended" not in steward.get("/admin/events?who=ana&kind=").text
    assert "Account suspended" in steward.get(f"/admin/events?day={today}&kind=acts").text
    assert "Nothing of this kind" in steward.get(f"/admin/events?day={yesterday}").text
    assert "Nothing of this kind" in steward.get("/admin/events?who=nobody").text
    for wrong in ("9999-12-31", "0001-01-01", "soon"):
        assert steward.get("/admin/events", query_string={"day": wrong}).status_code in {200, 422}


def test_the_table_has_what_the_page_shows(people: People, browser: Any) -> None:
    steward = browser("sam")
    suspend(steward, people["ben"])
    table = steward.get("/admin/events.csv?kind=acts&who=ben").text
    assert "Account suspended,done,sam,ben,127.0.0.1" in table
    assert len(table.strip().splitlines()) == 2


def equip(site: Any, person_id: int) -> None:
    """They have an app and two passkeys."""
    key = {"public_key": b"", "user_handle": b"", "sign_count": 0}
    with site.unit_of_work() as session:
        session.get_one(make.Person, person_id).email = "ana@example.org"
        session.add(CodeApp(person_id=person_id, sealed_secret="sealed", last_step=0, added_at=clock.now()))
        for mark in ("0", "1"):
            one = {"mark": mark * 64, "credential_id": mark.encode(), "name": f"phone {mark}", "added_at": clock.now()}
            session.add(Passkey(person_id=person_id, **one, **key))


def test_a_steward_takes_second_factor_and_passkeys_away(site: Any, people: People, browser: Any) -> None:
    equip(site, people["ana"])
    steward, page = browser("sam"), f"/admin/people/{people['ana']}"
    assert "Remove their second factor" in steward.get(page).text
    for act in ("second-factor/remove", "passkeys/remove"):
        assert steward.post(f"{page}/{act}").status_code == 303
        assert steward.post(f"{page}/{act}").status_code == 409
    shown = steward.get(page).text
    assert "Remove their second factor" not in shown
    assert ("second_factor_reset", people["sam"], people["ana"]) in noted(site)
    assert ("passkey_removed", people["sam"], people["ana"]) in noted(site)
    with site.unit_of_work() as session:
        letters = list(session.scalars(select(Letter.template)))
    assert letters.count("authenticators.passkey_removed") == 2
    assert letters.count("authenticators.second_factor_off") == 1


def test_nobody_takes_away_their_own_here_or_the_only_way_in(site: Any, people: People, browser: Any) -> None:
    equip(site, people["ana"])
    with site.unit_of_work() as session:
        session.get_one(make.Person, people["ana"]).password_hash = ""
    steward = browser("sam")
    assert steward.post(f"/admin/people/{people['ana']}/passkeys/remove").status_code == 409
    assert steward.post(f"/admin/people/{people['sam']}/passkeys/remove").status_code == 422
