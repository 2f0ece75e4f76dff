"""Another username, and what the site offers instead of one that cannot be had."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import guard, proved_recently
from portal.core.errors import Conflict, Invalid
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import db, flash_done, keep_writes, library
from portal.people import actions, rate_limit, rules, session
from portal.people.forms import UsernameForm
from portal.people.kept_names import KeptNames
from portal.people.rules import AUDIENCE
from portal.people.session import me
from portal.people.views.base import blueprint, go, page, username_offered


@blueprint.route("/me/username", methods=["GET", "POST"])
@guard(proved_recently)
def change_username() -> Any:
    """Be called otherwise here; the old address leads on."""
    form = UsernameForm()
    if answer := form.carry_out(lambda: _change(form), Conflict):
        return answer
    refusal = rules.objection_to_new_username(me().username_changed_at, clock.now())
    offered = username_offered(form, me().display_name)
    known = {"person": me(), "audience": AUDIENCE, "refusal": refusal, "days": rules.BETWEEN_USERNAMES.days}
    return page("people/change_username.html", form, offered=offered, **known)


def _change(form: UsernameForm) -> Response:
    subjects, now = session.tries("username", me().username), clock.now()
    rate_limit.enforce(db(), subjects, session.tries_window(), now)
    rate_limit.record_attempt(db(), subjects, now)
    try:
        actions.change_username(db(), me(), text_of(form.username), now, kept_names=library().get(KeptNames))
    except Invalid:
        # It has told that a name is taken: that counts as a try.
        keep_writes()
        raise
    security_event(SecurityEvent.USERNAME_CHANGED, Outcome.DONE, who=me().id)
    flash_done(_("You are %(username)s from now on. Links to your old name lead here.", username=me().username))
    return go("people.profile")
