"""Letters about notices, over a real mail server: whole, in their reader's language, and stopped with one click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine

from portal.activity.actions import record
from portal.activity.rules import link
from portal.people.models import Person
from tests import make
from tests.letters import all_at_once, html_of, text_of
from tests.servers.postman import Postman, running_postman

HOME = "https://portal.example.org"
SAID = {
    "en": ("Bo could help with “Mapper”", "What they write:", "Open this page", "Stop e-mails of this kind"),
    "fr": ("Bo pourrait aider", "Son message", "Ouvrir cette page", "Ne plus recevoir de courriels"),
    "x-rtl": ("Bo could help with “Mapper”", "What they write:", "Open this page", "Stop e-mails of this kind"),
}


@pytest.fixture
def postman() -> Iterator[Postman]:
    with running_postman() as server:
        yield server


@pytest.fixture
def site(make_site: Any, postman: Postman) -> Any:
    """A portal on an encrypted address that sends through that server."""
    toml = f'[site]\nurl = "{HOME}"\n[mail]\nhost = "127.0.0.1"\nport = {postman.port}\nsecurity = "none"\n'
    return make_site(toml)


def somebody(site: Any, username: str, **values: Any) -> Person:
    address = f"{username}@example.org"
    with site.unit_of_work() as session:
        return make.person(session, username, **{"email": address, "email_key": address, **values})


def tell(site: Any, reader: Person, verb: str = "tools.help_offered", **values: Any) -> None:
    with site.unit_of_work() as session:
        bo = session.query(Person).filter_by(username="bo").first() or make.person(session, "bo")
        note = {"note": "I can."} if verb == "tools.help_offered" else {}
        told = {"title": "Mapper", "link": link("tools.show", name="mapper"), **note, **values}
        record(session, verb, actor=bo, values=told, tell=[reader.id], now=make.NOON)


def deliver(site: Any, after: timedelta = timedelta(0)) -> None:
    with time_machine.travel(make.NOON + after, tick=False):
        site.work("mail.deliver")


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize("language", SAID)
def test_a_whole_letter_arrives_in_its_readers_language(site: Any, postman: Postman, language: str) -> None:
    tell(site, somebody(site, "ana", display_name="Ana Łuca 李", language=language))
    deliver(site)
    [letter] = postman.letters
    subject, intro, button, stop = SAID[language]
    assert letter["To"].addresses[0].display_name == "Ana Łuca 李"
    assert letter["Subject"].startswith(subject)
    for form in (text_of(letter), html_of(letter)):
        assert intro in form
        assert "I can." in form
        assert f"{HOME}/tools/mapper" in form
        assert stop in form
        assert "%(" not in form
    page = html_of(letter)
    assert f"{button}</a>" in page
    assert f'lang="{"fr" if language == "fr" else "en"}" dir="{"rtl" if language == "x-rtl" else "ltr"}"' in page
    assert not re.search(r"(src|srcset|background|action)=|@import|url\(", page)


def test_the_stop_of_a_letter_works_as_a_mail_program_uses_it(site: Any, postman: Postman) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    ana = somebody(site, "ana")
    tell(site, ana)
    deliver(site)
    raw = postman.raw[0].decode()
    # As it stands on the wire: one line each, nothing encoded, for a mail program reads no more than that.
    stop = re.search(r"^List-Unsubscribe: <(\S+)>\r\n", raw, re.MULTILINE)
    assert stop is not None
    assert re.search(r"^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", raw, re.MULTILINE)
    assert re.search(r"^List-Id: <decisions\.notices\.portal\.example\.org>\r\n", raw, re.MULTILINE)
    program = site.app.test_client(use_cookies=False)
    answer = program.post(path_of(stop[1]), base_url=HOME, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    tell(site, ana)
    tell(site, ana, "mentoring.claimed")
    deliver(site, timedelta(hours=1))
    assert [letter["Subject"] for letter in postman.letters[1:]] == ["Bo is your mentor now"]


def test_the_daily_letter_arrives_and_its_stop_stops_it(site: Any, postman: Postman) -> None:
    ana = somebody(site, "ana", time_zone="Europe/Paris", language="fr")
    for title in ("Mapper", "Quarry"):
        tell(site, ana, "tools.owner_not_wanted", title=title)
    deliver(site, timedelta(hours=19))
    [letter] = postman.letters
    assert letter["Subject"] == "2 notifications de Contributor Portal"
    assert f'<li><a href="{HOME}/tools/mapper">« Mapper » ne cherche plus personne</a></li>' in html_of(letter).replace(
        "\u00a0", " "
    )
    answer = site.client().post(path_of(letter["List-Unsubscribe"].strip("<>")), base_url=HOME)
    assert answer.status_code == 200
    tell(site, ana, "tools.owner_not_wanted")
    deliver(site, timedelta(days=3))
    assert len(postman.letters) == 1


def test_nothing_that_people_type_becomes_a_header_or_markup_of_a_letter(site: Any, postman: Postman) -> None:
    evil = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\n.\nQUIT\n"
    ana = somebody(site, "ana", display_name="Ana\r\nBcc: victim@example.org")
    with site.unit_of_work() as session:
        all_at_once(session, ana)
    for verb in ("tools.help_offered", "tools.owner_wanted"):
        tell(site, ana, verb, title=evil, note=evil, reason=evil)
    deliver(site)
    assert len(postman.letters) == 2
    for letter in postman.letters:
        assert {"Bcc", "Cc"}.isdisjoint(letter.keys())
        assert letter["Subject"].startswith(("Bo could help with “x", "“x"))
        assert letter["To"].addresses[0].addr_spec == "ana@example.org"
        assert len(letter["To"].addresses) == 1
        assert "<script>" in text_of(letter)
        assert "<script>" not in html_of(letter)
