"""`_`, `gettext` and `ngettext` in templates: their words and what is filled into them are escaped.

They do what Jinja's "newstyle" functions do, in one call instead of four: a page asks more than a hundred times. Like
those they take every message as a format, so a percent sign in it is written twice.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from portal.core.i18n import look_up, look_up_plural, words_spoken


def install(environment: Environment) -> None:
    """Give templates `{% trans %}` and the functions."""
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's: {% trans %} calls as we take it
    environment.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)


@pass_eval_context
def _gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    text = _markup(words_spoken(), message) if context.autoescape else look_up(message)
    return text % values if values or "%" in text else text


@pass_eval_context
def _ngettext(context: EvalContext, singular: str, plural: str, number: int, /, **values: Any) -> str:
    text = look_up_plural(singular, plural, number)
    if context.autoescape:
        text = escape(text)
    return text % {"num": number, **values}


@lru_cache(maxsize=16384)
def _markup(words: NullTranslations, message: str) -> Markup:
    """The message in the language being spoken, whose words are part of the key. Words only: no catalogue has markup,
    and what a site's own one says shall not end the attribute in which it stands.
    """
    return escape(words.gettext(message))
