"""What the room of tools brings: the catalogue, and who looks after what is in it."""

from __future__ import annotations

from portal.core.feature import Feature
from portal.core.indexing import SearchIndex
from portal.tools import api, downloads, finding, privacy, views
from portal.tools.models import TOOL_WORDS
from portal.tools.storing import TOOLS

FEATURE = Feature(
    name="tools",
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    search_indexes=(SearchIndex(TOOLS, TOOL_WORDS, finding.look),),
    export=privacy.export,
    erase=privacy.erase,
)
