"""A forgotten password, over HTTP and SMTP: a letter crosses a real mail server and lets its reader in again."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller

from tests import make
from tests.letters import text_of
from tests.servers import free_port

NEW = "a heron on the roof"


class Postman:
    """Keeps the letters that a mail server is given."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def link(self) -> str:
        """Where the newest letter leads, on this site."""
        found = urlsplit(re.findall(r"https?://\S+", text_of(self.letters[-1]))[0])
        return f"{found.path}?{found.query}" if found.query else found.path


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def site(make_site: Any, postman: Postman) -> Iterator[Any]:
    """A portal that sends its letters through a mail server on loopback."""
    server = Controller(postman, hostname="127.0.0.1", port=free_port())
    server.start()
    yield make_site(f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n')
    server.stop()


def sign_in(site: Any, password: str) -> int:
    return int(site.client().post("/people/sign-in", data={"username": "ana", "password": password}).status_code)


def test_a_letter_lets_somebody_in_who_forgot_the_password(site: Any, postman: Postman) -> None:
    # Ana signs up and follows the letter that confirms her address.
    at_home = site.client()
    typed = {"username": "ana", "display_name": "Ana", "password": make.PASSWORD, "email": "ana@example.org"}
    assert at_home.post("/people/sign-up", data=typed | {"language": "en"}).status_code == 303
    site.work("mail.deliver")
    assert postman.letters[-1]["To"].addresses[0].addr_spec == "ana@example.org"
    assert at_home.post(postman.link()).status_code in (200, 303)

    # On another machine she has forgotten it: a letter comes, and nothing else tells that the account exists.
    elsewhere = site.client()
    answers = [
        elsewhere.post("/people/password/forgotten", data={"name": address}).location
        for address in ("nobody@example.org", "ana@example.org")
    ]
    assert answers[0] == answers[1] is not None
    site.work("mail.deliver")
    assert "Choose a new password" in postman.letters[-1]["Subject"]

    # The link lets her choose a new one, once; the old one and the session at home have ended.
    link = postman.link()
    assert elsewhere.post(link, data={"password": NEW}).status_code == 303
    assert elsewhere.get("/dashboard").status_code == 200
    assert at_home.get("/dashboard").status_code == 302
    assert (sign_in(site, make.PASSWORD), sign_in(site, NEW)) == (422, 303)
    assert elsewhere.post(link, data={"password": make.PASSWORD}, follow_redirects=True).status_code == 200
    assert (sign_in(site, make.PASSWORD), sign_in(site, NEW)) == (422, 303)

    # She is told of the change, in case it was not she.
    site.work("mail.deliver")
    assert any("was changed" in letter["Subject"] for letter in postman.letters)
