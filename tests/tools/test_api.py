"""/api/v1/tools: the catalogue for programs."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.data import toolinfo_schema
from tests.tools.conftest import record

SCHEMA = jsonschema.Draft7Validator(toolinfo_schema())


@pytest.fixture
def shop(catalogue: Any, bring_in: Any) -> Any:
    """The catalogue with three tools; "mapper" looks for an owner."""
    bring_in(
        record("counter", keywords="numbers, maps", tool_type="bot", experimental=True),
        record("painter", license="MIT", for_wikis=["fr.wikipedia.org"], available_ui_languages=["fr"]),
    )
    catalogue.want_owner(reason="I have no time left.")
    return catalogue


def get(shop: Any, path: str = "", status: int = 200) -> Any:
    answer = shop.site.client().get(f"/api/v1/tools{path}")
    assert answer.status_code == status, answer.text
    return answer.json


def names(shop: Any, query: str) -> list[str]:
    return [item["name"] for item in get(shop, query)["items"]]


def test_an_item_says_what_the_list_shows(shop: Any) -> None:
    assert get(shop)["items"][0] == {
        "name": "counter",
        "title": "Counter",
        "summary": "What counter does.",
        "page": "http://127.0.0.1:8000/tools/counter",
        "tool_type": "bot",
        "keywords": ["maps", "numbers"],
        "is_deprecated": False,
        "is_experimental": True,
        "wanted_since": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["counter", "mapper", "painter"]),
        ("?text=PAINT", ["painter"]),
        ("?type=bot", ["counter"]),
        ("?keyword=maps", ["counter"]),
        ("?license=MIT", ["mapper", "painter"]),
        ("?needs_owner=true", ["mapper"]),
        ("?needs_owner=false", ["counter", "mapper", "painter"]),
        ("?wiki=fr.wikipedia.org&speaks=fr&license=MIT", ["painter"]),
        ("?text=nothing-like-it", []),
    ],
)
def test_filters(shop: Any, query: str, expected: list[str]) -> None:
    assert names(shop, query) == expected


def test_following_next_meets_each_tool_once(shop: Any) -> None:
    first = get(shop, "?limit=2")
    assert [item["name"] for item in first["items"]] == ["counter", "mapper"]
    rest = get(shop, f"?limit=2&cursor={first['next']}")
    assert ([item["name"] for item in rest["items"]], rest["next"]) == (["painter"], None)


def test_one_tool_comes_with_its_whole_record_and_why_it_needs_an_owner(shop: Any) -> None:
    one = get(shop, "/mapper")
    SCHEMA.validate(one["record"])
    assert one["record"]["license"] == "MIT"
    assert (one["wanted"]["reason"], one["wanted"]["said_by"]) == ("I have no time left.", "Steward")
    assert get(shop, "/painter")["wanted"] is None


def test_offers_and_links_to_people_stay_on_the_page(shop: Any) -> None:
    assert shop.offer(shop.ana, note="A note for maintainers only.").status_code == 303
    told = shop.browser(shop.steward).get("/api/v1/tools/mapper").text + str(get(shop))
    assert "A note for maintainers only." not in told
    assert not [one for one in ("maria@example.org", '"ana"', "/people/") if one in told]


def test_a_tool_that_is_not_there_is_said_as_json(shop: Any) -> None:
    assert get(shop, "/nothing", 404)["error"] == {
        "code": 404,
        "reason": "not_found",
        "message": "There is no tool of that name. The list of tools has them all.",
    }
    assert get(shop, "/map%00per", 422)["error"]["code"] == 422
