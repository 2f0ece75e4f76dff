"""The parts of pages: what they say to everybody, and that nobody's words become markup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms import Form as Rows
from wtforms.validators import InputRequired

from portal.core import clock, i18n
from portal.core.forms import Form

UI = '{% import "macros/ui.html" as ui %}{% import "macros/forms.html" as forms %}'
EVIL = '<script>"x"</script>'


class SkillRow(Rows):
    skill = SelectField("Skill", [InputRequired("Choose it.")], choices={"": "Choose", "python": "Python"})


class Ask(Form):
    goal = StringField("Goal", [InputRequired("Say what you want to do.")], render_kw={"autocomplete": "off"})
    need = RadioField("Need", [InputRequired("Choose one.")], choices={"must": "I need it", "want": "It helps"})
    topics = SelectMultipleField("Topics", choices={"Code": {"bots": "Bots"}, "Words": {"docs": "Documentation"}})
    away = BooleanField("Away")
    skills = FieldList(FormField(SkillRow), "Skills", min_entries=2)


@pytest.fixture
def shown(site: Any) -> Iterator[Any]:
    """Renders a line of template as a page would."""
    with site.app.test_request_context("/"):
        i18n.speak("en")
        yield lambda line, **values: render_template_string(UI + line, **values)


def asked(**typed: str) -> Ask:
    """The form after somebody has sent it."""
    form = Ask(MultiDict(typed))
    form.validate()
    return form


@pytest.mark.parametrize(
    "part",
    [
        "ui.tag(x)",
        "ui.skill(x, 2)",
        "ui.status('open', x)",
        "ui.person(x, '/p', x)",
        "ui.progress(1, 2, x)",
        "ui.empty(x, x, x, '/p')",
        "ui.breadcrumb([(x, '/p')])",
        "ui.figure(x, x, '/p', x)",
        "ui.chips([(x, '/p')])",
        "ui.timeline([(now, x)])",
        "ui.bars(x, [(x, 1)], x)",
        "ui.message('note', x)",
        "forms.button_form('/p', x, values={x: x})",
    ],
)
def test_what_people_write_never_becomes_markup(shown: Any, part: str) -> None:
    page = shown("{{ " + part + " }}", x=EVIL, now=clock.now())
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_level_is_a_word_and_four_bars(shown: Any) -> None:
    page = shown("{{ ui.skill('Python', 3) }}")
    assert "experienced" in page
    assert page.count("<rect") == 4
    assert page.count('class="off"') == 1


def test_a_skill_without_a_level_has_no_bars(shown: Any) -> None:
    assert "<svg" not in shown("{{ ui.skill('Python') }}")


@pytest.mark.parametrize(("days", "state"), [(0, "fresh"), (4, "soon"), (7, "late"), (400, "late")])
def test_an_age_is_held_against_the_patience(shown: Any, days: int, state: str) -> None:
    now = clock.now()
    page = shown("{{ ui.age_bar(since, now, 7) }}", since=now - timedelta(days=days), now=now)
    assert f"age-{state}" in page
    assert ("(too long)" in page) == (state == "late")


def test_a_person_without_a_name_still_has_a_disc(shown: Any) -> None:
    assert ">?</span>" in shown("{{ ui.person('') }}")


def test_a_chart_says_the_same_as_a_table(shown: Any) -> None:
    page = shown("{{ ui.bars('Free seats', [('Python', 12), ('Lua', 0)], 'seats') }}")
    assert "<title" in page and "<desc" in page
    assert '<td>Python</td><td class="number">12</td>' in page
    assert page.count('class="mark"') == 1


def test_a_chart_of_nothing_is_still_a_chart(shown: Any) -> None:
    assert "<figure" in shown("{{ ui.bars('Free seats', [], 'seats') }}")


def test_a_sorted_head_says_its_direction(shown: Any) -> None:
    assert 'aria-sort="descending"' in shown("{{ ui.sort_head('Since', 'since', '-since', '/p') }}")
    assert "aria-sort" not in shown("{{ ui.sort_head('Since', 'since', 'title', '/p') }}")


def test_an_error_stands_beside_its_field_and_above_the_form(shown: Any) -> None:
    page = shown(
        "{% call forms.form('/p', form, 'Ask') %}{{ forms.field(form.goal, 'Help.') }}{% endcall %}", form=asked()
    )
    assert '<a href="#goal">Goal: Say what you want to do.</a>' in page
    assert 'aria-describedby="goal-help goal-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'autocomplete="off"' in page
    assert 'name="csrf_token"' in page


def test_errors_of_choices_and_rows_are_linked_too(shown: Any) -> None:
    page = shown("{% call forms.form('/p', form, 'Ask') %}{{ forms.field(form.skills) }}{% endcall %}", form=asked())
    assert 'href="#need"' in page
    assert 'href="#skills-0-skill"' in page
    assert 'id="skills-0-skill"' in page


def test_what_was_typed_is_kept(shown: Any) -> None:
    form = asked(goal=EVIL, need="want", topics="docs", away="y")
    fields = "{% for one in [form.goal, form.need, form.topics, form.away] %}{{ forms.field(one) }}{% endfor %}"
    page = shown(fields, form=form)
    assert "&lt;script&gt;" in page
    assert page.count(" checked") == 3


def test_a_field_says_who_sees_it_and_that_it_is_required(shown: Any) -> None:
    page = shown("{{ forms.field(form.goal, audience='everybody') }}", form=Ask())
    assert "Who sees this: everybody" in page
    assert ">required<" in page


def test_what_cannot_be_undone_asks_first(shown: Any) -> None:
    page = shown("{{ forms.button_form('/delete', 'Delete it', danger=True, confirm_url='/sure') }}")
    assert 'href="/sure"' in page
    assert "<form" not in page
