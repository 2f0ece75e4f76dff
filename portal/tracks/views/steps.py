"""A step: its page, and the ways to say that it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import redirect
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.forms import Form, text_of
from portal.core.i18n import _, current_language
from portal.core.web import db, flash_done, is_looked_at, portal
from portal.people.session import me
from portal.tracks import actions, queries, rules
from portal.tracks.content import Evidence, Step, StepText, Track
from portal.tracks.forms import NoteForm, QuizForm, quiz_form
from portal.tracks.models import StepProgress
from portal.tracks.queries import MyTrack
from portal.tracks.rules import StepState, StepStatus
from portal.tracks.views.base import (
    all_tracks,
    blueprint,
    celebrate,
    find_step,
    mine_in,
    page,
    step_url,
    to_map,
    to_proof,
)


@blueprint.get("/<slug>/<step_slug>")
@guard(anyone)
def step(slug: str, step_slug: str) -> Any:
    """One step: what to read and do, and the place to say that it is done."""
    track, shown_step = find_step(slug, step_slug)
    if (track.slug, shown_step.slug) != (slug, step_slug):
        return redirect(step_url(shown_step), 301)
    mine = mine_in(track)
    is_new = mine.is_under_way and mine.states[shown_step.id].status is StepStatus.AVAILABLE
    if is_new and is_looked_at():
        _open(shown_step)
        mine = replace(mine, states={**mine.states, shown_step.id: StepState(StepStatus.STARTED)})
    return _step_page(mine, shown_step)


@blueprint.post("/<slug>/<step_slug>/done")
@guard(signed_in)
def done(slug: str, step_slug: str) -> Any:
    """Say that the step is done, and what shows it."""
    track, shown_step = find_step(slug, step_slug)
    form = NoteForm(_text(shown_step).prove)

    def declare() -> bool:
        return actions.declare_done(db(), all_tracks(), shown_step, me(), text_of(form.note), clock.now())

    return _submitted(track, shown_step, form, declare)


@blueprint.post("/<slug>/<step_slug>/answer")
@guard(signed_in)
def answer(slug: str, step_slug: str) -> Any:
    """Answer the quiz of the step."""
    track, shown_step = find_step(slug, step_slug)
    questions = _text(shown_step).quiz
    form = quiz_form(questions, {})

    def judge() -> bool | None:
        judgement, has_finished = actions.answer_quiz(
            db(), all_tracks(), shown_step, questions, me(), form.answers, clock.now()
        )
        return has_finished if judgement.is_passed else None

    return _submitted(track, shown_step, form, judge)


@blueprint.post("/<slug>/<step_slug>/undo")
@guard(signed_in)
def undo(slug: str, step_slug: str) -> Response:
    """Take back that the step is done."""
    _track, shown_step = find_step(slug, step_slug)
    actions.undo(db(), all_tracks(), shown_step, me(), clock.now())
    flash_done(_("The step is open again. Your note is kept."))
    return to_proof(shown_step)


def _submitted(track: Track, shown_step: Step, form: NoteForm | QuizForm, do: Callable[[], bool | None]) -> Any:
    """Do it when the form was sent in order. It tells whether that finishes the track; None: the step is not done."""
    done = form.carry_out(lambda: _after(track, shown_step, do()))
    return done or _step_page(mine_in(track), shown_step, form)


def _after(track: Track, shown_step: Step, has_finished: bool | None) -> Response:
    if has_finished is None:
        return to_proof(shown_step)
    if has_finished:
        celebrate(track)
        return to_map(track)
    flash_done(_("Done: %(title)s.", title=_text(shown_step).title))
    return to_proof(shown_step)


def _step_page(mine: MyTrack, shown_step: Step, form: Form | None = None) -> tuple[str, int]:
    text = _text(shown_step)
    progress = queries.progress_in(db(), shown_step.id, me().id) if current_user.is_authenticated else None
    steps = mine.track.steps
    index = steps.index(shown_step)
    shown = page(
        "tracks/step.html",
        track=mine.track,
        mine=mine,
        step=shown_step,
        text=text,
        state=mine.states[shown_step.id],
        progress=progress,
        form=form or _empty_form(shown_step, text, progress),
        judgement=rules.grade(text.quiz, progress.answers) if progress and progress.tries else None,
        module=next(module for module in mine.track.modules if shown_step in module.steps),
        place=index + 1,
        before=steps[index - 1] if index else None,
        after=steps[index + 1] if index + 1 < len(steps) else None,
        translation=shown_step.translation_state(current_language().code),
        reading=rules.reading_minutes(text.word_count),
    )
    return shown, form.status if form else 200


def _empty_form(shown_step: Step, text: StepText, progress: StepProgress | None) -> NoteForm | QuizForm:
    if shown_step.evidence is Evidence.QUIZ:
        return quiz_form(text.quiz, progress.answers if progress else {})
    return NoteForm(text.prove, note=progress.note if progress else "")


def _open(shown_step: Step) -> None:
    # A unit of work of its own: the page itself only reads, and must not wait for those who write.
    with portal().unit_of_work() as session:
        actions.open_step(session, all_tracks(), shown_step, me(), clock.now())


def _text(shown_step: Step) -> StepText:
    return shown_step.text_in(current_language().code)
