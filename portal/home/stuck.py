"""“I am stuck” at a step of a track: the words go to one's mentor, or into one's request, or lead to asking for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, redirect, render_template, url_for
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from portal.core import clock
from portal.core.access import guard, signed_in
from portal.core.errors import Conflict, Invalid, NotFound, TooMany
from portal.core.forms import Form, Length, choice, text_of, trimmed_lines
from portal.core.i18n import _, current_language, lazy, ngettext
from portal.core.web import db, flash_done, is_reading, library
from portal.home.views import blueprint
from portal.mentoring.actions import pairings, requests
from portal.mentoring.models import Need, Request, Side
from portal.mentoring.queries.pairings import MyPairing, my_pairings
from portal.mentoring.queries.requests import my_request
from portal.mentoring.rules import GOAL_LONGEST, NEEDS_AT_MOST, Ask
from portal.people import rate_limit
from portal.people.session import me
from portal.tracks.content import Step, Track, Tracks

# The blueprint is handed on with this module's view on it.
__all__ = ["blueprint", "stuck"]
WORDS_LENGTH = 4000
TRIES, WINDOW = 10, timedelta(hours=1)


class StuckForm(Form):
    """What somebody tried and what happened; and whom they tell it, where they have several mentors."""

    mentor = RadioField(lazy("Whom you ask"), [InputRequired(lazy("Choose one of your mentors."))])
    text = TextAreaField(
        lazy("What did you try, and what happened?"),
        [DataRequired(lazy("Write a few words: what you tried, and what you saw.")), Length(max=WORDS_LENGTH)],
        filters=[trimmed_lines],
        render_kw={"rows": 8, "maxlength": WORDS_LENGTH},
    )

    def __init__(self, my_mentors: Sequence[MyPairing]) -> None:
        super().__init__()
        if len(my_mentors) > 1:
            self.mentor.choices = [
                choice(str(my_pairing.pairing.id), my_pairing.other.display_name) for my_pairing in my_mentors
            ]
        else:
            del self.mentor


@blueprint.route("/tracks/<slug>/<step_slug>/stuck", methods=["GET", "POST"])
@guard(signed_in)
def stuck(slug: str, step_slug: str) -> Any:
    """Say what one tried at a step, to the people who can help."""
    track, step = _step_at(slug, step_slug)
    if is_reading() and (track.slug, step.slug) != (slug, step_slug):
        return redirect(url_for(".stuck", slug=track.slug, step_slug=step.slug), 301)
    my_mentors = [my_pairing for my_pairing in my_pairings(db(), me().id) if my_pairing.side is Side.MENTEE]
    open_request = None if my_mentors else _open_request()
    form = StuckForm(my_mentors)
    address = form.carry_out(lambda: _tell(track, step, form, my_mentors, open_request), Conflict, TooMany)
    return redirect(address, 303) if address else (_page(track, step, form, my_mentors, open_request), form.status)


def _tell(
    track: Track, step: Step, form: StuckForm, my_mentors: Sequence[MyPairing], open_request: Request | None
) -> str:
    """Say it where somebody reads it; the address where it stands now."""
    _count_try()
    text = f"{_where(track, step)}\n\n{text_of(form.text)}"
    if my_mentors:
        return _write(text_of(form.mentor) if "mentor" in form else str(my_mentors[0].pairing.id), text)
    if open_request:
        return _add_to(open_request, text)
    raise Conflict(_("You have no mentor and no open request at the moment. Ask for a mentor first: see below."))


def _write(pairing_id: str, text: str) -> str:
    message = pairings.write(db(), int(pairing_id), me(), text, clock.now())
    flash_done(_("Your mentor has been notified, and it is their turn."))
    return url_for("mentoring.pairing", pairing_id=pairing_id, _anchor=f"message-{message.id}")


def _add_to(open_request: Request, text: str) -> str:
    goal = f"{open_request.goal}\n\n{text}"
    if len(goal) > GOAL_LONGEST:
        sentence = ngettext(
            "Together with your request this is %(num)s character too long. Shorten it.",
            "Together with your request this is %(num)s characters too long. Shorten it.",
            len(goal) - GOAL_LONGEST,
        )
        raise Invalid(sentence, "text")
    needs = {need.skill: Need(need.need) for need in open_request.needs}
    ask = Ask(goal, needs, frozenset(language.code for language in open_request.languages))
    requests.edit_request(db(), open_request.id, me(), ask)
    flash_done(_("It is part of your request now: mentors read it there."))
    return url_for("mentoring.request", request_id=open_request.id)


def _page(
    track: Track, step: Step, form: StuckForm, my_mentors: Sequence[MyPairing], open_request: Request | None
) -> str:
    code = current_language().code
    return render_template(
        "home/stuck.html",
        track=track,
        step=step,
        title=step.text_in(code).title,
        track_title=track.text_in(code).title,
        form=form,
        my_mentors=my_mentors,
        open_request=open_request,
        ask_url=_ask_url(track, step),
    )


def _ask_url(track: Track, step: Step) -> str:
    """The form that asks for a mentor, with this step and its skills written in already."""
    skills = list(step.teaches or track.skills)[:NEEDS_AT_MOST]
    return url_for("mentoring.ask", goal=f"{_where(track, step)}\n\n", skill=skills)


def _where(track: Track, step: Step) -> str:
    code = current_language().code
    titles = {"step": step.text_in(code).title, "track": track.text_in(code).title}
    url = url_for("tracks.step", slug=track.slug, step_slug=step.slug, _external=True)
    # In angle brackets Markdown makes a link of the address.
    return _("I am stuck at the step “%(step)s” of the track “%(track)s”: %(link)s", link=f"<{url}>", **titles)


def _step_at(slug: str, step_slug: str) -> tuple[Track, Step]:
    tracks = library().get(Tracks)
    track = tracks.find(slug)
    step = tracks.find_step(track, step_slug) if track else None
    if track is None or step is None:
        raise NotFound(_("There is no such step. The page of tracks shows those there are."))
    return track, step


def _open_request() -> Request | None:
    latest = my_request(db(), me().id)
    return latest if latest and latest.live_key else None


def _count_try() -> None:
    now, subject = clock.now(), rate_limit.subject_of(current_app.config["SECRET_KEY"], "stuck", str(me().id))
    rate_limit.enforce(db(), {subject: TRIES}, WINDOW, now)
    rate_limit.record_attempt(db(), {subject: TRIES}, now)
