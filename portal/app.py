"""The application factory: the only place where everything meets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal import connect
from portal.activity.feature import FEATURE as ACTIVITY
from portal.admin.feature import FEATURE as ADMIN
from portal.api_tokens.feature import FEATURE as API_TOKENS
from portal.authenticators.feature import FEATURE as AUTHENTICATORS
from portal.authenticators.queries import demand_info
from portal.contributions.feature import FEATURE as CONTRIBUTIONS
from portal.core import access, api, clock, error_pages, headers, request_cycle, returned_forms, template_context, web
from portal.core.act_limits import act_info
from portal.core.catalogue_checks import checked_languages
from portal.core.config import Config, password_keys, secret_key
from portal.core.config_file import load_config
from portal.core.content import BrokenContentError, Library, Problems, content_folder, library_info
from portal.core.content_cache import ContentCache, open_library
from portal.core.content_files import ContentFiles
from portal.core.database import Database
from portal.core.feature import Feature, Features, session_info
from portal.core.folder import BelowFolder
from portal.core.i18n import languages_of, using_languages
from portal.core.jobs import LANGUAGES, Portal, Queue, make_huey
from portal.core.logs import set_up_logs
from portal.core.look import site_look
from portal.core.permissions import PermissionNames, grants_info
from portal.forges.forge import FORGE_KINDS, ForgeKinds, Forges, forges_info
from portal.forges.table import FORGES
from portal.home.feature import FEATURE as HOME
from portal.mail.feature import FEATURE as MAIL
from portal.mentoring.feature import FEATURE as MENTORING
from portal.people import session as people_session
from portal.people.feature import FEATURE as PEOPLE
from portal.reviews.feature import FEATURE as REVIEWS
from portal.roles.feature import FEATURE as ROLES
from portal.roles.queries import permissions_of
from portal.single_sign_on.feature import FEATURE as SINGLE_SIGN_ON
from portal.tools.feature import FEATURE as TOOLS
from portal.tracks.feature import FEATURE as TRACKS

FEATURES = (
    MAIL,
    PEOPLE,
    ACTIVITY,
    SINGLE_SIGN_ON,
    AUTHENTICATORS,
    API_TOKENS,
    CONTRIBUTIONS,
    ROLES,
    MENTORING,
    TRACKS,
    REVIEWS,
    TOOLS,
    HOME,
    ADMIN,
)
"""The rooms of the house, from the lowest floor to the highest."""


def create_app(
    config: Config | None = None,
    clients: Any = None,
    *,
    content: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    in_memory_queue: bool = False,
    needs_content: bool = True,
    features: Iterable[Feature] = FEATURES,
    forges: Forges = FORGES,
) -> Flask:
    """The portal as a WSGI application. Without `clients` it reaches the servers that the settings name.

    `needs_content` False: the content is looked at when something asks for it, for what is done without any.
    Raises ConfigError, BrokenContentError or UnguardedViewError when the site cannot start.
    """
    config = config or load_config(forges.settings, environ)
    set_up_logs(config.site.log_format)
    app = Flask("portal")
    _configure(app, config, environ)
    app.extensions[LANGUAGES] = languages_of(config.site.content)
    library = _open_library(config, content, features, forges, environ, is_checked=needs_content)
    app.extensions["portal"] = _assemble(
        app, config, clients, library, environ, in_memory_queue, Features(features), forges
    )
    app.extensions["portal.look"] = site_look(config.look)
    app.extensions["portal.site_enums"] = {FORGE_KINDS: list(forges)}
    request_cycle.install(app)
    returned_forms.install(app)
    error_pages.install(app)
    people_session.install(app)
    access.install(app, _permissions_of)
    app.register_blueprint(api.blueprint)
    for blueprint in (blueprint for feature in features for blueprint in feature.blueprints):
        app.register_blueprint(blueprint)
    _serve_static(app, config)
    web.exempt_views(app)
    access.require_guards(app)
    return app


def load_content(
    folder: Path | None = None,
    features: Iterable[Feature] = FEATURES,
    forges: Forges = FORGES,
    own: Path | None = None,
) -> Library:
    """Read and check the content folder together with the site's own. Raises BrokenContentError with every problem."""
    files = ContentFiles(folder or content_folder(), own)
    library, problems, features = Library(), Problems([*files.problems.found]), Features(features)
    library.put(PermissionNames(tuple(features.permissions)))
    library.put(ForgeKinds(tuple(forges)))
    with using_languages(checked_languages(own, problems)):
        for load in (feature.load_content for feature in features if feature.load_content):
            load(files, problems, library)
    if problems:
        raise BrokenContentError(files.advised(problems))
    return library


def _permissions_of(session: Session, person_id: int) -> frozenset[str]:
    return permissions_of(session, person_id, clock.now())


def _open_library(
    config: Config,
    content: Path | None,
    features: Iterable[Feature],
    forges: Forges,
    environ: Mapping[str, str],
    *,
    is_checked: bool,
) -> Library:
    loaders = [feature.load_content for feature in features if feature.load_content]
    cache = ContentCache(config.site.data_dir, secret_key(config, environ))
    own = config.site.content
    read = partial(load_content, content, features, forges, own)
    names = [*Features(features).permissions, *forges]
    return open_library(content or content_folder(), read, loaders, cache, own=own, names=names, is_checked=is_checked)


def _assemble(
    app: Flask,
    config: Config,
    clients: Any,
    library: Library,
    environ: Mapping[str, str],
    in_memory: bool,
    features: Features,
    forges: Forges,
) -> Portal:
    huey = make_huey(config, secret_key(config, environ), config.queue_url(environ), in_memory=in_memory)
    queue = Queue(huey)
    app.extensions["portal.queue"] = queue
    info = {**session_info(features), **act_info(config), **forges_info(forges), **library_info(library)}
    info |= demand_info(config.sign_in_rules.second_factor) | grants_info(permissions_of)
    database = Database(config.database_url(environ), config.database.pool_size, info)
    clients = clients or connect.clients(config, environ, forges)
    portal = Portal(config, database, library, clients, app, features, queue.nudge)
    queue.serve(portal)
    return portal


def _configure(app: Flask, config: Config, environ: Mapping[str, str]) -> None:
    scheme, _, address = config.site.url.partition("://")
    queue = config.queue_url(environ)
    password_keys(environ)  # what is wrong with them is said now, not at the first sign-in
    app.config.update(
        SECRET_KEY=secret_key(config, environ),
        SERVER_NAME=address.partition("/")[0],
        APPLICATION_ROOT=config.site.folder or "/",
        PREFERRED_URL_SCHEME=scheme,
        SESSION_COOKIE_NAME=_cookie_name(config),
        SESSION_COOKIE_SECURE=scheme == "https",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=config.sessions.absolute_days),
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=queue if queue.startswith("redis") else "memory://",
        # While Redis is away each process counts for itself.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=queue.startswith("redis"),
    )


def _cookie_name(config: Config) -> str:
    # By these names browsers keep other hosts of the domain, and pages without https, from setting it (RFC 6265bis).
    if not config.site.url.startswith("https:"):
        return "portal"
    return "__Secure-portal" if config.site.folder else "__Host-portal"


def _serve_static(app: Flask, config: Config) -> None:
    wsgi: Any = app.wsgi_app
    year = int(timedelta(days=365).total_seconds())
    add = partial(headers.add_to_file, is_https=config.site.url.startswith("https:"))
    static = str(template_context.STATIC)
    wsgi = WhiteNoise(wsgi, root=static, prefix="static/", max_age=year, add_headers_function=add)
    wsgi = BelowFolder(wsgi, config.site.folder, believes_prefix=bool(config.site.behind_proxies))
    if hops := config.site.behind_proxies:
        # No prefix: [site] url says where the site lives, and one that a visitor sent would lead every link elsewhere.
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=hops, x_prefix=0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]  # Flask's documented way to add middleware
