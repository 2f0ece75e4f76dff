"""What the URLs under /api-tokens answer: the tokens that one has made for programs."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, current_app, render_template, session, url_for
from werkzeug.wrappers import Response

from portal.api_tokens import actions, queries
from portal.api_tokens.forms import TokenForm
from portal.api_tokens.models import ApiToken
from portal.core import clock
from portal.core.access import guard, proved_recently, signed_in
from portal.core.errors import Conflict, NotFound
from portal.core.forms import text_of
from portal.core.i18n import _, lazy
from portal.core.sealing import CannotOpenError, opened, seal
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import address, db, flash_done, is_looked_at, portal
from portal.people.session import me
from portal.people.views.base import go, page

blueprint = Blueprint("api_tokens", __name__, url_prefix="/api-tokens")
_NEW = "api_token"
"""What stands, sealed, in the cookie of a browser until it is shown: the token that has just been made."""
PURPOSE = "api_tokens"
SHOWN_WITHIN = 600
"""Seconds."""


@blueprint.get("/")
@guard(signed_in)
def overview() -> str:
    """The tokens that one has made: what each is for, until when, and when it was last used."""
    mine, scopes = queries.tokens_of(db(), me().id), portal().features.api_scopes
    return render_template("api_tokens/overview.html", tokens=mine, scopes=scopes, now=clock.now())


@blueprint.route("/new", methods=["GET", "POST"])
@guard(proved_recently)
def make() -> Any:
    """Make a token."""
    form = TokenForm(portal().features.api_scopes.values(), clock.now().date())
    return form.carry_out(lambda: _make(form), Conflict) or page("api_tokens/make.html", form)


@blueprint.get("/new/shown")
@guard(signed_in)
def show() -> Any:
    """The new token, shown this once."""
    sealed = session.pop(_NEW, "") if is_looked_at() else ""
    owner, token = json.loads(_opened(sealed) or '[0, ""]')
    if owner != me().id:
        return go(".overview")
    return render_template("api_tokens/show.html", token=token, example=address("home_api.me"))


@blueprint.get("/<int:token_id>/end")
@guard(signed_in)
def ask_to_end(token_id: int) -> str:
    """Ask before a token is ended."""
    token = _mine(token_id)
    return render_template(
        "confirm.html",
        question=_("End the token “%(name)s”?", name=token.name),
        consequences=[_("The program that has it is refused from now on."), _("You can make another at any time.")],
        action=url_for(".end", token_id=token_id),
        label=_("End the token"),
        back=url_for(".overview"),
    )


@blueprint.post("/<int:token_id>/end")
@guard(signed_in)
def end(token_id: int) -> Response:
    """Let a token be good for nothing from now on."""
    if actions.end_token(db(), me(), token_id):
        security_event(SecurityEvent.TOKEN_ENDED, Outcome.DONE, who=me().id)
        flash_done(_("The token has ended."))
    return go(".overview")


def _make(form: TokenForm) -> Response:
    scopes, last_day = form.scopes.data or [], form.last_day.data
    if last_day is None:
        raise NotFound(lazy("You have no such token."))
    token = actions.make_token(db(), me(), text_of(form.name), scopes, last_day, clock.now())
    session[_NEW] = seal(json.dumps([me().id, token]), _key(), PURPOSE)
    security_event(SecurityEvent.TOKEN_MADE, Outcome.DONE, who=me().id, scopes=" ".join(sorted(scopes)))
    return go(".show")


def _mine(token_id: int) -> ApiToken:
    token = queries.token_of(db(), me().id, token_id)
    if token is None:
        raise NotFound(lazy("You have no such token."))
    return token


def _opened(sealed: str) -> str:
    try:
        return opened(sealed, _key(), PURPOSE, max_age=SHOWN_WITHIN)
    except CannotOpenError:
        return ""


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
