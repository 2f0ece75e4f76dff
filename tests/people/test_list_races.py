"""A list holds what it may hold, however many browsers of one person add to it at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portal.core import clock
from portal.people import rules
from portal.people.models import Account, Person, PersonLanguage, PersonSkill
from tests import make

AT_ONCE = 12
FREE = 3
CODES = ["ab", "af", "ak", "am", "ar", "as", "az", "be", "bg", "bm", "bn", "br"]


def full_but_for_three(kind: str) -> list[Any]:
    """Rows of such a list: all it may have, but for three."""
    many = range(rules.MOST_ROWS - FREE)
    if kind == "skills":
        return [PersonSkill(skill=f"skill-{number}", level=1) for number in many]
    if kind == "languages":
        return [PersonLanguage(code=f"x{number}") for number in many]
    return [Account(service="gerrit", username=f"ana{number}", added_at=clock.now()) for number in many]


@pytest.mark.parametrize("kind", ["skills", "languages", "accounts"])
def test_a_list_is_never_longer_than_it_may_be(make_site: Any, kind: str) -> None:
    site = make_site('[wiki]\nurl = "https://wiki.example.org"')
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
        setattr(ana, kind, full_but_for_three(kind))
        session.flush()
        browsers = [make.sign_in(site.client(), ana) for _ in range(AT_ONCE)]
    skills = offered(browsers[0])
    forms = {
        "skills": [{"skill": skill, "level": "2"} for skill in skills],
        "languages": [{"spoken": code} for code in CODES],
        "accounts": [{"service": "wiki", "account": f"Ana {number}"} for number in range(AT_ONCE)],
    }[kind]

    def add(number: int) -> int:
        with browsers[number].post(f"/people/me/{kind}", data=forms[number]) as answer:
            return int(answer.status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = sorted(pool.map(add, range(AT_ONCE)))
    assert statuses == [303] * FREE + [422] * (AT_ONCE - FREE)
    with site.unit_of_work() as session:
        assert len(getattr(session.get(Person, ana.id), kind)) == rules.MOST_ROWS


def offered(browser: Any) -> list[str]:
    """Skills that can be chosen."""
    choices = re.search(r'<select[^>]*name="skill".*?</select>', browser.get("/people/me").text, re.DOTALL)
    assert choices
    return re.findall(r'value="([^"]+)"', choices[0])
