"""One's own profile, and what others see of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.drafts import keep_beside
from portal.core.engines import hide_unless_findable
from portal.core.errors import NotFound
from portal.core.forms import Form, text_of
from portal.core.i18n import _, current_language, current_locale, lazy
from portal.core.sent_forms import sent_form
from portal.core.web import db, flash_done, library, portal, settings
from portal.forges.forge import forges_of
from portal.people import actions, queries, rules, session
from portal.people.content import Skills
from portal.people.forms import AccountForm, LanguageForm, ProfileForm, SkillForm
from portal.people.kept_names import KeptNames
from portal.people.session import me
from portal.people.views.base import blueprint, go


@blueprint.route("/me", methods=["GET", "POST"])
@guard(signed_in)
def profile() -> Any:
    """One's own profile: see it whole, change what one says about oneself."""
    form = ProfileForm(obj=me())
    return form.carry_out(lambda: _save(form)) or _page(about=form)


def _save(form: ProfileForm) -> Response:
    said = text_of(form.display_name), text_of(form.about), text_of(form.time_zone), form.weekly_hours.data
    actions.describe(me(), *said, kept_names=library().get(KeptNames))
    actions.let_be_found(me(), form.is_findable.data)
    me().language = form.language.data
    session.choose_language(form.language.data)
    flash_done(_("Your profile is saved."))
    return go("people.profile")


@blueprint.post("/me/skills")
@guard(signed_in)
def set_skill() -> Any:
    """Add a skill, or change its level."""
    form = SkillForm(library().get(Skills))
    done = _changed(form, "skills", lambda: actions.set_skill(me(), form.skill.data, form.level.data))
    return done or _page(skill=form)


@blueprint.post("/me/skills/remove")
@guard(signed_in)
def remove_skill() -> Any:
    """Take a skill off the list."""
    actions.remove_skill(me(), request.form.get("skill", ""))
    return _back_to("skills")


@blueprint.post("/me/languages")
@guard(signed_in)
def add_language() -> Any:
    """Add a language."""
    form = LanguageForm()
    done = _changed(form, "languages", lambda: actions.add_language(me(), form.spoken.data))
    return done or _page(spoken=form)


@blueprint.post("/me/languages/remove")
@guard(signed_in)
def remove_language() -> Any:
    """Take a language off the list."""
    actions.remove_language(me(), request.form.get("code", ""))
    return _back_to("languages")


@blueprint.post("/me/accounts")
@guard(signed_in)
def add_account() -> Any:
    """Say which account elsewhere is one's own."""
    form = AccountForm(_services().values())

    def add() -> None:
        actions.add_account(me(), form.service.data, text_of(form.account), clock.now())

    return _changed(form, "accounts", add) or _page(account=form)


@blueprint.post("/me/accounts/remove")
@guard(signed_in)
def remove_account() -> Any:
    """Take an account off the list."""
    actions.remove_account(me(), request.form.get("account", 0, type=int))
    return _back_to("accounts")


@blueprint.get("/<username>")
@guard(anyone)
def show(username: str) -> Any:
    """What others see of a person: the fields that the table of audiences gives to this viewer, and no more."""
    person = queries.by_username(db(), username)
    if person is None:
        raise NotFound(
            lazy("There is nobody here with this name. They may have left, or there is a mistake in the address.")
        )
    if person.username != rules.tidy_username(username):
        # The name they had before: it leads on, but not for good, for they may take it again.
        return go("people.show", username=person.username)
    hide_unless_findable([person])
    viewer = rules.Audience.SIGNED_IN if current_user.is_authenticated else rules.Audience.EVERYONE
    shown = queries.shown_of(person, rules.fields_shown_to(viewer))
    loaded = ((one.template, one.load(db(), person.id, clock.now())) for one in portal().features.person_sections)
    sections = [(template, section) for template, section in loaded if section is not None]
    return render_template("people/show.html", shown=shown, sections=sections, **_labels())


def _page(**forms: Form) -> tuple[str, int]:
    known: dict[str, Callable[[], Form]] = {
        "about": lambda: ProfileForm(obj=me()) if _half_written() else ProfileForm(formdata=None, obj=me()),
        "skill": lambda: SkillForm(library().get(Skills)),
        "spoken": LanguageForm,
        "account": lambda: AccountForm(_services().values()),
    }
    shown = {name: forms.get(name) or make() for name, make in known.items()}
    status = max((form.status for form in forms.values()), default=200)
    known_here = {"audience": rules.AUDIENCE, "has_mail": bool(settings().mail.host)}
    return render_template("people/profile.html", forms=shown, person=me(), **known_here, **_labels()), status


def _labels() -> dict[str, Any]:
    return {
        "skill_name": lambda slug: library().get(Skills).name(slug, current_language().code),
        "language_name": lambda code: rules.language_names(current_locale()).get(code, code),
        "services": _services(),
    }


def _half_written() -> tuple[tuple[str, str], ...]:
    """What was sent of the form about oneself along with another one, which only browsers without script do; nothing
    when it says what is saved anyway.
    """
    sent = sent_form() if request.endpoint != "people.profile" and "about" in request.form else None
    if sent is None:
        return ()
    form = ProfileForm(obj=me())
    fields = {field.name: field for field in form if field.type != "CSRFTokenField"}
    is_changed = any(field.data != field.object_data for field in fields.values())
    return tuple((name, value) for name, value in sent.fields if name in fields) if is_changed else ()


def _back_to(section: str) -> Response:
    """Back to this section of the profile; what is half written about oneself comes back, too."""
    draft = keep_beside(db(), _half_written(), url_for("people.profile"), clock.now())
    return go("people.profile", **({"draft": draft, "unsaved": "yes"} if draft else {}), _anchor=section)


def _changed(form: Form, section: str, change: Callable[[], None]) -> Response | None:
    """Back to this section of the profile, once that has been changed."""

    def do() -> Response:
        change()
        return _back_to(section)

    return form.carry_out(do)


def _services() -> dict[str, rules.Service]:
    return rules.services(settings(), forges_of(db()))
