"""What project an address means on a review server: every way in which people write where their code is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.forges.table import FORGES

GERRIT = "https://gerrit.example.org/r"
GITLAB = "https://gitlab.example.org"


def project_at(address: str, kind: str, server: str) -> str | None:
    return FORGES[kind].project_at(address, server)


@pytest.mark.parametrize(
    "address",
    [
        "https://gerrit.example.org/r/tools/maps",
        "https://gerrit.example.org/r/tools/maps/",
        "https://gerrit.example.org/r/tools/maps.git",
        "http://gerrit.example.org/r/tools/maps",
        "https://GERRIT.example.org:443/r/tools/maps",
        "https://gerrit.example.org/r/a/tools/maps",
        "https://gerrit.example.org/r/p/tools/maps.git",
        "https://gerrit.example.org/r/plugins/gitiles/tools/maps",
        "https://gerrit.example.org/r/plugins/gitiles/tools/maps/+/refs/heads/master/README.md",
        "https://gerrit.example.org/r/plugins/gitiles/tools/maps.git/+log/master",
        "https://gerrit.example.org/g/tools/maps",
        "https://gerrit.example.org/g/tools/maps/+/refs/heads/main",
        "https://gerrit.example.org/r/admin/repos/tools/maps",
        "https://gerrit.example.org/r/admin/repos/tools%252Fmaps,general",
        "https://gerrit.example.org/r/admin/repos/tools%2Fmaps,branches",
        "https://gerrit.example.org/r/c/tools/maps/+/1234",
        "https://gerrit.example.org/r/q/project:tools/maps+status:open",
        "https://gerrit.example.org/r/q/status:open%20project:tools%252Fmaps",
        "https://gerrit.example.org/r/q/(repo:tools/maps)",
        "https://gerrit.example.org/r/gitweb?p=tools/maps.git;a=summary",
        "https://gerrit.example.org/r/#/admin/projects/tools/maps",
        "https://gerrit.example.org/r/#/q/project:tools/maps,n,z",
    ],
)
def test_an_address_on_gerrit_means_its_project(address: str) -> None:
    assert project_at(address, "gerrit", GERRIT) == "tools/maps"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("https://gerrit.example.org/tools/maps", "https://gerrit.example.org"),
        ("https://gerrit.example.org/g/tools/maps/+/refs/heads/main", "https://gerrit.example.org/"),
        ("https://example.org:8443/gerrit/r/tools/maps", "https://example.org:8443/gerrit/r"),
    ],
)
def test_gerrit_may_lie_anywhere_on_its_host(address: str, server: str) -> None:
    assert project_at(address, "gerrit", server) == "tools/maps"


@pytest.mark.parametrize(
    "address",
    [
        "https://gitlab.example.org/tools/maps",
        "https://gitlab.example.org/tools/maps/",
        "https://gitlab.example.org/tools/maps.git",
        "https://gitlab.example.org/tools/maps/-/tree/main",
        "https://gitlab.example.org/tools/maps/-/merge_requests/7",
        "https://gitlab.example.org/tools/maps/-/",
        "https://gitlab.example.org/tools/maps/tree/main/src",
        "https://gitlab.example.org/tools/maps/blob/main/README.md",
        "https://gitlab.example.org/tools/maps?ref_type=heads#readme",
    ],
)
def test_an_address_on_gitlab_means_its_project(address: str) -> None:
    assert project_at(address, "gitlab", GITLAB) == "tools/maps"


def test_a_group_in_a_group_and_a_group_with_the_name_of_a_page_are_told_apart() -> None:
    assert project_at("https://gitlab.example.org/a/b/c/maps.git", "gitlab", GITLAB) == "a/b/c/maps"
    assert project_at("https://gitlab.example.org/r/maps", "gitlab", GITLAB) == "r/maps"
    assert project_at("https://gitlab.example.org/p/raw-maps", "gitlab", GITLAB) == "p/raw-maps"
    assert project_at("https://example.org/gitlab/tools/maps", "gitlab", "https://example.org/gitlab") == "tools/maps"


@pytest.mark.parametrize(
    ("address", "kind", "server"),
    [
        ("https://other.example.org/r/tools/maps", "gerrit", GERRIT),
        ("https://gerrit.example.org.evil.example/r/tools/maps", "gerrit", GERRIT),
        ("https://gerrit.example.org:8443/r/tools/maps", "gerrit", GERRIT),
        ("https://gerrit.example.org/research/maps", "gerrit", GERRIT),
        ("https://gerrit.example.org/r", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/q/status:open", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/gitweb", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/.git", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/tools%00maps", "gerrit", GERRIT),
        ("https://gerrit.example.org/r/tools%250Amaps", "gerrit", GERRIT),
        ("https://gitlab.example.org/tools", "gitlab", GITLAB),
        ("https://gitlab.example.org/", "gitlab", GITLAB),
        ("https://gitlab.example.org/gitlab-x/maps", "gitlab", GITLAB + "/gitlab"),
        ("https://[::1", "gitlab", GITLAB),
        ("https://gitlab.example.org:port/tools/maps", "gitlab", GITLAB),
        ("", "gerrit", GERRIT),
    ],
)
def test_what_lies_elsewhere_or_names_no_project_means_none(address: str, kind: str, server: str) -> None:
    assert project_at(address, kind, server) is None


@given(st.text(max_size=60), st.sampled_from(["gerrit", "gitlab"]))
def test_whatever_stands_in_an_address_a_database_can_be_asked_for_it(rest: str, kind: str) -> None:
    found = project_at(f"{GERRIT}/{rest}", kind, GERRIT)
    assert found is None or (found.isprintable() and found == found.strip("/"))
