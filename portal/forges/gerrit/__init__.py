"""Gerrit: its settings, its client, and what its addresses mean."""

from portal.forges.forge import Forge
from portal.forges.gerrit import addresses
from portal.forges.gerrit.client import connect
from portal.forges.gerrit.settings import GerritConfig

GERRIT = Forge(
    kind="gerrit",
    label="Gerrit",
    settings=GerritConfig,
    connect=connect,
    account_path=addresses.ACCOUNT_PATH,
    project_path=addresses.project_path,
    change_path=addresses.change_path,
)
