"""Templates remember addresses, and never mix up two of them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def url_for(site: Any) -> Any:
    """What templates call."""
    with site.app.test_request_context("/"):
        yield site.app.jinja_env.globals["url_for"]


def test_values_that_are_equal_and_written_otherwise_have_addresses_of_their_own(url_for: Any) -> None:
    for _time in range(2):
        assert url_for("tools.index", page=1) == "/tools/?page=1"
        assert url_for("tools.index", page=True) == "/tools/?page=True"
        assert url_for("tools.index", page="1", _anchor="x") == "/tools/?page=1#x"


def test_a_list_of_values_is_an_address_too(url_for: Any) -> None:
    assert url_for("mentoring.ask", skill=["python", "git"]) == "/mentoring/ask?skill=python&skill=git"


def test_the_folder_and_the_host_of_a_request_are_those_of_its_addresses(site: Any) -> None:
    url_for = site.app.jinja_env.globals["url_for"]
    for folder, host in (("", "one.example"), ("/portal", "two.example")):
        with site.app.test_request_context("/", base_url=f"http://{host}{folder}"):
            assert url_for("roles.show", slug="mentor") == f"{folder}/roles/mentor"
            assert url_for("roles.show", slug="mentor", _external=True).endswith(f"{folder}/roles/mentor")
