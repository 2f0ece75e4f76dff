"""/api/v1/roles: who is responsible for what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.core import clock
from tests import make


@pytest.fixture
def site(site: Any) -> Any:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana", email="ana@example.org")
        make.role(session, ana, "portal-steward").until = date(2100, 1, 1)
        gone = make.person(session, "gone")
        make.role(session, gone, "mentor")
        gone.username, gone.display_name, gone.deleted_at = "deleted-7", "", clock.now()
    return site


def get(site: Any, path: str = "", status: int = 200) -> Any:
    answer = site.client().get(f"/api/v1/roles{path}")
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_role_tells_its_seats_and_who_holds_it(site: Any) -> None:
    (steward,) = [item for item in get(site)["items"] if item["slug"] == "portal-steward"]
    assert steward["holders"] == [
        {"username": "ana", "name": "Ana", "since": "2026-11-20T12:00:00Z", "until": "2100-01-01"}
    ]
    assert steward["page"] == "http://127.0.0.1:8000/roles/portal-steward"
    assert steward["vacant"] == max(0, steward["min_seats"] - 1)


def test_somebody_who_left_is_a_former_member_without_an_address(site: Any) -> None:
    holder = get(site, "/mentor")["holders"][0]
    assert (holder["username"], holder["name"]) == (None, "Former member")
    assert "deleted-7" not in str(get(site))


def test_one_role_adds_what_its_page_says(site: Any) -> None:
    one = get(site, "/mentor")
    assert one["must"]
    assert one["permits"] == ["Take requests of newcomers and mentor them."]
    assert one["language"] == "en"


def test_it_is_told_in_the_language_asked_for(site: Any) -> None:
    english, french = get(site, "/mentor"), get(site, "/mentor?language=fr")
    assert french["language"] == "fr"
    assert french["title"] != english["title"] or french["purpose"] != english["purpose"]
    assert french["permits"] != english["permits"]


def test_following_next_meets_each_role_once(site: Any) -> None:
    whole = [item["slug"] for item in get(site)["items"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = get(site, f"?limit=2&cursor={cursor}" if cursor else "?limit=2")
        seen += [item["slug"] for item in page["items"]]
        cursor = page["next"]
    assert seen == whole == sorted(whole)
    assert len(whole) > 4


def test_no_address_and_no_private_thing_is_told(site: Any) -> None:
    assert "example.org" not in str(get(site)) + str(get(site, "/portal-steward"))


@pytest.mark.parametrize(("path", "status"), [("/nobody", 404), ("/mentor?colour=red", 422), ("?language=xx", 422)])
def test_refusals_have_one_form(site: Any, path: str, status: int) -> None:
    assert get(site, path, status)["error"]["code"] == status
