"""What the client of a source needs beside its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.clients.errors import Unauthorised
from portal.clients.http import HttpClient
from portal.clients.responses import Limits


@dataclass(frozen=True)
class Connection:
    """How a server is reached: who we say we are, where the secrets are, and how patient we are."""

    agent: str
    environ: Mapping[str, str]
    limits: Limits

    def http(
        self, url: str, *, headers: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None
    ) -> HttpClient:
        """A client for this server, with these credentials."""
        return HttpClient(url, agent=self.agent, headers=headers, basic=basic, limits=self.limits)

    def secret(self, name: str) -> str:
        """What the environment variable holds that the settings name.

        Raises Unauthorised when it is empty: the source would be read as if it were public, and half of it would seem
        to have vanished.
        """
        value = self.environ.get(name, "")
        if not value:
            raise Unauthorised(f"the environment variable {name} is empty")
        return value
