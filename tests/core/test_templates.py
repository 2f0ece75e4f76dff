"""What every page says a hundred times is said quickly, and still rightly: messages, addresses and lengths of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import render_template_string, request, url_for

from portal.core.formats import _rounded, duration
from portal.core.i18n import speaking


def rendered(site: Any, source: str, path: str = "/", **values: Any) -> str:
    with site.app.test_request_context(path, **values.pop("context", {})):
        return render_template_string(source, **values)


def test_what_is_filled_into_a_message_is_escaped_and_what_is_escaped_already_is_not_again(site: Any) -> None:
    says = "{{ _('Welcome, %(name)s', name=name) }}"

    assert rendered(site, says, name="<b>Ana & Ben</b>") == "Welcome, &lt;b&gt;Ana &amp; Ben&lt;/b&gt;"
    assert rendered(site, "{{ _('Welcome, %(name)s', name=name|e) }}", name="R&D") == "Welcome, R&amp;D"
    assert rendered(site, "{% trans name=name %}Hello {{ name }}{% endtrans %}", name="<i>") == "Hello &lt;i&gt;"


def test_a_percent_sign_is_written_twice_with_or_without_something_to_fill_in(site: Any) -> None:
    assert rendered(site, "{{ _('100%% of %(num)s', num=3) }} {{ _('100%% done') }}") == "100% of 3 100% done"


def test_a_message_is_said_in_the_language_of_each_page_and_each_plural(site: Any) -> None:
    says = "{{ _('Sign in') }}, {{ ngettext('%(num)s new message', '%(num)s new messages', n) }}"
    said = []
    for language, number in [("en", 1), ("fr", 0), ("en", 0), ("fr", 2)]:
        with site.app.test_request_context(), speaking(language):
            said.append(render_template_string(says, n=number))

    assert said == [
        "Sign in, 1 new message",
        "Se connecter, 0 nouveau message",
        "Sign in, 0 new messages",
        "Se connecter, 2 nouveaux messages",
    ]


@pytest.mark.parametrize("below", ["", "/portal", "/portal", "/elsewhere", ""])
def test_an_address_lies_below_the_path_of_its_request(site: Any, below: str) -> None:
    context = {"environ_overrides": {"SCRIPT_NAME": below}}

    shown = rendered(site, "{{ url_for('home.front') }} {{ url_for('tools.show', name='x') }}", context=context)

    assert shown == f"{below}/ {below}/tools/x"


def test_templates_make_the_addresses_that_flask_makes(site: Any) -> None:
    with site.app.test_request_context("/tools/"):
        for endpoint in ("tools.index", ".index", "people.sign_in"):
            assert render_template_string("{{ url_for(e) }}", e=endpoint) == url_for(endpoint)
            whole = render_template_string("{{ url_for(e, _external=true) }}", e=endpoint)
            assert whole == url_for(endpoint, _external=True)
        assert request.blueprint == "tools"
    with site.app.app_context():
        assert render_template_string("{{ url_for('home.front') }}") == url_for("home.front")


@pytest.mark.parametrize("seconds", [60, 61, 89, 91, 3599, 3600, 5399, 5401, 8999, 9001, 129_601, 47_304_061])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_length_of_time_that_is_remembered_is_told_as_a_new_one(seconds: int, language: str) -> None:
    length = timedelta(seconds=seconds)

    with speaking(language):
        assert duration(length) == _rounded(length, language)


def test_every_template_knows_what_is_made_known_later(site: Any) -> None:
    assert "hello" not in rendered(site, "{{ later }}")
    site.app.jinja_env.globals["later"] = "hello"
    assert rendered(site, "{{ later }}") == "hello"
    assert site.app.jinja_env.get_template("base.html").globals["later"] == "hello"


def test_a_template_that_is_given_names_of_its_own_keeps_them_to_itself(site: Any) -> None:
    env = site.app.jinja_env
    assert env.from_string("{{ own }} {{ current_language is defined }}", globals={"own": 1}).render() == "1 True"
    assert "own" not in env.globals


def test_what_the_marks_mean_is_said_in_the_language_of_each_page(site: Any) -> None:
    for code, words in (("en", "it needs help"), ("fr", "a besoin d’aide"), ("en", "it needs help")):
        with site.app.test_request_context("/"), speaking(code):
            assert words in render_template_string("{{ mark_legend() }}")
