"""Every letter about tools can be read, in both languages, and leads to the page it speaks of."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal.activity.actions import record
from portal.activity.rules import link
from tests import make
from tests.letters import all_at_once, text_of
from tests.people.conftest import Postbox

VERBS = sorted(path.stem for path in (Path(__file__).parents[2] / "portal" / "templates" / "mail").glob("tools.*.txt"))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_letter_about_a_tool_can_be_read(make_site: Any, verb: str, language: str) -> None:
    post = Postbox()
    site = make_site(clients=SimpleNamespace(mailer=post))
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", email="ana@example.org", language=language)
        ben = make.person(session, "ben")
        all_at_once(session, ana)
        values = {"title": "Mapper", "reason": "Because.", "note": "I can.", "account": "Ana"}
        values |= {"link": link("tools.show", name="mapper")}
        record(session, verb, actor=ben, values=values, tell=[ana], now=make.NOON)
    site.work("mail.deliver")
    (message,) = post.sent
    assert "Mapper" in message["Subject"]
    assert "http://127.0.0.1:8000/tools/mapper" in text_of(message)
    assert not re.search(r"%\(|\{\{", message["Subject"] + text_of(message))
