"""`url_for` in templates: Flask's, which remembers addresses inside the site. They never change."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request

MOST = 4096
"""So many addresses are remembered, those that were asked for last."""


def install(app: Flask) -> None:
    """Give templates `url_for`: the frame of a page alone asks thirty times, and lists ask the same again and again."""

    @lru_cache(maxsize=MOST)
    def known(_root_path: str, endpoint: str, values: tuple[tuple[str, type, Any], ...]) -> str:
        # Where the site lies below a path, the proxy in front says which: it is part of the key. So are the types,
        # for 1 and True are the same to a dictionary and not in an address.
        return app.url_for(endpoint, **{name: value for name, _kind, value in values})

    def url_for(endpoint: str, **values: Any) -> str:
        is_outside = "_external" in values or "_scheme" in values
        if is_outside or endpoint.startswith(".") or not has_request_context():
            return app.url_for(endpoint, **values)
        try:
            return known(
                request.root_path, endpoint, tuple((name, type(value), value) for name, value in values.items())
            )
        except TypeError:  # A list among the values cannot be remembered.
            return app.url_for(endpoint, **values)

    app.jinja_env.globals["url_for"] = url_for
