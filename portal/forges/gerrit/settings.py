"""What the settings say of a Gerrit server."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from portal.core.config import EnvName, SourceConfig


class GerritConfig(SourceConfig):
    """[[sources]] with kind = "gerrit". `query` limits what is read."""

    kind: Literal["gerrit"] = "gerrit"
    query: str = Field("", max_length=500)
    username_env: EnvName = ""
    password_env: EnvName = ""

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> GerritConfig:
        if bool(self.username_env) != bool(self.password_env):
            raise ValueError("username_env and password_env go together; set both or none")
        return self
