"""Which notices come by mail: chosen on a page, or stopped by the link in a letter, without signing in."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from portal.activity import actions, queries, tokens
from portal.activity.forms import letters_form
from portal.activity.views.base import blueprint
from portal.core.access import anyone, guard, signed_in
from portal.core.errors import NotFound
from portal.core.i18n import _, lazy
from portal.core.web import csrf_exempt, db, flash_done, portal
from portal.people.session import me


@blueprint.route("/notices/letters", methods=["GET", "POST"])
@guard(signed_in)
def letters() -> Any:
    """Choose how often each kind of notice comes by mail."""
    form = letters_form(portal().features.notice_kinds, **queries.cadences_of(db(), me().id))
    if not form.validate_on_submit():
        return render_template("activity/letters.html", form=form, person=me()), form.status
    actions.choose_letters(db(), me().id, form.chosen)
    flash_done(_("Your choice is saved. It applies from the next e-mail on."))
    return redirect(url_for("activity.letters"), 303)


@blueprint.route("/notices/unsubscribe", methods=["GET", "POST"])
# The mail program that posts here has no session: the token in the address says whose letters they are.
@csrf_exempt
@guard(anyone)
def unsubscribe() -> Any:
    """Stop the letters that the link's token names. Only a POST does it: mail programs open links to look at them."""
    holder = tokens.holder(db(), request.args.get("token", ""), current_app.config["SECRET_KEY"])
    kinds = portal().features.notice_kinds
    if holder is None or holder[1] not in {tokens.DAILY, *kinds}:
        raise NotFound(lazy("This link is too old or incomplete. Sign in to choose which e-mails you get."))
    person, what = holder
    is_done = request.method == "POST"
    stopped = actions.stop_letters(db(), person.id, what) if is_done else []
    kind = kinds.get(what)
    # The answer to a POST is the page itself, for a mail program follows no redirect.
    return render_template("activity/unsubscribe.html", kind=kind, stopped=stopped, is_done=is_done)
