"""What the URLs under /tracks answer. Reading is free; what one did is kept for people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.errors import Invalid, NotFound
from portal.core.forms import Form, text_of
from portal.core.i18n import _, current_language
from portal.core.web import db, flash_done, library, portal
from portal.people.content import Skills
from portal.people.session import me
from portal.tracks import actions, queries, rules, words
from portal.tracks.content import Evidence, Step, StepText, Track, Tracks
from portal.tracks.forms import NoteForm, QuizForm, quiz_form
from portal.tracks.models import StepProgress
from portal.tracks.queries import MyTrack
from portal.tracks.rules import Standing, State

blueprint = Blueprint("tracks", __name__, url_prefix="/tracks")


@blueprint.get("/")
@guard(anyone)
def index() -> str:
    """Every track: what it leads to, how long it takes, and how far one is."""
    mine = queries.my_tracks(db(), _tracks(), me().id) if current_user.is_authenticated else []
    return render_template(
        "tracks/index.html",
        tracks=list(_tracks()),
        mine={one.track.id: one for one in mine},
        finished=queries.finished_counts(db()),
        skills=library().get(Skills),
        words=words,
    )


@blueprint.get("/<slug>")
@guard(anyone)
def show(slug: str) -> Any:
    """One track as a map of its modules and steps."""
    track = _track(slug)
    if track.slug != slug:
        return redirect(url_for(".show", slug=track.slug), 301)
    return render_template(
        "tracks/show.html",
        track=track,
        mine=_mine(track),
        finished=queries.finished_counts(db()).get(track.id, 0),
        known=_known,
        skills=library().get(Skills),
        words=words,
    )


@blueprint.post("/<slug>/start")
@guard(signed_in)
def start(slug: str) -> Response:
    """Take the track, or take it up again."""
    track = _track(slug)
    if actions.start(db(), _tracks(), track, me(), clock.now()):
        _celebrate(track)
        return _to_map(track)
    following = _mine(track).next_step
    return redirect(_step_url(track, following), 303) if following else _to_map(track)


@blueprint.post("/<slug>/pause")
@guard(signed_in)
def pause(slug: str) -> Response:
    """Put the track aside for a while."""
    track = _track(slug)
    actions.pause(db(), track, me(), clock.now())
    flash_done(_("The track is paused. What you did is kept, and you can take it up whenever you like."))
    return _to_map(track)


@blueprint.post("/<slug>/resume")
@guard(signed_in)
def resume(slug: str) -> Response:
    """Take the track up where one was."""
    return start(slug)


@blueprint.route("/<slug>/leave", methods=["GET", "POST"])
@guard(signed_in)
def leave(slug: str) -> Any:
    """Take the track no longer; says first what that means."""
    track = _track(slug)
    if request.method == "GET":
        return _confirm_leaving(track)
    actions.leave(db(), track, me(), clock.now())
    flash_done(_("You have left the track. What you did is kept, should you come back."))
    return _to_map(track)


@blueprint.get("/<slug>/<step_slug>")
@guard(anyone)
def step(slug: str, step_slug: str) -> Any:
    """One step: what to read and do, and the place to say that it is done."""
    track, one = _step(slug, step_slug)
    if (track.slug, one.slug) != (slug, step_slug):
        return redirect(_step_url(track, one), 301)
    mine = _mine(track)
    if mine.is_under_way and mine.states[one.id].standing is Standing.AVAILABLE:
        _open(one)
        mine = replace(mine, states={**mine.states, one.id: State(Standing.STARTED)})
    return _step_page(mine, one)


@blueprint.post("/<slug>/<step_slug>/done")
@guard(signed_in)
def done(slug: str, step_slug: str) -> Any:
    """Say that the step is done, and what shows it."""
    track, one = _step(slug, step_slug)
    form = NoteForm(_text(one).prove)

    def declare() -> bool:
        return actions.declare_done(db(), _tracks(), one, me(), text_of(form.note), clock.now())

    return _submitted(track, one, form, declare)


@blueprint.post("/<slug>/<step_slug>/answer")
@guard(signed_in)
def answer(slug: str, step_slug: str) -> Any:
    """Answer the quiz of the step."""
    track, one = _step(slug, step_slug)
    questions = _text(one).quiz
    form = quiz_form(questions, {})

    def judge() -> bool | None:
        judgement, has_finished = actions.answer_quiz(db(), _tracks(), one, questions, me(), form.given, clock.now())
        return has_finished if judgement.is_passed else None

    return _submitted(track, one, form, judge)


@blueprint.post("/<slug>/<step_slug>/undo")
@guard(signed_in)
def undo(slug: str, step_slug: str) -> Response:
    """Take back that the step is done."""
    track, one = _step(slug, step_slug)
    actions.undo(db(), _tracks(), one, me(), clock.now())
    flash_done(_("The step is open again. Your note is kept."))
    return _to_step(track, one)


def _submitted(track: Track, one: Step, form: NoteForm | QuizForm, do: Callable[[], bool | None]) -> Any:
    """Do it when the form was sent in order. It tells whether that finishes the track; None: the step is not done."""
    if not form.validate_on_submit():
        return _step_page(_mine(track), one, form)
    try:
        has_finished = do()
    except Invalid as refusal:
        form.refuse(refusal.field, refusal.message)
        return _step_page(_mine(track), one, form)
    if has_finished is None:
        return _to_step(track, one)
    if has_finished:
        _celebrate(track)
        return _to_map(track)
    flash_done(_("Done: %(title)s.", title=_text(one).title))
    return _to_step(track, one)


def _step_page(mine: MyTrack, one: Step, form: Form | None = None) -> tuple[str, int]:
    text = _text(one)
    progress = queries.progress_in(db(), one.id, me().id) if current_user.is_authenticated else None
    steps = mine.track.steps
    place = steps.index(one)
    page = render_template(
        "tracks/step.html",
        track=mine.track,
        mine=mine,
        step=one,
        text=text,
        state=mine.states[one.id],
        progress=progress,
        form=form or _empty_form(one, text, progress),
        judgement=rules.judge(text.quiz, progress.answers) if progress and progress.tries else None,
        module=next(module for module in mine.track.modules if one in module.steps),
        place=place + 1,
        before=steps[place - 1] if place else None,
        after=steps[place + 1] if place + 1 < len(steps) else None,
        translation=one.translation_state(current_language().code),
        reading=rules.reading_minutes(text.words),
        known=_known,
        skills=library().get(Skills),
        words=words,
    )
    return page, 422 if form and form.errors else 200


def _empty_form(one: Step, text: StepText, progress: StepProgress | None) -> NoteForm | QuizForm:
    if one.evidence is Evidence.QUIZ:
        return quiz_form(text.quiz, progress.answers if progress else {})
    return NoteForm(text.prove, note=progress.note if progress else "")


def _open(one: Step) -> None:
    # A unit of work of its own: the page itself only reads, and must not wait for those who write.
    with portal().unit_of_work() as session:
        actions.open_step(session, _tracks(), one, me(), clock.now())


def _confirm_leaving(track: Track) -> str:
    title = track.text_in(current_language().code).title
    return render_template(
        "confirm.html",
        question=_("Leave the track “%(title)s”?", title=title),
        consequences=[
            _("It is no longer named as your next step."),
            _("What you did is kept. If you come back, you go on where you were."),
        ],
        action=url_for(".leave", slug=track.slug),
        label=_("Leave this track"),
        back=url_for(".show", slug=track.slug),
    )


def _celebrate(track: Track) -> None:
    title = track.text_in(current_language().code).title
    flash_done(_("You finished “%(title)s”!", title=title))


def _mine(track: Track) -> MyTrack:
    if not current_user.is_authenticated:
        return queries.untouched(_tracks(), track)
    return queries.my_track(db(), _tracks(), track, me().id)


def _tracks() -> Tracks:
    return library().get(Tracks)


def _track(slug: str) -> Track:
    track = _tracks().find(slug)
    if track is None:
        raise NotFound(_("There is no track of that name."))
    return track


def _step(slug: str, step_slug: str) -> tuple[Track, Step]:
    track = _track(slug)
    found = _tracks().find_step(track, step_slug)
    if found is None:
        raise NotFound(_("This track has no step of that name. Its map shows those it has."))
    return track, found


def _known(step_ids: Iterable[str]) -> list[Step]:
    """The steps with these ids, without those that are gone."""
    return [one for step_id in step_ids if (one := _tracks().step(step_id))]


def _text(one: Step) -> StepText:
    return one.text_in(current_language().code)


def _to_map(track: Track) -> Response:
    return redirect(url_for(".show", slug=track.slug), 303)


def _to_step(track: Track, one: Step) -> Response:
    return redirect(_step_url(track, one, _anchor="proof"), 303)


def _step_url(track: Track, one: Step, **values: Any) -> str:
    return url_for(".step", slug=track.slug, step_slug=one.slug, **values)
