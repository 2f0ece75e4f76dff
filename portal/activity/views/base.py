"""What the views of this feature share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("activity", __name__)
