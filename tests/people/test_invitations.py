"""Signing up by invitation: who invites, what the invited read, what no longer lets anybody in, and who came first."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, func, select

from portal.core import clock
from portal.core.errors import Conflict, TooMany
from portal.core.security_log import SecurityEvent, SecurityRow
from portal.people.invitations import actions, rules
from portal.people.invitations.models import Invitation, InvitationLetter, InvitationUse
from portal.people.invitations.rules import InvitationDraft
from portal.people.models import Person
from portal.roles.models import RoleHolder
from tests import make
from tests.people.conftest import Postbox

KEY = "test"
NEWCOMER = {
    "username": "kim",
    "display_name": "Kim",
    "password": "nine purple otters swim at dusk",
    "language": "en",
}
ASK = {"language": "en", "note": "", "most_uses": "5", "days": "14"}
RULES = """
[sign_in_rules]
sign_up = "invitation"
[mail]
host = "127.0.0.1"
"""


@pytest.fixture
def site(make_site: Any, post: Postbox) -> Any:
    return make_site(RULES, clients=SimpleNamespace(mailer=post))


@pytest.fixture
def ana(site: Any) -> Person:
    """Somebody who may invite."""
    with site.unit_of_work() as session:
        person = make.person(session, "ana", email="ana@example.org")
        make.role(session, person, "portal-steward")
        return person


def invited(site: Any, by: Person, email: str | None = None, uses: int = 1, days: int = 14, note: str = "") -> str:
    """An invitation; the path of its link."""
    with site.unit_of_work() as session:
        draft = InvitationDraft(email, "en", note, uses, days)
        made = actions.invite(session, session.get_one(Person, by.id), draft, KEY, 99, clock.now())
        return f"/invitations/accept?token={rules.token_of(made.seed, KEY)}"


def sign_up(browser: Any, **typed: str) -> Any:
    return browser.post("/people/sign-up", data={**NEWCOMER, **typed})


def is_in(browser: Any) -> bool:
    return bool(browser.get("/people/me").status_code == 200)


def stored(site: Any, kind: Any) -> int:
    with site.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_without_an_invitation_nobody_signs_up_and_the_page_says_whom_to_ask(make_site: Any) -> None:
    site = make_site('[site]\ncontact = "mailto:hello@example.org"\n[sign_in_rules]\nsign_up = "invitation"')
    browser = site.client()
    page = browser.get("/people/sign-up")
    assert page.status_code == 200
    assert "only by invitation" in page.text
    assert "hello@example.org" in page.text
    assert 'name="password"' not in page.text
    assert sign_up(browser).status_code == 403
    assert stored(site, Person) == 0


def test_who_opens_the_link_reads_who_invites_them_and_signs_up(site: Any, ana: Person) -> None:
    browser = site.client()
    page = browser.get(invited(site, ana, note="We **meet** on Friday.")).text
    assert f"{ana.display_name} invites you" in page
    assert "<strong>meet</strong>" in page
    assert f"{ana.display_name} invites you" in browser.get("/people/sign-up").text
    assert sign_up(browser).status_code == 303
    assert is_in(browser)
    shown = make.sign_in(site.client(), ana).get("/invitations/1").text
    assert "Kim" in shown
    assert "used up" in shown
    with site.unit_of_work() as session:
        events = session.scalars(select(SecurityRow.event).order_by(SecurityRow.id)).all()
    assert events[:2] == ["invitation_made", "invitation_used"]


def test_no_table_and_no_line_of_the_log_holds_the_token(site: Any, ana: Person, capsys: Any) -> None:
    token = invited(site, ana).partition("=")[2]
    with site.unit_of_work() as session:
        kept = str(session.execute(select(Invitation.__table__)).all())
        events = str([row.facts for row in session.scalars(select(SecurityRow))])
    assert token not in kept + events + "".join(capsys.readouterr())


def test_an_address_to_which_the_letter_went_counts_as_confirmed(site: Any, ana: Person, post: Postbox) -> None:
    browser = make.sign_in(site.client(), ana)
    answer = browser.post(
        "/invitations/new",
        data={"email": "Kim@Example.org", "language": "fr", "note": "", "most_uses": "5", "days": "14"},
    )
    assert answer.location == "/invitations/1"
    assert "token=" not in browser.get("/invitations/1").text, "whoever invites does not get the link of an address"
    site.work("mail.deliver")
    (letter,) = post.sent
    assert letter["To"] == "Kim@example.org"
    assert "vous invite" in letter["Subject"]
    link = re.search(r"http://[^/]+(/invitations/accept\?token=\S+)", letter.get_body(("plain",)).get_content())
    assert link
    guest = site.client()
    guest.get(link[1])
    assert 'value="Kim@example.org"' in guest.get("/people/sign-up").text
    assert sign_up(guest, email="kim@example.org").status_code == 303
    with site.unit_of_work() as session:
        kim = session.scalars(select(Person).where(Person.username == "kim")).one()
        assert (kim.email, kim.new_email) == ("kim@example.org", None)
        assert session.scalars(select(Invitation.email)).one() is None, "not kept any longer than it is needed"
    assert sign_up(site.client(), username="kim-too").status_code == 403, "once, however many were asked for"


def test_another_address_must_be_confirmed_as_ever(site: Any, ana: Person) -> None:
    browser = site.client()
    browser.get(invited(site, ana, "kim@example.org"))
    sign_up(browser, email="other@example.org")
    with site.unit_of_work() as session:
        kim = session.scalars(select(Person).where(Person.username == "kim")).one()
        assert (kim.email, kim.new_email) == (None, "other@example.org")


def test_nothing_tells_who_invites_whether_an_address_has_an_account(site: Any, ana: Person, post: Postbox) -> None:
    with site.unit_of_work() as session:
        make.person(session, "bo", email="bo@example.org", email_key="bo@example.org")
    browser, said = make.sign_in(site.client(), ana), []
    for email in ("bo@example.org", "nobody@example.org"):
        answer = browser.post("/invitations/new", data={**ASK, "email": email})
        said.append((answer.status_code, browser.get(answer.location).text.replace(email, "")[-3000:-200]))
    site.work("mail.deliver")
    assert said[0][0] == said[1][0] == 303
    assert len(post.sent) == 2
    guest = site.client()
    guest.get(invited(site, ana, "bo@example.org"))
    answer = sign_up(guest, email="bo@example.org")
    assert answer.status_code == 422
    assert "Another account here has this address" in answer.text


def end(site: Any, how: str) -> None:
    """What becomes of the only invitation."""
    with site.unit_of_work() as session:
        one = session.scalars(select(Invitation)).one()
        inviter = session.get_one(Person, one.inviter_id)
        if how == "revoked":
            actions.revoke(session, one.id, inviter, clock.now())
        elif how == "expired":
            one.ends_at = clock.now() - timedelta(minutes=1)
        elif how == "used":
            one.uses = 1
        elif how == "no role":
            session.execute(delete(RoleHolder))
        elif how == "gone":
            inviter.deleted_at = clock.now()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("revoked", "It was revoked"),
        ("expired", "It was good until"),
        ("used", "Somebody has signed up by it"),
        ("no role", "can invite nobody any more"),
        ("gone", "can invite nobody any more"),
    ],
)
def test_an_invitation_that_is_over_says_so_and_whom_to_ask(site: Any, ana: Person, how: str, words: str) -> None:
    link, early, late = invited(site, ana), site.client(), site.client()
    early.get(link)
    end(site, how)
    page = late.get(link)
    assert page.status_code == 410
    assert words in page.text
    assert f"Ask {ana.display_name} for another" in page.text or "Ask somebody who takes part" in page.text
    for browser in (early, late):
        assert sign_up(browser).status_code == 403
    assert stored(site, InvitationUse) == 0


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000, "\u202e"])
def test_a_link_that_is_none_says_so(site: Any, token: str) -> None:
    page = site.client().get("/invitations/accept", query_string={"token": token})
    assert page.status_code == 404
    assert "There is no such invitation" in page.text


def test_who_is_signed_in_is_told_that_they_need_none(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        bo = make.person(session, "bo")
    page = make.sign_in(site.client(), bo).get(invited(site, ana)).text
    assert "have an account already" in page
    assert "/people/sign-up" not in page.partition("<main")[2].partition("</main>")[0]


def test_one_for_a_workshop_lets_so_many_in_and_no_more(site: Any, ana: Person) -> None:
    link = invited(site, ana, uses=2)
    codes = []
    for name in ("kim", "lou", "max"):
        browser = site.client()
        browser.get(link)
        codes.append(sign_up(browser, username=name, display_name=name).status_code)
    assert codes == [303, 303, 403]


def test_of_many_who_use_the_last_use_at_once_one_comes_in(site: Any, ana: Person) -> None:
    link = invited(site, ana)
    browsers = [site.client() for _ in range(6)]
    for browser in browsers:
        browser.get(link)
    gate = threading.Barrier(6)

    def run(number: int) -> int:
        gate.wait(20)
        return int(sign_up(browsers[number], username=f"kim-{number}").status_code)

    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(run, range(6)))
    assert codes[0] == 303
    assert set(codes[1:]) <= {403, 409}
    assert stored(site, Person) == 2
    assert stored(site, InvitationUse) == 1


def test_so_many_a_day_can_be_made_even_at_once(site: Any, ana: Person) -> None:
    draft, gate = InvitationDraft(None, "en", "", 1, 14), threading.Barrier(6)

    def make_one(_number: int) -> bool:
        gate.wait(20)
        try:
            with site.unit_of_work() as session:
                actions.invite(session, session.get_one(Person, ana.id), draft, KEY, 3, clock.now())
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(make_one, range(6))) == 3
    with time_machine.travel(clock.now() + timedelta(hours=25)), site.unit_of_work() as session:
        actions.invite(session, session.get_one(Person, ana.id), draft, KEY, 3, clock.now())


def limits_met(site: Any) -> int:
    """How often it is noted that somebody ran into a limit."""
    with site.unit_of_work() as session:
        met = select(func.count()).select_from(SecurityRow).where(SecurityRow.event == SecurityEvent.LIMIT_REACHED)
        return session.scalar(met) or 0


def test_too_many_are_refused_kindly_with_what_was_typed(make_site: Any) -> None:
    site = make_site("[limits]\ninvitations_a_day = 1")
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        make.role(session, ana, "mentoring-coordinator")
    browser, sent = (
        make.sign_in(site.client(), ana),
        {"language": "en", "note": "Welcome!", "most_uses": "3", "days": "7"},
    )
    assert browser.post("/invitations/new", data=sent).status_code == 303
    again = browser.post("/invitations/new", data=sent)
    assert again.status_code == 429
    assert "You can make 1 invitation a day" in again.text
    assert "Welcome!" in again.text
    assert limits_met(site) == 1, "once"


def test_an_address_gets_three_a_day_whoever_invites(site: Any, ana: Person) -> None:
    invited(site, ana, "kim@example.org")
    browser = make.sign_in(site.client(), ana)
    for _time in range(3):
        browser.post("/invitations/1/send")
    assert "Three invitations went to this address" in browser.get("/invitations/1").text
    assert stored(site, InvitationLetter) == 3
    assert limits_met(site) == 1


def test_a_letter_of_a_revoked_invitation_does_not_leave(site: Any, ana: Person, post: Postbox) -> None:
    invited(site, ana, "kim@example.org")
    browser = make.sign_in(site.client(), ana)
    assert "Who has signed up by it keeps their account" in browser.get("/invitations/1/revoke").text
    assert browser.post("/invitations/1/revoke").location == "/invitations/1"
    site.work("mail.deliver")
    assert post.sent == []
    browser.post("/invitations/1/revoke")
    assert "It was not open any more" in browser.get("/invitations/1").text
    with site.unit_of_work() as session, pytest.raises(Conflict):
        actions.send_again(session, 1, session.get_one(Person, ana.id), clock.now())


def test_nobody_sees_or_ends_the_invitation_of_another(site: Any, ana: Person) -> None:
    invited(site, ana)
    with site.unit_of_work() as session:
        bo = make.person(session, "bo")
        make.role(session, bo, "portal-steward")
        kim = make.person(session, "kim")
    other, stranger = make.sign_in(site.client(), bo), make.sign_in(site.client(), kim)
    for browser, code in ((other, 404), (stranger, 403)):
        assert browser.get("/invitations/1").status_code == code
        assert browser.get("/invitations/1/revoke").status_code == code
        assert browser.post("/invitations/1/revoke").status_code == code
        assert browser.post("/invitations/1/send").status_code == code
    assert stranger.get("/invitations/").status_code == 403
    assert "Your invitations" not in stranger.get("/people/me").text
    assert "Your invitations" in other.get("/people/me").text


def test_a_link_is_shown_to_who_made_it_as_long_as_it_is_good(site: Any, ana: Person) -> None:
    link = invited(site, ana)
    browser = make.sign_in(site.client(), ana)
    assert link in browser.get("/invitations/1").text.replace("&amp;", "&")
    end(site, "used")
    assert "token=" not in browser.get("/invitations/1").text


@pytest.mark.parametrize("typed", [{"email": "no address"}, {"most_uses": "101"}, {"days": "0"}, {"note": "x" * 501}])
def test_what_cannot_be_is_refused(site: Any, ana: Person, typed: dict[str, str]) -> None:
    assert make.sign_in(site.client(), ana).post("/invitations/new", data={**ASK, **typed}).status_code == 422
    assert stored(site, Invitation) == 0


def test_where_everybody_may_sign_up_an_invitation_still_confirms_the_address(make_site: Any) -> None:
    site = make_site()
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        make.role(session, ana, "portal-steward")
    browser = site.client()
    browser.get(invited(site, ana, "kim@example.org"))
    assert sign_up(browser, email="kim@example.org").status_code == 303
    with site.unit_of_work() as session:
        assert session.scalars(select(Person.email).where(Person.username == "kim")).one() == "kim@example.org"


def test_they_are_forgotten_a_month_after_their_end(site: Any, ana: Person) -> None:
    invited(site, ana, "kim@example.org", days=1)
    with time_machine.travel(clock.now() + timedelta(days=30)):
        site.work("people.forget_invitations")
        assert stored(site, Invitation) == 1
    with time_machine.travel(clock.now() + timedelta(days=32)):
        site.work("people.forget_invitations")
    assert [stored(site, kind) for kind in (Invitation, InvitationLetter)] == [0, 0]
