"""Addresses that people nearly got right."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app, request

QUERY_SAFE = "/?:@!$&'()*+,;=-._~%"


def tidied_path() -> str:
    """Where the page is whose address was asked for with slashes too many, or with one too few; empty when nowhere."""
    path = "/" + "/".join(step for step in request.path.split("/") if step)
    adapter = current_app.create_url_adapter(request)
    spellings = [spelling for spelling in (path, f"{path}/") if spelling != request.path]
    page = next((spelling for spelling in spellings if adapter and adapter.test(spelling, request.method)), "")
    if not page:
        return ""
    query = request.query_string.decode("latin-1")
    return quote(f"{request.script_root}{page}") + (f"?{quote(query, safe=QUERY_SAFE)}" if query else "")
