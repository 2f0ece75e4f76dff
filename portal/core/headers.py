"""Security headers on every answer. Nothing inline runs, nothing is framed, nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, session

from portal.core import engines
from portal.core.api_access import known_caller
from portal.core.web import is_api

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
HSTS = ("Strict-Transport-Security", "max-age=31536000")


def add_to_file(file_headers: Any, _path: str, _url: str, *, is_https: bool) -> None:
    """Set them on a static file, which is served before any view is asked."""
    for name, value in HEADERS.items():
        file_headers.setdefault(name, value)
    if is_https:
        file_headers.setdefault(*HSTS)


def add(response: Response) -> Response:
    """Set our headers where a view has not set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault(*HSTS)
    if is_api() and response.is_json:
        # Whoever opens it as a page is offered a file: no browser ever reads it as anything else (ASVS 14.4.2).
        response.headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')
    if request.endpoint != "static":
        # A page may hold private things once somebody is signed in: no shared cache and no back button shows it.
        is_private = "_user_id" in session or known_caller() is not None
        response.headers.setdefault("Cache-Control", "no-store" if is_private else "private, no-cache")
        engines.add_header(response)
    return response
