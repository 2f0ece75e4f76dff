"""From the settings to clients: the only place that knows which server wants which credentials."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.clients.errors import Unauthorised
from portal.clients.gerrit import GerritSource
from portal.clients.gitlab import GitlabSource
from portal.clients.guard import PublicWeb
from portal.clients.http import Door, Limits, user_agent
from portal.clients.mail import Mailer, mailer
from portal.clients.shapes import ReviewSource
from portal.core.config import Config, SourceConfig


@dataclass(frozen=True)
class Clients:
    """What the portal reaches the outside with; tests hand in their own."""

    source: Callable[[SourceConfig], ReviewSource]
    mailer: Mailer
    web: PublicWeb


def clients(config: Config, environ: Mapping[str, str] = os.environ) -> Clients:
    """The clients that these settings ask for."""
    agent = user_agent(config.site.name, config.site.contact or config.site.url)
    return Clients(
        source=lambda source: connect(source, agent=agent, environ=environ),
        mailer=mailer(config.mail, environ),
        web=PublicWeb(agent=agent),
    )


def connect(
    source: SourceConfig, *, agent: str, environ: Mapping[str, str] = os.environ, limits: Limits | None = None
) -> ReviewSource:
    """A client for one source. Nothing is asked of the server yet.

    `limits` are the default ones with the source's own timeout. Raises Unauthorised when an environment variable that
    the source names is empty: it would be read as if it were public, and half of it would seem to have vanished.
    """
    limits = limits or Limits(read=source.timeout, total=4 * source.timeout)
    if source.kind == "gitlab":
        return _gitlab(source, agent, environ, limits)
    return _gerrit(source, agent, environ, limits)


def _gerrit(source: SourceConfig, agent: str, environ: Mapping[str, str], limits: Limits) -> GerritSource:
    basic = None
    if source.username_env:
        basic = (_secret(source.username_env, environ), _secret(source.password_env, environ))
    return GerritSource(
        Door(source.url, agent=agent, basic=basic, limits=limits),
        url=source.url,
        query=source.query,
        bots=source.bots,
        page_size=source.page_size,
        signed_in=basic is not None,
    )


def _gitlab(source: SourceConfig, agent: str, environ: Mapping[str, str], limits: Limits) -> GitlabSource:
    headers = {"PRIVATE-TOKEN": _secret(source.token_env, environ)} if source.token_env else {}
    return GitlabSource(
        Door(source.url, agent=agent, headers=headers, limits=limits),
        projects=source.projects,
        groups=source.groups,
        bots=source.bots,
        page_size=source.page_size,
        signed_in=bool(headers),
    )


def _secret(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        raise Unauthorised(f"the environment variable {name} is empty")
    return value
