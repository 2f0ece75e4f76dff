"""The application factory: the only place where everything meets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal.activity import downloads as activity_downloads
from portal.activity import jobs as activity_jobs
from portal.activity import privacy as activity_privacy
from portal.activity import views as activity_views
from portal.clients import connect
from portal.contributions import jobs as contributions_jobs
from portal.core import access, api, clock, indexing, pages, web
from portal.core.config import Config, load_config, secret_key
from portal.core.content import BrokenContentError, Library, Problems, content_folder
from portal.core.database import Database
from portal.core.jobs import Portal, Queue, make_huey
from portal.core.logs import set_up_logs
from portal.home import content as home_content
from portal.home import downloads as home_downloads
from portal.home import stuck as home_stuck
from portal.mentoring import api as mentoring_api
from portal.mentoring import downloads as mentoring_downloads
from portal.mentoring import jobs as mentoring_jobs
from portal.mentoring import privacy as mentoring_privacy
from portal.mentoring import views as mentoring_views
from portal.people import actions as people_actions
from portal.people import content as people_content
from portal.people import jobs as people_jobs
from portal.people import queries as people_queries
from portal.people import session as people_session
from portal.people import views as people_views
from portal.reviews import api as reviews_api
from portal.reviews import downloads as reviews_downloads
from portal.reviews import views as reviews_views
from portal.roles import api as role_api
from portal.roles import downloads as role_downloads
from portal.roles import files as role_files
from portal.roles import jobs as role_jobs
from portal.roles import privacy as role_privacy
from portal.roles import views as role_views
from portal.roles.content import RoleDefinitions
from portal.roles.queries import permissions_of
from portal.tools import api as tool_api
from portal.tools import downloads as tool_downloads
from portal.tools import privacy as tool_privacy
from portal.tools import views as tool_views
from portal.tracks import api as track_api
from portal.tracks import downloads as track_downloads
from portal.tracks import files as track_files
from portal.tracks import privacy as track_privacy
from portal.tracks import views as track_views

LOADERS: tuple[Any, ...] = (people_content.load, role_files.load, track_files.load, home_content.load)
BLUEPRINTS: tuple[Any, ...] = (
    people_views.blueprint,
    activity_views.blueprint,
    role_views.blueprint,
    mentoring_views.blueprint,
    reviews_views.blueprint,
    tool_views.blueprint,
    track_views.blueprint,
    home_stuck.blueprint,
    api.blueprint,
    mentoring_api.blueprint,
    reviews_api.blueprint,
    role_api.blueprint,
    tool_api.blueprint,
    track_api.blueprint,
    activity_downloads.blueprint,
    mentoring_downloads.blueprint,
    reviews_downloads.blueprint,
    role_downloads.blueprint,
    tool_downloads.blueprint,
    track_downloads.blueprint,
    home_downloads.blueprint,
)
# Modules whose sweeps the worker runs: importing them registers the sweeps.
JOBS: tuple[Any, ...] = (indexing, people_jobs, activity_jobs, role_jobs, mentoring_jobs, contributions_jobs)
MAX_FORM_BYTES = 1_000_000

people_queries.EXPORTERS.update(
    activity=activity_privacy.export,
    roles=role_privacy.export,
    mentoring=mentoring_privacy.export,
    tools=tool_privacy.export,
    tracks=track_privacy.export,
)


def create_app(
    config: Config | None = None,
    clients: Any = None,
    *,
    content: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    in_memory_queue: bool = False,
) -> Flask:
    """The portal as a WSGI application. Without `clients` it reaches the servers that the settings name.

    Raises ConfigError, BrokenContentError or UnguardedViewError when the site cannot start.
    """
    config = config or load_config(environ)
    set_up_logs(config.site.log_format)
    app = Flask("portal")
    _configure(app, config, environ)
    app.extensions["portal"] = _assemble(app, config, clients, content, environ, in_memory_queue)
    web.install(app)
    pages.install(app)
    people_session.install(app)
    access.install(app, _permissions_of)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _serve_static(app, config)
    access.require_guards(app)
    return app


def load_content(folder: Path | None = None) -> Library:
    """Read and check the content folder. Raises BrokenContentError with every problem at once."""
    folder = folder or content_folder()
    library, problems = Library(), Problems()
    for load in LOADERS:
        load(folder, problems, library)
    if problems:
        raise BrokenContentError(problems)
    return library


def _permissions_of(session: Session, person_id: int) -> frozenset[str]:
    return permissions_of(session, person_id, web.library().get(RoleDefinitions), clock.now())


def _assemble(
    app: Flask, config: Config, clients: Any, content: Path | None, environ: Mapping[str, str], in_memory: bool
) -> Portal:
    huey = make_huey(config, secret_key(config, environ), config.queue_url(environ), in_memory=in_memory)
    queue = Queue(huey)
    app.extensions["portal.queue"] = queue
    database = Database(config.database_url(environ), config.database.pool_size)
    library = load_content(content)
    _set_up_leaving(library, config)
    clients = clients or connect.clients(config, environ)
    portal = Portal(config, database, library, clients, app, queue.nudge)
    queue.serve(portal)
    return portal


def _set_up_leaving(library: Library, config: Config) -> None:
    # Activity comes last: what the others tell must not leave notices behind for the one who leaves.
    people_actions.LEAVERS.clear()
    people_actions.LEAVERS.update(
        roles=partial(role_privacy.leave, library.get(RoleDefinitions)),
        mentoring=partial(mentoring_privacy.leave, config.limits),
        tools=tool_privacy.leave,
        tracks=track_privacy.leave,
        activity=activity_privacy.leave,
    )


def _configure(app: Flask, config: Config, environ: Mapping[str, str]) -> None:
    scheme, _, host = config.site.url.partition("://")
    queue = config.queue_url(environ)
    app.config.update(
        SECRET_KEY=secret_key(config, environ),
        SERVER_NAME=host.split("/")[0],
        APPLICATION_ROOT="/" + host.partition("/")[2],
        PREFERRED_URL_SCHEME=scheme,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_SECURE=scheme == "https",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=queue if queue.startswith("redis") else "memory://",
        # While Redis is away each process counts for itself.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=queue.startswith("redis"),
    )


def _serve_static(app: Flask, config: Config) -> None:
    wsgi: Any = app.wsgi_app
    year = int(timedelta(days=365).total_seconds())
    wsgi = WhiteNoise(wsgi, root=str(web.STATIC), prefix="static/", max_age=year)
    if config.site.behind_proxies:
        hops = config.site.behind_proxies
        # At the root of a host no proxy sets a prefix: whoever sends one would have every link lead elsewhere.
        has_path = bool(urlsplit(config.site.url).path.strip("/"))
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops if has_path else 0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]  # Flask's documented way to add middleware
