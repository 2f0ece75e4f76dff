"""Servers that behave like the real ones, on loopback: `with FakeGerrit() as gerrit: gerrit.add_change(1)`."""

from tests.fakes.gerrit import FakeGerrit
from tests.fakes.gitlab import FakeGitlab
from tests.fakes.server import (
    FakeServer,
    Reply,
    Request,
    cut_short,
    half_json,
    hang,
    html_page,
    rate_limited,
    server_error,
    unauthorised,
)

__all__ = [
    "FakeGerrit",
    "FakeGitlab",
    "FakeServer",
    "Reply",
    "Request",
    "cut_short",
    "half_json",
    "hang",
    "html_page",
    "rate_limited",
    "server_error",
    "unauthorised",
]
