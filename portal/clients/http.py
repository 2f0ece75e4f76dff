"""Requests to other servers: bounded in time and size, patient where asked, silent about secrets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3
from requests.auth import HTTPBasicAuth

from portal.clients.deadlines import Overdue, deadline
from portal.clients.errors import BadAnswer, CutShort, Elsewhere, SourceError, TimedOut, Unreachable
from portal.clients.responses import REDIRECTS, HttpResponse, Limits, error_of, port_of, read_body
from portal.clients.sessions import PunctualAdapter, session_with
from portal.core import clock

Params = Iterable[tuple[str, str | int]]


def user_agent(site_name: str, contact: str) -> str:
    """Who we say we are, so that a server's admin knows whom to write to. Header text: ASCII, one line."""
    about = "; ".join(part for part in (site_name, contact) if part)
    agent = f"ContributorPortal ({about})" if about else "ContributorPortal"
    return " ".join(agent.encode("ascii", "replace").decode("ascii").split())


class HttpClient:
    """GET requests to one server, from any thread. Every method raises SourceError and nothing else."""

    def __init__(
        self,
        base_url: str,
        *,
        agent: str,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._limits = limits or Limits()
        self._sleep = sleep
        self._waited = 0.0
        self._secrets = [*(headers or {}).values(), *(basic[1:] if basic else ())]
        self._session = session_with(PunctualAdapter())
        self._session.headers.update({"Accept": "application/json", "User-Agent": agent, **(headers or {})})
        # Always set, or requests would look for a password in ~/.netrc. Bytes, because it would send text as Latin-1.
        self._session.auth = HTTPBasicAuth(basic[0].encode(), basic[1].encode()) if basic else _no_auth

    def json(self, path: str, params: Params = (), *, size: int = 0) -> Any:
        """What the server answers at `path`, decoded."""
        return self.get(path, params, size=size).json()

    def get(self, path: str, params: Params = (), *, size: int = 0) -> HttpResponse:
        """What the server answers at `path`; asked again, politely, while its trouble is one that passes.

        `size` bounds this answer more closely than the limits of the client.
        """
        tried = 0
        while True:
            try:
                return self._follow(self._base + path, list(params), min(size or self._limits.size, self._limits.size))
            except SourceError as error:
                tried += 1
                pause = self._pause_after(error, tried)
                if pause is None:
                    raise
            self._sleep(pause)

    def _pause_after(self, error: SourceError, tried: int) -> float | None:
        if not error.passes or tried >= self._limits.tries:
            return None
        retry_after = error.retry_after
        pause = self._limits.first_wait * 2 ** (tried - 1) if retry_after is None else retry_after
        if pause > self._limits.longest_wait or self._waited + pause > self._limits.wait_budget:
            return None
        self._waited += pause
        return pause

    def _follow(self, url: str, params: list[tuple[str, str | int]], size: int) -> HttpResponse:
        try:
            with deadline(self._limits.total):
                return self._followed(url, params, size)
        except Overdue as error:
            raise TimedOut(_address(url)) from error

    def _followed(self, url: str, params: list[tuple[str, str | int]], size: int) -> HttpResponse:
        for _ in range(REDIRECTS + 1):
            response, body = self._fetch(url, params, size)
            if not response.is_redirect:
                return self._judge(response, body)
            target = urljoin(url, response.headers["Location"])
            if not _same_host(urlsplit(url), urlsplit(target)):
                raise Elsewhere(_address(target), status=response.status_code)
            url, params = target, []
        raise BadAnswer("it redirects in a circle")

    def _fetch(self, url: str, params: list[tuple[str, str | int]], size: int) -> tuple[requests.Response, bytes]:
        timeout = (self._limits.connect, self._limits.read)
        try:
            with self._session.get(url, params=params, stream=True, timeout=timeout, allow_redirects=False) as response:
                return response, read_body(response.raw, size, _address(url))
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise TimedOut(_address(url)) from error
        except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError) as error:
            raise CutShort(_address(url)) from error
        except requests.ConnectionError as error:
            raise Unreachable(_address(url)) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise BadAnswer(_address(url)) from error

    def _judge(self, response: requests.Response, body: bytes) -> HttpResponse:
        status = response.status_code
        if status == 200:
            return HttpResponse(body, response.headers)
        raise error_of(status)(
            self._reason_in(response, body), status=status, retry_after=_retry_after(response.headers)
        )

    def _reason_in(self, response: requests.Response, body: bytes) -> str:
        """The server's own short reason, without markup and without our secrets."""
        kind = response.headers.get("Content-Type", "")
        text = _message(body) if "json" in kind else body.decode("utf-8", "replace")
        if "html" in kind or text.lstrip().startswith("<"):
            return ""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return " ".join(text.split())[:200]


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _same_host(asked_url: SplitResult, redirect_url: SplitResult) -> bool:
    """Whether a redirect stays with the server we trust; it may only become safer (http to https)."""
    if asked_url.hostname != redirect_url.hostname:
        return False
    if asked_url.scheme == redirect_url.scheme:
        return port_of(asked_url) == port_of(redirect_url)
    return (asked_url.scheme, redirect_url.scheme) == ("http", "https")


def _address(url: str) -> str:
    """Scheme and host alone: what a page may show."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _message(body: bytes) -> str:
    try:
        answer = HttpResponse(body).json()
    except SourceError:
        return ""
    keys = ("error_description", "message", "error")
    message = next((answer[key] for key in keys if key in answer), "") if isinstance(answer, dict) else answer
    return message if isinstance(message, str) else json.dumps(message)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause a server asks for, in seconds: Retry-After holds seconds or a date; it may be missing or nonsense."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - clock.now()).total_seconds())
