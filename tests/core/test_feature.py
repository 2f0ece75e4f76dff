"""What rooms bring to a site belongs to that site, and nothing is brought twice under one name."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from portal.app import FEATURES
from portal.core import clock
from portal.core.feature import Feature, Features, features_of
from portal.core.schedule import Sweep
from portal.mentoring.actions import requests
from portal.mentoring.models import Request, RequestState
from portal.people import actions
from tests import make


def test_what_one_site_has_more_another_in_the_same_process_has_not(make_site: Any) -> None:
    more = Feature("more", sweeps=(Sweep("more.rest", lambda _portal: None, timedelta(minutes=1)),))
    first, second = make_site(features=(*FEATURES, more)), make_site()
    assert "more.rest" in first.portal.features.sweeps
    assert "more.rest" not in second.portal.features.sweeps
    with first.unit_of_work() as here, second.unit_of_work() as there:
        assert features_of(here) is first.portal.features
        assert features_of(there) is second.portal.features


def test_who_leaves_one_site_is_erased_by_its_own_settings(make_site: Any) -> None:
    site = make_site("[limits]\nrequest_days = 10\n")
    make_site("[limits]\nrequest_days = 90\n")
    with site.unit_of_work() as session:
        mentor, mentee = make.mentor(session, "mira"), make.speaker(session, "noor")
        requests.claim(session, make.request(session, mentee).id, mentor, clock.now())
    with site.unit_of_work() as session:
        now = clock.now()
        actions.leave(site.portal, session, session.merge(mentor), now)
        asked = session.scalars(select(Request).where(Request.state == RequestState.OPEN)).one()
        assert (asked.expires_at - now).days == 10


def test_two_rooms_cannot_bring_a_sweep_of_the_same_name() -> None:
    rest = Sweep("a.rest", lambda _portal: None, timedelta(minutes=1))
    again = Sweep("a.rest", lambda _portal: None, timedelta(minutes=5))
    features = Features((Feature("a", sweeps=(rest,)), Feature("b", sweeps=(again,))))
    with pytest.raises(ValueError, match="two features bring a sweep called"):
        _ = features.sweeps


def test_two_rooms_cannot_have_the_same_name() -> None:
    with pytest.raises(ValueError, match="called a"):
        Features((Feature("a"), Feature("a")))


def test_upper_rooms_forget_a_person_before_those_below() -> None:
    order: list[str] = []
    rooms = [Feature(name, erase=lambda *_all, name=name: order.append(name)) for name in ("low", "high")]
    for erase in Features(rooms).erasures:
        erase(SimpleNamespace(), None, None, make.NOON)  # type: ignore[arg-type]
    assert order == ["high", "low"]
