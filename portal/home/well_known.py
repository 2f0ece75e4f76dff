"""What programs ask every site for under a fixed address: robots, password managers, who found a hole."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, redirect, url_for

from portal.core import clock
from portal.core.access import anyone, guard
from portal.core.errors import NotFound
from portal.core.i18n import lazy, menu_languages
from portal.core.web import absolute, settings

blueprint = Blueprint("well_known", __name__)
NOT_FOR_ROBOTS = (
    # Found by nobody's hand: the doors, what is searched, what is private, what is for programs.
    "/api/",
    "/dashboard",
    "/search",
    "/notices",
    "/preview",
    "/people/sign-",
    "/people/prove",
    "/sign-in-with/",
    "/admin/",
    "/second-factor/",
    "/passkeys/",
    "/invitations/",
    "/api-tokens/",
    "/people/password/",
    "/people/email/",
    "/people/me$",
    "/people/me/",
    "/mentoring/app",
    "/mentoring/ask",
    "/mentoring/coordinate",
    "/mentoring/pairings",
    "/mentoring/requests",
    "/mentoring/retire",
    "/roles/holders/",
    "/roles/offers/",
    "/roles/*/appoint",
    "/roles/*/offer",
    "/tools/*/look-for-owner",
    "/tools/*/stop-looking",
    "/tools/*/offer",
    "/tracks/*/leave",
    "/tracks/*/of/",
    "/tracks/*/stuck",
    "/*.csv",
    # Every choice of filters would be a page more.
    "/reviews?",
    "/tools/?",
    "/mentoring/mentors?",
)
"""What robots need not ask for, as RFC 9309 writes it. Pages they may ask for can still say `noindex`."""


@blueprint.get("/robots.txt")
@guard(anyone)
def robots() -> Response:
    """For robots: what is content, and what is not."""
    lines = [f"Disallow: {settings().site.folder}{path}" for path in NOT_FOR_ROBOTS]
    return _plain(["User-agent: *", *lines])


@blueprint.get("/.well-known/change-password")
@guard(anyone)
def change_password() -> Any:
    """For password managers: where people change theirs."""
    return redirect(url_for("people.change_password"), 302)


@blueprint.get("/.well-known/security.txt")
@guard(anyone)
def security() -> Response:
    """For who found a hole: whom to tell (RFC 9116). Nothing once the day has come that the settings name."""
    site = settings().site
    if not site.security_expires or site.security_expires <= clock.now().date():
        raise NotFound(lazy("This site does not say where to report security problems."))
    expires = datetime.combine(site.security_expires, time(), UTC)
    return _plain(
        [
            f"Contact: {site.security_contact}",
            f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
            f"Preferred-Languages: {', '.join(language.tag for language in menu_languages())}",
            # Programs ask at the root of the host, also where the site lives in a folder.
            f"Canonical: {absolute('/.well-known/security.txt')}",
        ]
    )


def _plain(lines: list[str]) -> Response:
    return Response("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
