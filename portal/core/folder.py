"""A site in a folder of its host, https://example.org/portal: whatever stands in front of it, it lives there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SITE_PATH = re.compile(r'(?P<before><(?:a|img)(?: [a-z]+="[^"]*")*? (?:href|src)=")(?P<path>/(?!/)[^"]*)')
"""An address that is told from the root of the site, in a tag as the sanitiser writes it."""


class BelowFolder:
    """WSGI middleware: the application lives in this folder, "/portal", as [site] url says, or at the root, "".

    A proxy may pass on the whole path or take the folder off before. It is taken off here unless that has been done:
    by a server that sets SCRIPT_NAME, or by a proxy that says so in X-Forwarded-Prefix, where one is believed. What
    these call the folder counts for nothing: the settings alone say where links lead.
    """

    def __init__(self, application: WSGIApplication, folder: str, *, believes_prefix: bool) -> None:
        self._application = application
        self._folder = folder
        self._believes_prefix = believes_prefix

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, wherever its path begins."""
        path = environ.get("PATH_INFO", "")
        if not self._is_taken_off(environ) and f"{path}/".startswith(f"{self._folder}/"):
            environ["PATH_INFO"] = path.removeprefix(self._folder)
        environ["SCRIPT_NAME"] = self._folder
        return self._application(environ, start_response)

    def _is_taken_off(self, environ: WSGIEnvironment) -> bool:
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "") if self._believes_prefix else ""
        return bool(environ.get("SCRIPT_NAME") or prefix)


def site_links(html: Markup, folder: str, *, is_typed: bool = False) -> Markup:
    """HTML of the sanitiser whose links from the root of the site, "/help/privacy", lead into the folder.

    `is_typed`: people wrote it, and may have copied an address that is in the folder already.
    """
    if not folder:
        return html
    inside = f"{folder}/"

    def moved(found: re.Match[str]) -> str:
        is_there = is_typed and f"{found['path']}/".startswith(inside)
        return found[0] if is_there else f"{found['before']}{folder}{found['path']}"

    # Still what the sanitiser wrote: an address has been made longer by what the settings say.
    return Markup(SITE_PATH.sub(moved, html))  # noqa: S704
