"""What the settings say of an invented server."""

from __future__ import annotations

from typing import Literal

from portal.core.config import EnvName, SourceConfig


class InventedConfig(SourceConfig):
    """[[sources]] with kind = "invented"; `realm` is a setting that no other kind has."""

    kind: Literal["invented"] = "invented"
    realm: str = ""
    key_env: EnvName = ""
