"""From the settings to clients: what this site reaches the outside with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.clients.guard import PublicWeb
from portal.clients.http import user_agent
from portal.clients.mail import Mailer, mailer
from portal.clients.responses import Limits
from portal.core.config import Config, SourceConfig
from portal.forges.connection import Connection
from portal.forges.forge import Forges
from portal.forges.shapes import ReviewSource
from portal.forges.table import FORGES

if TYPE_CHECKING:
    from portal.clients.single_sign_on import SignInClient


@dataclass(frozen=True)
class Clients:
    """What the portal reaches the outside with; tests hand in their own."""

    source: Callable[[SourceConfig], ReviewSource]
    mailer: Mailer
    web: PublicWeb
    sign_in: Mapping[str, SignInClient]
    """The services whose accounts people sign in with, by slug."""


def clients(config: Config, environ: Mapping[str, str] = os.environ, forges: Forges = FORGES) -> Clients:
    """The clients that these settings ask for."""
    agent = user_agent(config.site.name, config.site.contact or config.site.url)
    return Clients(
        source=lambda source: connect(source, agent=agent, environ=environ, forges=forges),
        mailer=mailer(config.mail, environ),
        web=PublicWeb(agent=agent),
        sign_in=_sign_in_clients(config, environ, agent) if config.sign_in else {},
    )


def _sign_in_clients(config: Config, environ: Mapping[str, str], agent: str) -> dict[str, SignInClient]:
    from portal.clients.single_sign_on import SignInClient  # late: what it stands on takes a sixth of a start

    secrets = {one.slug: environ.get(one.client_secret_env, "") for one in config.sign_in}
    return {
        one.slug: SignInClient(one, secrets[one.slug], agent, back_address(config, one.slug)) for one in config.sign_in
    }


def back_address(config: Config, slug: str) -> str:
    """Where this service sends people back to: what an admin registers there."""
    return config.sign_in_back(slug)


def connect(
    source: SourceConfig,
    *,
    agent: str,
    environ: Mapping[str, str] = os.environ,
    limits: Limits | None = None,
    forges: Forges = FORGES,
) -> ReviewSource:
    """A client for one source. Nothing is asked of the server yet.

    `limits` are the default ones with the source's own timeout. Raises Unauthorised when an environment variable that
    the source names is empty.
    """
    limits = limits or Limits(read=source.timeout, total=4 * source.timeout)
    return forges.of(source).connect(source, Connection(agent, environ, limits))
