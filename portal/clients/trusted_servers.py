"""Requests to a server that the settings name and that names others: guarded at each step, and never led elsewhere."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import requests

from portal.clients.deadlines import in_time
from portal.clients.errors import BadAnswer, Elsewhere, Unreachable
from portal.clients.guard import NotPublic, is_public, resolve
from portal.clients.responses import port_of
from portal.clients.sessions import BoundedAdapter


class ProviderAdapter(BoundedAdapter):
    """Lets a session ask the server at `trusted`, wherever that is, and others only by https on the public internet.

    An admin may run a service of their own in a private network, as they may a source; but what such a server says of
    itself must not lead us through that network. A name that changes its mind behind the look gains nothing: whoever
    answers must have its certificate. Raises SourceError for a redirect, too: what is sent here is secret.
    """

    def __init__(self, trusted: str, size: int) -> None:
        self._trusted = trusted
        super().__init__(size)

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Ask, once the address is found to be one that may be asked."""
        url = request.url or ""
        require_trusted_address(self._trusted, url)
        if not _is_same_server(self._trusted, url):
            _require_public(urlsplit(url).hostname or "")
        response = super().send(request, *arguments, **options)
        if response.is_redirect:
            raise Elsewhere(urlsplit(url).netloc, status=response.status_code)
        return response


def require_trusted_address(trusted: str, url: str) -> None:
    """Raises NotPublic unless this is https, or on the server at `trusted`; BadAnswer for what is no address."""
    try:
        parts = urlsplit(url)
        is_same = _is_same_server(trusted, url)
    except ValueError as error:
        raise BadAnswer("this is no address") from error
    if not parts.hostname or "@" in parts.netloc or not url.isascii() or any(letter <= " " for letter in url):
        raise BadAnswer("this is no address")
    if parts.scheme != "https" and not is_same:
        raise NotPublic("it names an address that is not https")


def _is_same_server(trusted: str, url: str) -> bool:
    ours, theirs = urlsplit(trusted), urlsplit(url)
    return (ours.scheme, ours.hostname, port_of(ours)) == (theirs.scheme, theirs.hostname, port_of(theirs))


def _require_public(host: str) -> None:
    try:
        addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in in_time(lambda: resolve(host, 443))]
    except (OSError, ValueError) as error:
        raise Unreachable(host) from error
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotPublic(f"{host} is not on the public internet")
