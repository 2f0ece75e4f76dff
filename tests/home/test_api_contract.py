"""The API does what its description says: read and tried by a program that knows nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from sqlalchemy import select

from portal.activity.actions import record
from portal.activity.rules import link
from portal.core import clock
from portal.people.models import Person
from tests import make
from tests.home import community

OPERATIONS = {
    "/api/v1/changes": "listChanges",
    "/api/v1/me": "getMe",
    "/api/v1/me/notices": "listMyNotices",
    "/api/v1/me/notices/read": "readMyNotices",
    "/api/v1/mentors": "listMentors",
    "/api/v1/roles": "listRoles",
    "/api/v1/roles/{slug}": "getRole",
    "/api/v1/tools": "listTools",
    "/api/v1/tools/{name}": "getTool",
    "/api/v1/tracks": "listTracks",
    "/api/v1/tracks/{slug}": "getTrack",
}


WRITING = {"/api/v1/me/notices/read"}
BY_TOKEN = {"/api/v1/me", "/api/v1/me/notices", *WRITING}


@pytest.fixture
def site(make_site: Any, tmp_path: Path) -> Any:
    return community.found(make_site, tmp_path, "[limits]\napi_per_minute = 10000\n")


@pytest.fixture
def token(site: Any) -> str:
    """A token of the steward for everything, who has been told of something."""
    with site.unit_of_work() as session:
        steward = session.scalars(select(Person).where(Person.username == "steward")).one()
        values = {"title": "Mapper", "link": link("tools.index")}
        record(session, "tools.owner_not_wanted", actor=None, values=values, tell=[steward], now=clock.now())
        return make.api_token(session, steward, *site.portal.features.api_scopes)


def method_of(path: str) -> str:
    return "post" if path in WRITING else "get"


@pytest.fixture
def description(site: Any) -> Any:
    return site.client().get("/api/v1/openapi.json").json


def test_whatever_is_asked_no_answer_fails_and_none_is_undescribed(site: Any, token: str) -> None:
    config = SchemathesisConfig()
    config.projects.default.generation.update(max_examples=20, deterministic=True, database="none")
    config.projects.default.headers = {"Authorization": f"Bearer {token}"}
    # It asks once more without a token, which fails inside it for WSGI: tests/api_tokens asks so.
    config.projects.default.checks.update(excluded_check_names=["ignored_auth"])
    api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app, config=config)
    tried, wrong = set(), []
    for event in from_schema(api).execute():
        assert not isinstance(event, (NonFatalError, FatalError)), event
        if isinstance(event, ScenarioFinished):
            tried.add(event.label)
            wrong += _failures(event.recorder)
    assert not wrong, "\n".join(wrong)
    assert tried >= {f"{method_of(path).upper()} {path}" for path in OPERATIONS}


@pytest.mark.parametrize("filters", ["maintainer=%3A", "text=%20", "license=%20&maintainer=%20"])
def test_a_filter_without_a_word_in_it_filters_nothing(site: Any, filters: str) -> None:
    assert site.client().get(f"/api/v1/tools?{filters}").status_code == 200


def _failures(recorder: Any) -> Iterator[str]:
    for case, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info and not _is_foreign_cursor(check, recorder.interactions[case].response):
                asked = recorder.cases[case].value.as_curl_command()
                yield f"{asked}: {check.name}: {check.failure_info.failure}"


def _is_foreign_cursor(check: Any, response: Any) -> bool:
    """A cursor that we did not give out is refused, and no description can tell which those are."""
    return check.name == "positive_data_acceptance" and response.json()["error"]["field"] == "cursor"


def test_the_description_is_valid_and_tells_every_operation(description: Any) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert {path: one[method_of(path)]["operationId"] for path, one in description["paths"].items()} == OPERATIONS


def test_every_operation_tells_each_answer_with_its_headers_and_an_example(description: Any) -> None:
    for path, operations in description["paths"].items():
        [(method, one)] = operations.items()
        assert method == method_of(path)
        expected = {"200", "422", "429", "500"} | ({"404"} if "{" in path else set())
        expected |= {"401", "403"} if path in BY_TOKEN else {"304"}
        expected |= {"413", "415"} if path in WRITING else set()
        assert set(one["responses"]) == expected, path
        for status, response in one["responses"].items():
            assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(response["headers"])
            assert ("ETag" in response["headers"]) == (status in {"200", "304"} and path not in BY_TOKEN)
            assert ("WWW-Authenticate" in response["headers"]) == (status in {"401", "403"})
            assert ("Retry-After" in response["headers"]) == (status == "429")
            assert status == "304" or response["content"]["application/json"]["example"]


def test_every_parameter_says_what_it_is_and_shows_a_value(description: Any) -> None:
    for path, operations in description["paths"].items():
        for parameter in operations[method_of(path)]["parameters"]:
            assert parameter["description"], parameter
            told = str(parameter)
            assert any(word in told for word in ("example", "enum", "boolean", "$ref")), parameter


def test_every_object_has_an_example_that_fits_it(description: Any) -> None:
    schemas = description["components"]["schemas"]
    assert len(schemas) > 15
    for name, schema in schemas.items():
        if schema["type"] != "object":
            continue
        whole = {**schema, "components": {"schemas": schemas}}
        for shown in schema["examples"]:
            jsonschema.Draft202012Validator(whole).validate(shown), name


def test_the_description_says_where_the_api_is(make_site: Any) -> None:
    site = make_site('[site]\nname = "Our portal"\nurl = "https://portal.example.org"')
    told = site.client().get("/api/v1/openapi.json", base_url="https://portal.example.org").json
    assert told["info"]["title"] == "Our portal"
    assert told["servers"][0]["url"] == "https://portal.example.org"
