"""Settings as a site with the shipped forges reads them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.core import config_file
from portal.core.config import Config
from portal.forges.table import FORGES


def parse_config(text: str) -> Config:
    """The settings in this text. Raises ConfigError."""
    return config_file.parse_config(text, FORGES.settings)


def load_config(environ: Mapping[str, str]) -> Config:
    """The settings of the file that this environment names. Raises ConfigError."""
    return config_file.load_config(FORGES.settings, environ)
