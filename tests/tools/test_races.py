"""Two people at once: the database decides, and nothing is counted twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

from portal.activity.models import Event
from portal.tools.models import AdoptionOffer
from tests import make
from tests.tools.conftest import Catalogue


def at_once(browsers: list[Any], path: str, data: dict[str, str]) -> list[int]:
    with ThreadPoolExecutor(len(browsers)) as pool:
        return sorted(pool.map(lambda browser: browser.post(path, data=data).status_code, browsers))


def test_of_several_who_say_it_at_once_one_says_it(catalogue: Catalogue) -> None:
    browsers = [catalogue.browser(catalogue.steward) for _ in range(4)]
    assert at_once(browsers, "/tools/mapper/look-for-owner", {"reason": "Now."}) == [303, 409, 409, 409]
    with catalogue.site.unit_of_work() as session:
        assert len(session.scalars(select(Event).where(Event.verb == "tools.owner_wanted")).all()) == 1


def test_a_button_pressed_twice_makes_one_offer(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    browsers = [make.sign_in(catalogue.site.client(), catalogue.ana) for _ in range(4)]
    assert at_once(browsers, "/tools/mapper/offer", {"note": "Me."}) == [303, 409, 409, 409]
    with catalogue.site.unit_of_work() as session:
        assert len(session.scalars(select(AdoptionOffer)).all()) == 1
