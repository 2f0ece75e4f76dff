"""The mentors' directory, and a mentor's own page: apply, change, be away, retire."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.engines import hide_unless_findable
from portal.core.forms import text_of
from portal.core.i18n import _
from portal.core.web import at_most, db, flash_done, list_url
from portal.mentoring import rules
from portal.mentoring.access import offers_nothing
from portal.mentoring.actions import mentors as actions
from portal.mentoring.forms import AwayForm, DirectoryForm, MentorForm, MentoringReasonForm
from portal.mentoring.models import Mentor, MentorState
from portal.mentoring.queries import mentors, pairings
from portal.mentoring.views.base import blueprint, go, limits, page, skills
from portal.people.session import me


@blueprint.get("/mentors", endpoint="mentors")
@guard(anyone)
@at_most("lists_per_minute")
def directory() -> Any:
    """Who can help with what."""
    now = clock.now()
    supply = mentors.directory_supply(db(), now)
    form = DirectoryForm(skills(), supply, request.args)
    cursor = request.args.get("cursor", "")
    listing = mentors.directory(db(), form.filters, now, cursor)
    hide_unless_findable(mentor.person for mentor in listing.rows)
    return render_template(
        "mentoring/mentors.html",
        form=form,
        found=listing.rows,
        count=mentors.count_directory(db(), form.filters, now, listing, cursor, supply.mentors),
        standing=lambda mentor: rules.standing(mentor, now).value,
        free_seats=rules.free_seats,
        in_use=[(label, _directory_url(**{key: None})) for key, label in form.in_use],
        next_url=_directory_url(cursor=listing.next_cursor) if listing.next_cursor else None,
        first_url=_directory_url() if cursor else None,
    )


@blueprint.route("/apply", methods=["GET", "POST"])
@guard(signed_in)
def apply() -> Any:
    """Apply as a mentor, or change what one offers."""
    mentor = mentors.mentor_of(db(), me().id)
    start = {"pitch": mentor.pitch, "capacity": mentor.capacity} if mentor else {"capacity": limits().default_capacity}
    form = MentorForm(**start)
    return form.carry_out(lambda: _offer_help(form)) or _apply_page(mentor, form)


@blueprint.post("/apply/withdraw")
@guard(signed_in)
def withdraw_application() -> Any:
    """Take one's application back."""
    actions.withdraw_application(db(), me(), clock.now())
    flash_done(_("Your application is withdrawn. You can apply again whenever you like."))
    return go("mentoring.home")


@blueprint.post("/away")
@guard(signed_in)
def away() -> Any:
    """Be away until a day."""
    form = AwayForm()
    return form.carry_out(lambda: _go_away(form)) or _apply_page(mentors.mentor_of(db(), me().id), None, form)


@blueprint.post("/back")
@guard(signed_in)
def back() -> Any:
    """Be here again before that day."""
    actions.come_back(db(), me(), clock.now())
    flash_done(_("Welcome back. You see the list of requests again."))
    return go("mentoring.apply")


@blueprint.route("/retire", methods=["GET", "POST"])
@guard(signed_in)
def retire() -> Any:
    """Stop being a mentor; says first what happens to one's mentees."""
    if mentors.mentor_of(db(), me().id) is None:
        raise offers_nothing()
    form = MentoringReasonForm()
    if not form.validate_on_submit():
        mine = [pairing for pairing in pairings.my_pairings(db(), me().id) if pairing.side == "mentor"]
        return page("mentoring/retire.html", form, mine=mine)
    actions.retire(db(), me(), text_of(form.reason), limits(), clock.now())
    flash_done(_("You are no longer a mentor. Thank you for the time you gave."))
    return go("mentoring.home")


def _offer_help(form: MentorForm) -> Response:
    offered = actions.offer_help(db(), me(), text_of(form.pitch), int(form.capacity.data or 0), clock.now())
    has_applied = offered.state == MentorState.APPLIED
    flash_done(_("Thank you. A coordinator will read it and answer you.") if has_applied else _("Your page is saved."))
    return go("mentoring.apply")


def _go_away(form: AwayForm) -> Response:
    actions.go_away(db(), me(), form.moment(), clock.now())
    flash_done(_("You are marked as away until then: no new requests, and no deadline runs for you."))
    return go("mentoring.apply")


def _apply_page(mentor: Mentor | None, offer: MentorForm | None, away: AwayForm | None = None) -> tuple[str, int]:
    now = clock.now()
    shown = offer or MentorForm(formdata=None, obj=mentor)
    status = max(shown.status, away.status if away else 200)
    return render_template(
        "mentoring/apply.html",
        form=shown,
        away=away or AwayForm(formdata=None),
        mentor=mentor,
        standing=rules.standing(mentor, now).value if mentor else None,
        is_away=mentor is not None and rules.is_away(mentor.away_until, now),
        person=me(),
    ), status


def _directory_url(**changed: str | None) -> str:
    """The address of this view of the directory with something changed, from its first page on."""
    return list_url("mentoring.mentors", **changed)
