"""`url_for` in templates: Flask's, which remembers the addresses of pages that need nothing but their name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request


def install(app: Flask) -> None:
    """Give templates `url_for`: the frame of a page alone asks thirty times for addresses that never change."""

    @lru_cache(maxsize=1024)
    def plain(_root_path: str, endpoint: str) -> str:
        # Where the site lies below a path, the proxy in front says which: it is part of the key.
        return app.url_for(endpoint)

    def url_for(endpoint: str, **values: Any) -> str:
        if values or endpoint.startswith(".") or not has_request_context():
            return app.url_for(endpoint, **values)
        return plain(request.root_path, endpoint)

    app.jinja_env.globals["url_for"] = url_for
