"""Every letter about roles can be read, in both languages, and leads to the page it speaks of."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from portal.activity.actions import record
from portal.activity.rules import link
from tests import make

VERBS = sorted(path.stem for path in (Path(__file__).parents[2] / "portal" / "templates" / "mail").glob("roles.*.txt"))


class Mailer:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        """Keep it."""
        self.sent.append(message)


class Clients:
    """The outside world: only mail."""

    def __init__(self) -> None:
        self.mailer = Mailer()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_letter_about_a_role_can_be_read(make_site: Any, verb: str, language: str) -> None:
    clients = Clients()
    site = make_site(clients=clients)
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", email="ana@example.org", language=language)
        ben = make.person(session, "ben")
        values = {"role": "translator", "reason": "Because.", "until": make.NOON.date(), "holder": ana}
        values["link"] = link("roles.show", slug="translator")
        record(session, verb, actor=ben, values=values, tell=[ana], now=make.NOON)
    site.work("people.deliver_letters")
    (message,) = clients.mailer.sent
    title = {"en": "Translator", "fr": "Traduction"}[language]
    assert title in message["Subject"]
    assert "http://127.0.0.1:8000/roles/translator" in message.get_content()
    assert not re.search(r"%\(|\{\{|2026-11-20", message["Subject"] + message.get_content())
