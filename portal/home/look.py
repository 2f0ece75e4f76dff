"""What makes a site look like its community: its colours and its logo, as [look] of the settings has them."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app

from portal.core.access import anyone, guard
from portal.core.errors import NotFound
from portal.core.i18n import lazy
from portal.core.look import SiteLook

blueprint = Blueprint("look", __name__)
YEAR = int(timedelta(days=365).total_seconds())


@blueprint.get("/look.css")
@guard(anyone)
def stylesheet() -> Response:
    """The colours of the site. Its address changes with them."""
    return _kept(_look().stylesheet.encode(), "text/css")


@blueprint.get("/logo")
@guard(anyone)
def logo() -> Response:
    """The picture beside the name of the site. Its address changes with it."""
    return _kept(_look().logo, _look().logo_kind)


def _look() -> SiteLook:
    look: SiteLook = current_app.extensions["portal.look"]
    return look


def _kept(body: bytes, kind: str) -> Response:
    if not body:
        raise NotFound(lazy("This site has none of its own."))
    return Response(body, mimetype=kind, headers={"Cache-Control": f"public, max-age={YEAR}, immutable"})
