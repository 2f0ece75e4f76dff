"""Two sites in one process share nothing but code: neither counts, settings nor what their rooms bring."""

from __future__ import annotations

from typing import Any

from portal.app import FEATURES
from portal.core.access import anyone, guard
from portal.core.api import ItemQuery, make_blueprint, operation
from portal.core.feature import Feature
from portal.tools.api import TOOLS, ToolDetail


def statuses(client: Any, path: str, number: int) -> list[int]:
    return [client.get(path).status_code for _ in range(number)]


def test_each_site_keeps_its_own_limits(make_site: Any) -> None:
    strict = make_site("[limits]\ncsv_per_minute = 5\n")
    generous = make_site("[limits]\ncsv_per_minute = 7\n")
    path = "/reviews/queue.csv"
    assert statuses(strict.client(), path, 6) == [200] * 5 + [429]
    assert statuses(generous.client(), path, 8) == [200] * 7 + [429]


def test_what_one_site_counts_is_nothing_to_another(make_site: Any) -> None:
    toml, path = "[limits]\ncsv_per_minute = 5\n", "/reviews/queue.csv"
    first = make_site(toml)
    assert statuses(first.client(), path, 6)[-1] == 429
    second = make_site(toml)
    assert statuses(second.client(), path, 1) == [200]
    assert statuses(first.client(), path, 1) == [429]


def test_each_site_describes_the_api_of_its_own_rooms(make_site: Any) -> None:
    blueprint = make_blueprint("more")

    @blueprint.get("/more/<name>")
    @guard(anyone)
    @operation("more.show", ToolDetail, TOOLS, path={"name": ("Its name.", "mapper")})
    def show(name: str, query: ItemQuery) -> Any:
        """One thing more."""
        return {"name": name}

    usual, richer = make_site(), make_site(features=(*FEATURES, Feature("more", blueprints=(blueprint,))))
    assert "/api/v1/more/{name}" not in usual.client().get("/api/v1/openapi.json").json["paths"]
    told = richer.client().get("/api/v1/openapi.json").json["paths"]["/api/v1/more/{name}"]["get"]
    assert [one["example"] for one in told["parameters"] if one["in"] == "path"] == ["mapper"]
    assert "/api/v1/more/{name}" not in make_site().client().get("/api/v1/openapi.json").json["paths"]
