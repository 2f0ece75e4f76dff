"""Who has a second factor comes in by both or not at all, and each code lets in once."""

from __future__ import annotations

import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from sqlalchemy import select, update

from portal.activity.models import Event
from portal.authenticators import actions, rules
from portal.authenticators.models import CodeApp, RecoveryCode
from portal.authenticators.sealing import CannotOpenError, opened, seal
from portal.core import clock
from portal.core.security_log import SecurityRow
from portal.people import passwords, tokens
from portal.people.models import Letter, Person
from tests import make

KEY = "test"
ENTER = "/second-factor/enter"


@pytest.fixture
def ana(site: Any) -> Person:
    with site.unit_of_work() as session:
        person = make.speaker(session, "ana")
        person.password_hash = passwords.hash_of(make.PASSWORD)
        person.email = person.email_key = "ana@example.org"
    return person


@pytest.fixture
def secret(site: Any, ana: Person) -> str:
    """What Ana's app knows; it was added an hour ago."""
    made = pyotp.random_base32()
    with site.unit_of_work() as session:
        app = {"sealed_secret": seal(made, KEY), "last_step": 0, "added_at": clock.now() - timedelta(hours=1)}
        session.add(CodeApp(person_id=ana.id, **app))
    return made


def code(secret: str, steps: int = 0) -> str:
    """What the app shows so many half minutes from now."""
    return str(pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=rules.STEP * steps)))


def give_password(site: Any, browser: Any = None, to: str = "") -> Any:
    """Ana's browser, once she has given her password."""
    browser = browser or site.client()
    sent = {"username": "ana", "password": make.PASSWORD}
    answer = browser.post(f"/people/sign-in{f'?next={to}' if to else ''}", data=sent)
    assert answer.status_code == 303
    assert answer.location.startswith(ENTER), answer.location
    return browser


def is_in(browser: Any) -> bool:
    return bool(browser.get("/people/me").status_code == 200)


def test_the_password_alone_opens_nothing(site: Any, secret: str) -> None:
    browser = give_password(site)
    assert not is_in(browser)
    assert "the code of your app" in browser.get(ENTER).text


def test_the_code_opens_and_leads_to_where_one_wanted(site: Any, secret: str) -> None:
    browser = give_password(site, to="/notices")
    answer = browser.post(f"{ENTER}?next=/notices", data={"code": code(secret)})
    assert answer.location == "/notices"
    assert is_in(browser)


def test_each_code_is_good_once(site: Any, secret: str) -> None:
    shown = code(secret)
    assert give_password(site).post(ENTER, data={"code": shown}).status_code == 303
    again = give_password(site)
    answer = again.post(ENTER, data={"code": shown})
    assert answer.status_code == 422
    assert "was used before" in answer.text
    assert not is_in(again)


def test_of_two_who_type_the_same_code_at_once_one_comes_in(site: Any, secret: str, ana: Person) -> None:
    shown, gate, outcomes = code(secret), threading.Barrier(8), []

    def run() -> None:
        gate.wait(20)
        with site.unit_of_work() as session:
            outcomes.append(actions.use_code(session, session.get_one(Person, ana.id), shown, KEY, clock.now()))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


def test_of_two_who_renew_the_recovery_codes_at_once_one_set_stays(site: Any, secret: str, ana: Person) -> None:
    gate = threading.Barrier(8)

    def renew(_number: int) -> list[str]:
        gate.wait(20)
        with site.unit_of_work() as session:
            return actions.renew_recovery_codes(session, session.get_one(Person, ana.id), clock.now())

    with ThreadPoolExecutor(8) as pool:
        sets = list(pool.map(renew, range(8)))
    with site.unit_of_work() as session:
        kept = set(session.scalars(select(RecoveryCode.mark)))
    assert kept in [{rules.mark_of_recovery_code(one, ana.id) for one in codes} for codes in sets]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_clocks_may_differ_by_half_a_minute(site: Any, secret: str, steps: int) -> None:
    assert give_password(site).post(ENTER, data={"code": code(secret, steps)}).status_code == 303


@pytest.mark.parametrize("typed", ["", "000", "abcdef", "１２３４５６", "123456 7", "-12345"])
def test_what_is_no_code_opens_nothing(site: Any, secret: str, typed: str) -> None:
    browser = give_password(site)
    assert browser.post(ENTER, data={"code": typed}).status_code == 422
    assert not is_in(browser)


@pytest.mark.parametrize("steps", [-3, 3, 100])
def test_a_code_of_another_time_opens_nothing(site: Any, secret: str, steps: int) -> None:
    assert give_password(site).post(ENTER, data={"code": code(secret, steps)}).status_code == 422


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    shared = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, shown in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        now = datetime.fromtimestamp(second, UTC)
        assert rules.fitting_step(shared, shown, now) == second // 30


def test_who_guesses_is_stopped_and_nobody_else_can_lock_ana_out(site: Any, secret: str) -> None:
    browser = give_password(site)
    tries = site.portal.config.limits.sign_in_tries
    answers = [browser.post(ENTER, data={"code": "000000"}).status_code for _ in range(tries + 1)]
    assert answers == [422] * tries + [429]
    stranger = site.client()
    assert stranger.post(ENTER, data={"code": "000000"}).location == "/people/sign-in"


def test_who_guesses_many_at_once_has_no_more_tries(site: Any, secret: str) -> None:
    browsers = [give_password(site) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda one: one.post(ENTER, data={"code": "000000"}).status_code, browsers))
    assert answers.count(422) == site.portal.config.limits.sign_in_tries
    assert set(answers) == {422, 429}


def test_without_the_first_factor_there_is_no_second(site: Any, secret: str) -> None:
    browser = site.client()
    assert browser.get(ENTER).location == "/people/sign-in"
    assert browser.post(ENTER, data={"code": code(secret)}).location == "/people/sign-in"
    assert not is_in(browser)


def test_who_waits_too_long_begins_again(site: Any, secret: str) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        browser = give_password(site)
        traveller.shift(timedelta(minutes=11))
        assert browser.post(ENTER, data={"code": code(secret)}).location == "/people/sign-in"
        assert not is_in(browser)


def test_a_new_password_ends_what_was_half_begun(site: Any, secret: str, ana: Person) -> None:
    browser = give_password(site)
    with site.unit_of_work() as session:
        session.execute(update(Person).where(Person.id == ana.id).values(session_epoch=Person.session_epoch + 1))
    assert browser.post(ENTER, data={"code": code(secret)}).location == "/people/sign-in"


def test_a_letter_that_resets_the_password_does_not_get_past_it(site: Any, secret: str, ana: Person) -> None:
    with site.app.app_context(), site.unit_of_work() as session:
        known = session.get_one(Person, ana.id)
        token = tokens.make(tokens.Purpose.RESET, known, site.app.config["SECRET_KEY"])
    browser = site.client()
    answer = browser.post(f"/people/password/reset?token={token}", data={"password": "nine purple otters swim at dusk"})
    assert answer.location.startswith(ENTER)
    assert not is_in(browser)
    assert browser.post(ENTER, data={"code": code(secret)}).status_code == 303
    assert is_in(browser)


def test_adding_an_app_takes_its_first_code_and_gives_recovery_codes_once(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    page = browser.get("/second-factor/app").text
    shown = re.search(r'<code dir="ltr">([A-Z2-7 ]+)</code>', page)
    assert shown
    secret = shown[1].replace(" ", "")
    assert "<svg" in page
    assert "style=" not in page.partition("<svg")[2].partition("</svg>")[0]
    assert browser.post("/second-factor/app", data={"code": "000000"}).status_code == 422
    assert secret in browser.get("/second-factor/app").text.replace(" ", ""), "the same while it is being added"
    answer = browser.post("/second-factor/app", data={"code": code(secret)})
    assert answer.location == "/second-factor/recovery-codes/new"
    assert browser.post("/second-factor/app", data={"code": code(secret)}).location == "/second-factor/", "once"
    codes = re.findall(r"<code dir=\"ltr\">([A-Z2-9-]+)</code>", browser.get(answer.location).text)
    assert len(set(codes)) == rules.CODES
    assert browser.get(answer.location).location == "/second-factor/"
    stored = str(rows(site, CodeApp, "sealed_secret") + rows(site, RecoveryCode, "mark"))
    assert secret not in stored
    assert not any(one in stored for one in codes)
    assert letters(site) == ["authenticators.second_factor_on"]


def test_the_code_that_added_the_app_does_not_sign_in(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        secret = pyotp.random_base32()
        actions.add_app(session, session.get_one(Person, ana.id), secret, code(secret), KEY, clock.now())
    assert give_password(site).post(ENTER, data={"code": code(secret)}).status_code == 422


def test_a_recovery_code_lets_in_once_and_a_letter_tells(site: Any, secret: str, ana: Person) -> None:
    first, *_others = renewed(site, ana)
    typed = f" {first.lower().replace('-', ' ')} "
    assert give_password(site).post(ENTER, data={"code": typed}).status_code == 303
    assert give_password(site).post(ENTER, data={"code": typed}).status_code == 422
    assert letters(site) == ["authenticators.recovery_code_used"]
    assert "You have 9 left." in make.sign_in(site.client(), ana).get("/second-factor/").text


def test_the_recovery_code_of_somebody_else_opens_nothing(site: Any, secret: str, ana: Person) -> None:
    with site.unit_of_work() as session:
        bo = make.speaker(session, "bo")
        session.add(CodeApp(person_id=bo.id, sealed_secret=seal(secret, KEY), last_step=0, added_at=clock.now()))
    (theirs, *_others) = renewed(site, bo)
    assert give_password(site).post(ENTER, data={"code": theirs}).status_code == 422


def test_new_recovery_codes_make_the_old_ones_worthless(site: Any, secret: str, ana: Person) -> None:
    (old, *_others) = renewed(site, ana)
    browser = make.sign_in(site.client(), ana)
    assert browser.post("/second-factor/recovery-codes").location == "/second-factor/recovery-codes/new"
    assert give_password(site).post(ENTER, data={"code": old}).status_code == 422


def test_what_is_shown_once_is_shown_to_nobody_else_on_the_same_computer(site: Any, secret: str, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    browser.post("/second-factor/recovery-codes")
    with site.unit_of_work() as session:
        bo = make.speaker(session, "bo")
    assert make.sign_in(browser, bo).get("/second-factor/recovery-codes/new").location == "/second-factor/"


def test_switching_it_off_is_confirmed_and_told(site: Any, secret: str, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    assert "Whoever has your password" in browser.get("/second-factor/app/remove").text
    browser.post("/second-factor/app/remove")
    assert rows(site, CodeApp, "person_id") == []
    assert letters(site) == ["authenticators.second_factor_off"]
    sent = {"username": "ana", "password": make.PASSWORD}
    assert not site.client().post("/people/sign-in", data=sent).location.startswith(ENTER)


@pytest.mark.parametrize("path", ["/app", "/app/remove", "/recovery-codes"])
def test_who_signed_in_long_ago_proves_it_first(site: Any, secret: str, ana: Person, path: str) -> None:
    browser = make.sign_in(site.client(), ana, at=clock.now() - timedelta(hours=2))
    assert browser.post(f"/second-factor{path}").location.startswith("/people/prove")
    assert rows(site, CodeApp, "person_id") == [ana.id]


def test_with_another_secret_key_a_recovery_code_still_opens(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        sealed = seal(pyotp.random_base32(), "the key of before")
        session.add(CodeApp(person_id=ana.id, sealed_secret=sealed, last_step=0, added_at=clock.now()))
    (one, *_others) = renewed(site, ana)
    assert give_password(site).post(ENTER, data={"code": "123456"}).status_code == 422
    assert give_password(site).post(ENTER, data={"code": one}).status_code == 303


def test_what_is_sealed_is_read_with_its_key_alone() -> None:
    sealed = seal("words", "one")
    assert opened(sealed, "one") == "words"
    for wrong in (("another", sealed), ("one", sealed[:-4]), ("one", "")):
        with pytest.raises(CannotOpenError):
            opened(wrong[1], wrong[0])


def test_roles_permit_nothing_while_a_demanded_factor_is_missing(make_site: Any) -> None:
    site = make_site('[sign_in_rules]\nsecond_factor = "demanded"')
    with site.unit_of_work() as session:
        steward = make.speaker(session, "stella")
        make.role(session, steward, "portal-steward")
        translator = make.speaker(session, "bo")
    browser = make.sign_in(site.client(), steward)
    sent = {"person": "bo", "until": "", "reason": "Good work."}
    assert browser.post("/roles/translator/appoint", data=sent).status_code == 403
    page = browser.get("/dashboard").text
    assert "Your roles wait" in page
    assert "/second-factor/" in page
    assert "Your roles wait" not in make.sign_in(site.client(), translator).get("/dashboard").text
    with site.unit_of_work() as session:
        sealed = seal(pyotp.random_base32(), KEY)
        session.add(CodeApp(person_id=steward.id, sealed_secret=sealed, last_step=0, added_at=clock.now()))
    assert browser.post("/roles/translator/appoint", data=sent).status_code == 303
    assert "Your roles wait" not in browser.get("/dashboard").text
    with site.unit_of_work() as session:
        assert session.scalars(select(Event.verb).where(Event.verb == "roles.appointed")).all()


def test_what_happens_is_noted_without_any_code(site: Any, secret: str, ana: Person, capsys: Any) -> None:
    shown = code(secret)
    browser = give_password(site)
    browser.post(ENTER, data={"code": "000000"})
    browser.post(ENTER, data={"code": shown})
    noted = [one for one in events(site) if one.event == "sign_in_second_factor"]
    assert [one.outcome for one in noted] == ["failed", "done"]
    told = "".join(capsys.readouterr())
    assert shown not in told
    assert secret not in told


def events(site: Any) -> list[Any]:
    """What happened at the doors, in order."""
    with site.unit_of_work() as session:
        return list(session.scalars(select(SecurityRow).order_by(SecurityRow.id)))


def renewed(site: Any, person: Person) -> list[str]:
    """A new set of recovery codes."""
    with site.unit_of_work() as session:
        return actions.renew_recovery_codes(session, session.get_one(Person, person.id), clock.now())


def rows(site: Any, kind: Any, field: str) -> list[Any]:
    """What stands in this field of every row."""
    with site.unit_of_work() as session:
        return list(session.scalars(select(getattr(kind, field))))


def letters(site: Any) -> list[str]:
    """The letters that wait."""
    with site.unit_of_work() as session:
        return [one for one in session.scalars(select(Letter.template)) if one.startswith("authenticators")]


def test_the_command_takes_it_off_and_says_so(
    site: Any, secret: str, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from portal.cli import data

    monkeypatch.setattr(data, "open_portal", lambda **_: site.portal)
    told = CliRunner().invoke(data.user, ["reset-second-factor", "ana"])
    assert told.exit_code == 0, told.output
    assert rows(site, CodeApp, "person_id") == []
    assert letters(site) == ["authenticators.second_factor_off"]
    assert [(one.event, one.about_id) for one in events(site)] == [("second_factor_reset", ana.id)]
    assert "there is nobody called" in CliRunner().invoke(data.user, ["reset-second-factor", "nobody"]).output


def test_a_code_that_comes_twice_is_told_by_one_letter_a_day_and_noted(site: Any, secret: str) -> None:
    shown = code(secret)
    give_password(site).post(ENTER, data={"code": shown})
    for _ in range(2):
        assert give_password(site).post(ENTER, data={"code": shown}).status_code == 422
    assert letters(site) == ["authenticators.code_repeated"]
    assert [one.outcome for one in events(site) if one.event == "code_repeated"] == ["refused", "refused"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1), tick=False):
        shown = code(secret)
        for _ in range(2):
            give_password(site).post(ENTER, data={"code": shown})
    assert letters(site) == ["authenticators.code_repeated"] * 2


def test_a_letter_tells_of_new_recovery_codes_in_place_of_others(site: Any, secret: str, ana: Person) -> None:
    renewed(site, ana)
    assert letters(site) == [], "the first ones come with the app, of which a letter tells"
    renewed(site, ana)
    assert letters(site) == ["authenticators.recovery_codes_renewed"]


def test_recovery_codes_have_more_than_112_bits_and_those_of_before_still_open(
    site: Any, secret: str, ana: Person
) -> None:
    drawn = rules.new_recovery_codes()
    assert all(len(one.replace("-", "")) * math.log2(len(rules.ALPHABET)) > 112 for one in drawn)
    assert all(len(one) <= rules.LONGEST_CODE for one in drawn)
    old = "ABCD-EFGH-JKMN-PQRS"
    with site.unit_of_work() as session:
        mark = rules.mark_of_recovery_code(old, ana.id)
        session.add(RecoveryCode(person_id=ana.id, mark=mark, made_at=clock.now()))
    assert give_password(site).post(ENTER, data={"code": old}).status_code == 303
