"""What the URLs under /invitations answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, may
from portal.core.errors import TooMany, raise_if
from portal.core.forms import text_of
from portal.core.i18n import _, current_language
from portal.core.refusals import note_refused
from portal.core.web import db, flash_done, flash_problem, settings
from portal.people.invitations import actions, doors, queries, rules
from portal.people.invitations.access import INVITE, no_such_invitation, refuse_others
from portal.people.invitations.forms import InvitationForm
from portal.people.invitations.models import Invitation
from portal.people.session import me
from portal.people.views.base import go, page

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")


@blueprint.get("/")
@guard(may(INVITE))
def invitations() -> str:
    """The invitations that one has made, and what became of each."""
    made = queries.invitations_of(db(), me().id)
    listed = [(one, queries.standing(db(), one, clock.now())) for one in made]
    return render_template("invitations/index.html", listed=listed, states=rules.InvitationState)


@blueprint.route("/new", methods=["GET", "POST"])
@guard(may(INVITE))
def invite() -> Any:
    """Invite somebody by e-mail, or make a link to pass on."""
    form = InvitationForm(language=current_language().code)
    done = form.carry_out(lambda: _invite(form), TooMany)
    return done or page("invitations/new.html", form, has_mail=bool(settings().mail.host))


@blueprint.get("/<int:invitation_id>")
@guard(may(INVITE))
def show(invitation_id: int) -> str:
    """How an invitation of one's own stands, with its link while it can be passed on."""
    found = _mine(invitation_id)
    state, key = queries.standing(db(), found, clock.now()), current_app.config["SECRET_KEY"]
    is_for_anybody = found.email is None and state is rules.InvitationState.OPEN
    # The link of one that goes by e-mail is shown to nobody else: by it an address counts as confirmed.
    token = rules.token_of(found.seed, key) if is_for_anybody else ""
    link = url_for(".accept", token=token, _external=True) if token else ""
    return render_template("invitations/show.html", one=found, state=state, states=rules.InvitationState, link=link)


@blueprint.post("/<int:invitation_id>/send")
@guard(may(INVITE))
def send_again(invitation_id: int) -> Response:
    """Send the e-mail once more."""
    try:
        actions.send_again(db(), invitation_id, me(), clock.now())
    except TooMany as refusal:
        note_refused(refusal)
        flash_problem(str(refusal.message))
    else:
        flash_done(_("The invitation is on its way once more."))
    return go(".show", invitation_id=invitation_id)


@blueprint.get("/<int:invitation_id>/revoke")
@guard(may(INVITE))
def ask_to_revoke(invitation_id: int) -> str:
    """Ask before an invitation is revoked."""
    found = _mine(invitation_id)
    return render_template(
        "confirm.html",
        question=_("Revoke this invitation?"),
        consequences=[
            _("Nobody can sign up by it any more, and whoever opens its link reads that."),
            _("Who has signed up by it keeps their account."),
        ],
        action=url_for(".revoke", invitation_id=found.id),
        label=_("Revoke it"),
        back=url_for(".show", invitation_id=found.id),
    )


@blueprint.post("/<int:invitation_id>/revoke")
@guard(may(INVITE))
def revoke(invitation_id: int) -> Response:
    """Let nobody sign up by it any more."""
    if actions.revoke(db(), invitation_id, me(), clock.now()):
        flash_done(_("Nobody can sign up by this invitation any more."))
    else:
        flash_problem(_("It was not open any more."))
    return go(".show", invitation_id=invitation_id)


@blueprint.get("/accept")
@guard(anyone)
def accept() -> Any:
    """Read who invites one to what, and go on to sign up."""
    token = request.args.get("token", "")
    invited = queries.invited_by(db(), token, clock.now())
    if invited and invited.is_open and not current_user.is_authenticated:
        doors.keep_token(token)
    status = 200 if invited and invited.is_open else 410 if invited else 404
    return render_template("invitations/accept.html", invited=invited, states=rules.InvitationState), status


def _invite(form: InvitationForm) -> Response:
    draft = rules.InvitationDraft(
        email=text_of(form.email) or None,
        language=text_of(form.language),
        note=text_of(form.note),
        most_uses=form.most_uses.data or 1,
        days=form.days.data or rules.USUAL_DAYS,
    )
    key, most = current_app.config["SECRET_KEY"], settings().limits.invitations_a_day
    made = actions.invite(db(), me(), draft, key, most, clock.now())
    flash_done(_("The invitation is on its way.") if draft.email else _("Here is the link. Pass it on."))
    return go(".show", invitation_id=made.id)


def _mine(invitation_id: int) -> Invitation:
    found = queries.invitation(db(), invitation_id)
    if found is None:
        raise no_such_invitation()
    raise_if(refuse_others(found.inviter_id, me().id))
    return found
