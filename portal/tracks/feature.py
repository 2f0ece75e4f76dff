"""What the room of tracks brings: learning tracks, and how far people are in them."""

from __future__ import annotations

from portal.core.feature import Feature
from portal.tracks import api, downloads, files, privacy, views

FEATURE = Feature(
    name="tracks",
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    load_content=files.load,
    export=privacy.export,
    erase=privacy.erase,
)
