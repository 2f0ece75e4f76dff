"""Where the page of a change is: on its server, or here where its server has none that we may lead to."""

from __future__ import annotations

from typing import Any

from flask import url_for


def page_of_change(change: Any) -> str:
    """The address of a change (a row with `url` and `id`)."""
    return str(change.url) or url_for("reviews.change", change_id=change.id)
