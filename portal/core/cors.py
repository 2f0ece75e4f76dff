"""Which pages elsewhere may have browsers ask the API for them (CORS): none, unless [api] cors_origins names them.

No answer ever says that cookies may come along: a page elsewhere asks as everybody does, or by a token it was given.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, request

from portal.core.web import is_api, settings

ANY = "*"
ASKED_WITH = "Authorization, Content-Type, Accept-Language, If-None-Match"
ASKED_BY_ANY = "Accept-Language, If-None-Match"
TOLD = "ETag, Retry-After, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID"
READING = ("GET", "HEAD")
KEPT = 600
"""Seconds for which a browser need not ask again what it may ask."""


def install(app: Flask) -> None:
    """Answer what browsers ask for pages elsewhere."""
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    origins = settings().api.cors_origins
    if not origins or not is_api():
        return response
    # What is said to one origin must not be kept for another.
    response.vary.add("Origin")
    origin, asked = request.headers.get("Origin", ""), request.headers.get("Access-Control-Request-Method", "")
    method = asked if request.method == "OPTIONS" else request.method
    if origin in origins and origin != ANY:
        _say(response, origin, ASKED_WITH, sorted(response.allow))
    elif ANY in origins and method in READING and "Authorization" not in request.headers:
        _say(response, ANY, ASKED_BY_ANY, READING)
    return response


def _say(response: Response, origin: str, headers: str, methods: Iterable[str]) -> None:
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method != "OPTIONS":
        response.headers["Access-Control-Expose-Headers"] = TOLD
        return
    response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
    response.headers["Access-Control-Allow-Headers"] = headers
    response.headers["Access-Control-Max-Age"] = str(KEPT)
