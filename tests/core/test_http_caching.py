"""What has not changed is said in a word, and who asks too often is told how long to wait."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make

PATHS = ("/api/v1/changes", "/api/v1/mentors", "/api/v1/roles", "/api/v1/roles/mentor", "/api/v1/tools")


@pytest.mark.parametrize("path", [*PATHS, "/api/v1/openapi.json"])
def test_what_the_asker_has_is_not_sent_again(site: Any, path: str) -> None:
    client = site.client()
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert {"Accept-Language", "Cookie"} <= set(again.vary)
    assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200
    assert client.get(path, headers={"If-None-Match": '"another", ' + first.headers["ETag"]}).status_code == 304


def test_a_change_changes_the_etag(site: Any) -> None:
    client = site.client()
    before = client.get("/api/v1/roles").headers["ETag"]
    with site.unit_of_work() as session:
        make.role(session, make.person(session, "ana"), "mentor")
    assert client.get("/api/v1/roles", headers={"If-None-Match": before}).status_code == 200


def test_another_language_has_another_etag(site: Any) -> None:
    tags = {
        site.client().get("/api/v1/roles", headers={"Accept-Language": code}).headers["ETag"] for code in ("en", "fr")
    }
    assert len(tags) == 2


def test_nothing_is_kept_of_what_somebody_signed_in_was_sent(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.person(session, "ana")
    answer = make.sign_in(site.client(), ana).get("/api/v1/roles")
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_answer_says_how_often_one_may_still_ask_of_the_whole_api(make_site: Any) -> None:
    client = make_site("[limits]\napi_per_minute = 10").client()
    left = [int(client.get(path).headers["X-RateLimit-Remaining"]) for path in PATHS * 2]
    assert left == list(range(9, -1, -1))
    answer = client.get("/api/v1/tools")
    assert (answer.status_code, answer.json["error"]["code"]) == (429, 429)
    assert answer.headers["X-RateLimit-Limit"] == "10"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "ETag" not in answer.headers


def test_only_refusals_for_haste_ask_for_patience(site: Any) -> None:
    for path in ("/api/v1/tools", "/api/v1/tools/nothing", "/api/v1/tools?colour=red"):
        assert "Retry-After" not in site.client().get(path).headers


def test_who_must_sign_in_is_told_in_the_same_form(site: Any) -> None:
    from portal.core.access import guard, signed_in

    site.app.add_url_rule("/api/v1/test", view_func=guard(signed_in)(dict), endpoint="test")
    answer = site.client().get("/api/v1/test")
    told = {"code": 401, "reason": "needs_sign_in", "message": "Sign in first."}
    assert (answer.status_code, answer.json) == (401, {"error": told})
