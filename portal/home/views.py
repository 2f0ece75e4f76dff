"""The front page, the dashboard and the help: the one place that shows several features together."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.access import anyone, guard, signed_in
from portal.core.dashboard import DashboardRequest
from portal.core.errors import NotFound
from portal.core.feature import Features
from portal.core.i18n import SOURCE_LANGUAGE, current_language, known_languages, lazy
from portal.core.schedule import last_run
from portal.core.search_groups import SearchGroup, SearchRequest
from portal.core.search_text import LONGEST_QUERY, highlight, parse_query
from portal.core.web import at_most, db, library, portal, settings
from portal.home import dashboard as own
from portal.home.content import HelpPages
from portal.home.queries import front as front_queries
from portal.home.queries import tools as tool_queries
from portal.home.search import PAGE, search_all, search_group
from portal.home.setup import setup as own_setup
from portal.home.spelling import VocabularyCache, meant
from portal.people.content import Skills
from portal.people.session import me

blueprint = Blueprint("home", __name__)
EXAMPLE_SITE = "https://portal.example.org"
"""What help pages call the site that they stand on."""


@blueprint.get("/")
@guard(anyone)
def front() -> str:
    """What this community gets here, and what waits right now."""
    now = clock.now()
    front_figures = front_queries.front_page(db(), library(), now)
    skills = library().get(Skills)
    seats = sorted(front_figures.mentoring.free_by_skill.items(), key=lambda item: (-item[1], item[0]))[
        : front_queries.SKILLS_SHOWN
    ]
    by_skill = [(skills.name(skill, current_language().code), number) for skill, number in seats]
    return render_template(
        "home/front.html", now=now, limits=settings().limits, front=front_figures, seats_by_skill=by_skill
    )


@blueprint.get("/dashboard")
@guard(signed_in)
def dashboard() -> str:
    """What is next for the person who is signed in, and everything that is theirs."""
    now = clock.now()
    dashboard_request, features = DashboardRequest(portal(), db(), me(), now), portal().features
    step, also_waiting = own.next_steps(features, dashboard_request)
    return render_template(
        "home/dashboard.html",
        step=step,
        also_waiting=also_waiting,
        awaited=own.awaited(features, dashboard_request),
        ways_in=own.ways_in(features, dashboard_request, step),
        cards=own.cards(features, dashboard_request),
        sections=own.sections(features, dashboard_request),
        setup=dashboard_request.once(own_setup),
        is_new=dashboard_request.is_new,
        # Who has begun nothing sees what waits for them everywhere, instead of their own empty places.
        front=front_queries.front_page(db(), library(), now) if dashboard_request.is_new else None,
        now=now,
        limits=settings().limits,
    )


@blueprint.app_template_global()
def changes_in_review(repository: str) -> Markup:
    """For the page of a tool: a section with the open changes of its repository; nothing when no source has it.

    Tools and reviews are strangers: they meet here.
    """
    review = tool_queries.in_review(db(), settings().sources, repository)
    context = {"review": review, "now": clock.now(), "patience_days": settings().limits.patience_days}
    return Markup(render_template("home/_in_review.html", **context) if review else "")  # noqa: S704  # a template escapes


@blueprint.get("/search")
@guard(anyone)
@at_most("lists_per_minute")
def search() -> str:
    """What is found by these words: the best of each group, or a page of one group (`in`)."""
    typed, cursor = request.args.get("q", ""), request.args.get("cursor", "")
    query = parse_query(typed, (current_language().code, SOURCE_LANGUAGE))
    features = portal().features
    group = features.search_groups.get(request.args.get("in", ""))
    search_request = SearchRequest(db(), library(), query, current_language().code, clock.now())
    group_hits = search_group(features, search_request, group, cursor) if query and group else None
    overview = search_all(features, search_request) if query and not group else []
    is_found = bool(group_hits.hits if group_hits else overview)
    next_cursor = group_hits.next_cursor if group_hits else None
    return render_template(
        "home/search.html",
        typed=typed.strip(),
        query=query,
        highlight=highlight,
        groups=features.search_groups.values(),
        group=group,
        group_hits=group_hits,
        overview=overview,
        meant=_meant(features, search_request) if query and not is_found else "",
        page_size=PAGE,
        longest=LONGEST_QUERY,
        next_url=_search_url(query.text, group, cursor=next_cursor) if next_cursor else None,
        first_url=_search_url(query.text, group) if cursor else None,
    )


@blueprint.get("/help/")
@guard(anyone)
def help_index() -> str:
    """Every help page with its summary."""
    return render_template("home/help_index.html", pages=library().get(HelpPages).all(current_language().code))


@blueprint.get("/help/<slug>")
@guard(anyone)
def help_page(slug: str) -> str:
    """One help page, in the reader's language where it is written."""
    page = library().get(HelpPages).find(slug, current_language().code)
    if not page:
        raise NotFound(lazy("There is no help page of that name."))
    direction = known_languages()[page.language].direction
    return render_template("home/help_page.html", page=page, html=_at_home(page.html), direction=direction)


def _at_home(html: Markup) -> Markup:
    """The page with this site's own address in its examples, so that they can be copied as they stand."""
    return Markup(html.replace(EXAMPLE_SITE, escape(settings().site.url)))  # noqa: S704  # sanitised, as before


@blueprint.get("/privacy")
@guard(anyone)
def privacy() -> Any:
    """The address people try for the privacy page."""
    return redirect(url_for("home.help_page", slug="privacy"))


@blueprint.get("/developers")
@guard(anyone)
def api_docs() -> Any:
    """The address people try for the page about the API."""
    return redirect(url_for("home.help_page", slug="developers"))


@blueprint.get("/healthz")
@guard(anyone)
def healthz() -> Any:
    """For monitoring: 200 while the database answers, else 503; and how many seconds ago a worker was heard of."""
    try:
        db().execute(text("SELECT 1"))
        seen = last_run(db())
    except SQLAlchemyError:
        return {"status": "failing", "database": False}, 503
    silence = int((clock.now() - seen).total_seconds()) if seen else None
    return {"status": "ok", "database": True, "worker_seen_seconds_ago": silence}


def _meant(features: Features, search_request: SearchRequest) -> str:
    cache: VocabularyCache = portal().app.extensions.setdefault("portal.vocabulary", VocabularyCache())
    return meant(features, search_request, cache.get(features, search_request))


def _search_url(text: str, group: SearchGroup | None, **more: str) -> str:
    args: dict[str, Any] = {"q": text, **({"in": group.slug} if group else {}), **more}
    return url_for("home.search", **args)
