"""Every kind of review server that the portal can read. A new one is a folder here and a line in this table."""

from __future__ import annotations

from portal.forges.forge import Forges
from portal.forges.gerrit import GERRIT
from portal.forges.gitlab import GITLAB

FORGES = Forges(GERRIT, GITLAB)
