"""Requests to addresses that somebody else chose: only to the public internet, and only to what was checked."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from portal.clients.deadlines import Overdue, deadline, in_time
from portal.clients.errors import BadAnswer, CutShort, NotJson, SourceError, TimedOut, Unreachable
from portal.clients.responses import MB, PORTS, REDIRECTS, HttpResponse, Limits, error_of, port_of, read_body
from portal.clients.sessions import PunctualHTTP, PunctualHTTPS

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SPECIAL = tuple(
    ipaddress.ip_network(block)
    for block in (
        *("192.0.0.0/24", "192.88.99.0/24"),
        *("64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "3fff::/20", "5f00::/16"),
    )
)
"""Blocks of IANA's registries of special addresses (IPv4 and IPv6; RFC 6890 and later) that not every Python knows as
such: protocols, 6to4 relays (RFC 7526), NAT64 for networks of one's own (RFC 8215), discarding (RFC 6666, 9780), Teredo
and other protocols, documentation (RFC 9637), segment routing (RFC 9602)."""
_PAGES = ("text/html", "application/xhtml", "image/", "audio/", "video/")


class NotPublic(SourceError):
    """The address leads somewhere a stranger must not send us: another scheme, or a network that is not public."""

    code = "not_public"


STRANGERS = Limits(read=15, total=60, size=64 * MB)
"""How long and how much we take from a server that somebody else chose."""


def is_public(address: Address) -> bool:
    """Whether this is an address of the public internet. One that carries an IPv4 address is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    if any(address in block for block in SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system's resolver tells it. Raises OSError."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class PublicWeb:
    """GET requests to any address of the public internet. Every method raises SourceError and nothing else.

    A name is resolved once for each request; every address it has must be public, and the connection goes to one of
    the addresses that were checked, so a name that changes its mind meanwhile gains nothing. No proxy is asked, no
    password is sent, and each redirect is checked like the first address.
    """

    def __init__(
        self,
        *,
        agent: str,
        limits: Limits = STRANGERS,
        resolve: Resolve = resolve,
        allowed: Callable[[Address], bool] = is_public,
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._allowed = allowed
        self._headers = {
            "User-Agent": agent,
            "Accept": "application/json, text/plain;q=0.5",
            "Accept-Encoding": "identity",
        }

    def get(self, url: str) -> HttpResponse:
        """What is at this address, after at most five redirects."""
        try:
            with deadline(self._limits.total):
                return self._followed(url)
        except Overdue as error:
            raise TimedOut(urlsplit(url).hostname or "") from error

    def _followed(self, url: str) -> HttpResponse:
        for _ in range(REDIRECTS + 1):
            response, body = self._fetch(_parts(url))
            location = response.get_redirect_location()
            if not location:
                return _judge(response, body)
            url = urljoin(url, location)
        raise BadAnswer("it redirects in a circle")

    def _fetch(self, parts: SplitResult) -> tuple[Any, bytes]:
        host = parts.hostname or ""
        port = port_of(parts) or 0
        address = self._checked(host, port)
        try:
            with self._pool(parts.scheme, address, port, host) as pool:
                return self._read(pool, parts, host)
        except urllib3.exceptions.NewConnectionError as error:
            raise Unreachable(host) from error
        except urllib3.exceptions.TimeoutError as error:
            raise TimedOut(host) from error
        except urllib3.exceptions.ProtocolError as error:
            raise CutShort(host) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(host) from error

    def _checked(self, host: str, port: int) -> str:
        """One of the host's addresses, after all of them were found to be allowed."""
        try:
            told = in_time(lambda: self._resolve(host, port))
            addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in told]
        except (OSError, ValueError) as error:
            raise Unreachable(host) from error
        if not addresses:
            raise Unreachable(host)
        if not all(self._allowed(address) for address in addresses):
            raise NotPublic(f"{host} is not on the public internet")
        return str(addresses[0])

    def _pool(self, scheme: str, address: str, port: int, host: str) -> urllib3.HTTPConnectionPool:
        pool = self._pool_of(scheme, address, port, host)
        pool.ConnectionCls = PunctualHTTPS if scheme == "https" else PunctualHTTP
        return pool

    def _pool_of(self, scheme: str, address: str, port: int, host: str) -> urllib3.HTTPConnectionPool:
        timeout = urllib3.Timeout(connect=self._limits.connect, read=self._limits.read)
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
        return urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            retries=False,
            cert_reqs="CERT_REQUIRED",
            ca_certs=DEFAULT_CA_BUNDLE_PATH,
            server_hostname=host,
            assert_hostname=host,
        )

    def _read(self, pool: urllib3.HTTPConnectionPool, parts: SplitResult, host: str) -> tuple[Any, bytes]:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {**self._headers, "Host": parts.netloc}
        response = pool.urlopen("GET", target, headers=headers, redirect=False, preload_content=False)
        with closing(response):
            return response, read_body(response, self._limits.size, host)


def _parts(url: str) -> SplitResult:
    """The parts of an address that may be asked. Raises NotPublic, BadAnswer."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise BadAnswer("this is no address") from error
    if parts.scheme not in PORTS:
        raise NotPublic("only http and https addresses are read")
    if not parts.hostname or not has_port or not url.isascii() or any(letter <= " " for letter in url):
        raise BadAnswer("this is no address")
    if "@" in parts.netloc:
        raise NotPublic("the address holds a name or password")
    return parts


def _judge(response: Any, body: bytes) -> HttpResponse:
    status = response.status
    if status != 200:
        raise error_of(status)(f"it answers {status}", status=status)
    kind_told = str(response.headers.get("Content-Type", "")).lower()
    if kind_told.startswith(_PAGES):
        raise NotJson(kind_told[:80])
    return HttpResponse(body, response.headers)


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
