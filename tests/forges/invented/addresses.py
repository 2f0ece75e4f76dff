"""What addresses on an invented server mean."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote

from portal.forges.addresses import below

ACCOUNT_PATH = "/people/"


def proposal_page(server: str, number: int) -> str:
    """The address of a proposal."""
    return f"{server}/proposals/{number}"


def project_path(there: SplitResult, base: str) -> str:
    """The project of an address such as https://invented.example.org/shelves/tools/maps."""
    path = below(unquote(there.path), base) or ""
    return path.removeprefix("shelves/") if path.startswith("shelves/") else ""
