"""A picture of one's own choice, beside one's name."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from portal.core.access import anyone, guard, signed_in
from portal.core.errors import NotFound
from portal.core.form_limits import FORM_BYTES, takes_files
from portal.core.i18n import _, lazy
from portal.core.web import db, flash_done
from portal.people import actions, queries
from portal.people.forms import PictureForm
from portal.people.portraits import KIND, MOST_BYTES
from portal.people.rules import AUDIENCE
from portal.people.session import me
from portal.people.views.base import blueprint, go, page


@blueprint.route("/me/picture", methods=["GET", "POST"])
@takes_files(FORM_BYTES + MOST_BYTES)
@guard(signed_in)
def choose_picture() -> Any:
    """Choose a picture for oneself."""
    form = PictureForm()
    chosen = form.carry_out(lambda: _choose(form))
    return chosen or page("people/picture.html", form, person=me(), audience=AUDIENCE)


@blueprint.post("/me/picture/remove")
@guard(signed_in)
def remove_picture() -> Any:
    """Be shown with one's initials again."""
    actions.remove_picture(db(), me())
    return go("people.choose_picture")


@blueprint.get("/pictures/<mark>")
@guard(anyone)
def picture(mark: str) -> Response:
    """A picture that somebody chose for themselves. Another one has another address."""
    body = queries.portrait(db(), mark)
    if body is None:
        raise NotFound(lazy("Nobody here has this picture any more."))
    kept = {"Cache-Control": "public, max-age=31536000, immutable", "X-Robots-Tag": "noindex"}
    return Response(body, mimetype=KIND, headers=kept)


def _choose(form: PictureForm) -> BaseResponse:
    with closing(form.picture.data) as file:
        actions.set_picture(db(), me(), file.read())
    flash_done(_("Your picture is shown beside your name."))
    return go("people.choose_picture")
