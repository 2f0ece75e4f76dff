"""What the views of this feature share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.core.config import LimitsConfig
from portal.core.formats import duration
from portal.core.forms import Form
from portal.core.i18n import _, current_language, current_locale
from portal.core.web import library, settings
from portal.mentoring import labels
from portal.mentoring.forms import mentors_count
from portal.mentoring.queries.matching import FittingMentor
from portal.people.content import Skills
from portal.people.rules import language_names

blueprint = Blueprint("mentoring", __name__, url_prefix="/mentoring")


def page(template: str, form: Form, **values: Any) -> tuple[str, int]:
    """The page with this form: 200 at first, else why it comes back."""
    return render_template(template, form=form, **values), form.status


def go(endpoint: str, **values: Any) -> Response:
    """Done: the browser asks for this page next."""
    return redirect(url_for(endpoint, **values), 303)


def limits() -> LimitsConfig:
    """The numbers that rules use."""
    return settings().limits


def skills() -> Skills:
    """The skills people can ask for."""
    return library().get(Skills)


def fitting_label(candidate: FittingMentor) -> str:
    """A mentor as a choice: how much of what is asked for they know."""
    return _(
        "%(name)s – skills: %(covered)s of %(asked)s",
        name=candidate.person.display_name,
        covered=candidate.fit.covered,
        asked=candidate.fit.asked_for,
    )


@blueprint.app_template_filter()
def skill_name(slug: str) -> str:
    """What a skill is called in the language being spoken."""
    return skills().name(slug, current_language().code)


@blueprint.app_template_filter()
def language_name(code: str) -> str:
    """What a human language is called in the language being spoken."""
    return str(language_names(current_locale()).get(code, code))


@blueprint.app_template_filter()
def end_reason(reason: str) -> str:
    """Why a pairing ended, in words."""
    return str(labels.END_REASONS.get(reason, reason))


@blueprint.app_template_filter()
def in_words(span: timedelta) -> str:
    """A length of time in words."""
    return duration(span)


@blueprint.app_template_filter()
def days_in_words(days: int) -> str:
    """A wait of so many days, told as its page tells it: 14 days are 2 weeks."""
    return duration(timedelta(days=days))


blueprint.add_app_template_filter(mentors_count)
