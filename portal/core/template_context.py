"""What every template knows: the site, the person, the menu, how texts of people become HTML."""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, get_template_attribute, has_request_context, url_for
from flask_login import current_user
from jinja2 import Environment
from markupsafe import Markup

from portal.core import engines, formats, i18n, template_gettext, template_urls
from portal.core.folder import site_links
from portal.core.markdown import mentions_in, render_user_text
from portal.core.mentions import MentionLink, PageMentions
from portal.core.web import db, list_url, portal, settings

STATIC = Path(__file__).parent.parent / "static"


def install(app: Flask) -> None:
    """Let templates know it."""
    formats.install(app.jinja_env, app.extensions["portal"].config.site.folder)
    template_gettext.install(app.jinja_env)
    template_urls.install(app)
    app.jinja_env.make_globals = _globals_of(app.jinja_env)  # type: ignore[assignment]
    app.jinja_env.filters["user_text"] = _user_text
    app.jinja_env.globals["has_endpoint"] = lambda name: name in app.view_functions
    app.jinja_env.globals["look_up_mentions"] = look_up_mentions
    app.jinja_env.globals["current_language"] = i18n.current_language
    app.jinja_env.globals["mark_legend"] = mark_legend
    app.context_processor(_known_to_templates)


def _globals_of(env: Environment) -> Callable[[MutableMapping[str, Any] | None], MutableMapping[str, Any]]:
    # Jinja keeps a ChainMap for each template, in case it is given globals of its own, and compares all names of two of
    # them in Python at every import. No template here is given any.
    return lambda own: ChainMap(own, env.globals) if own else env.globals


def look_up_mentions(texts: Iterable[str]) -> str:
    """Look up together what all these texts mention, before a page shows one after the other. Writes nothing."""
    _page_mentions().look_up(word for text in texts for word in mentions_in(text))
    return ""


def mark_legend() -> Markup:
    """What the marks of states mean: put together once for each language, for every dashboard of it says the same."""
    legends: dict[str, Markup] = current_app.extensions.setdefault("portal.mark_legends", {})
    code = i18n.current_language().code
    if code not in legends:
        legends[code] = get_template_attribute("macros/ui.html", "mark_legend")()
    return legends[code]


def _user_text(text: str) -> Markup:
    words = mentions_in(text)
    if words:
        look_up_mentions((text,))
    html = render_user_text(text, _page_mentions().links(words) if words else ())
    return site_links(html, settings().site.folder, is_typed=True)


def _page_mentions() -> PageMentions:
    if "mentions" not in g:
        g.mentions = PageMentions(_find_mentions)
    mentions: PageMentions = g.mentions
    return mentions


def _find_mentions(words: Collection[str]) -> dict[str, MentionLink]:
    found: dict[str, MentionLink] = {}
    for find in portal().features.mentions:
        found |= find(db(), words)
    return found


def _known_to_templates() -> dict[str, Any]:
    # Not the proxy: what a page asks of the person a hundred times would each time look up the request.
    me = current_user._get_current_object() if has_request_context() and current_user.is_authenticated else None
    return {**known_without_person(), "me": me}


def known_without_person() -> dict[str, Any]:
    """What templates know even when the database does not answer."""
    return {
        "language": i18n.current_language(),
        "languages": i18n.menu_languages(),
        "unspoken": g.get("unspoken", ""),
        "is_hidden_from_engines": engines.is_hidden(),
        "menu": portal().features.menu,
        "site": settings().site,
        "look": settings().look,
        "site_look": current_app.extensions["portal.look"],
        "asset": asset,
        "list_url": list_url,
    }


def asset(name: str) -> str:
    """The address of a static file, which changes with its content so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
