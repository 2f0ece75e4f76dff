"""Addresses that people nearly got right."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app, request

QUERY_SAFE = "/?:@!$&'()*+,;=-._~%"


def tidied_path() -> str:
    """Where the page is whose address was asked for with slashes too many, or with one too few; empty when nowhere."""
    path = "/" + "/".join(step for step in request.path.split("/") if step)
    adapter = current_app.create_url_adapter(request)
    there = [one for one in (path, f"{path}/") if one != request.path and adapter and adapter.test(one, request.method)]
    if not there:
        return ""
    query = request.query_string.decode("latin-1")
    return quote(f"{request.script_root}{there[0]}") + (f"?{quote(query, safe=QUERY_SAFE)}" if query else "")
