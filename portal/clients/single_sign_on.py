"""Services whose accounts people sign in with: OAuth 2 and OpenID Connect by Authlib, over guarded connections.

Nothing is believed before it is checked: the state and the issuer of an answer, the one use of a code (PKCE S256), the
signature, issuer, audience, nonce and time of an ID token. A service says no more than who somebody is there.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from portal.clients.deadlines import Overdue, deadline
from portal.clients.errors import BadAnswer, SourceError, TimedOut, Unreachable
from portal.clients.identities import Begun, IdentityRefused, RemoteIdentity, identity_of
from portal.clients.providers import (
    DOWN_FOR,
    KEPT_FOR,
    YOUNG_FOR,
    Endpoints,
    Kept,
    endpoints_of,
    is_openid,
    read_claims,
    require_anew,
    well_known,
)
from portal.clients.responses import HttpResponse, Limits, error_of
from portal.clients.trusted_servers import ProviderAdapter
from portal.core.config import SignInConfig

LIMITS = Limits(connect=5, read=5, total=10, size=256 * 1024)
"""Somebody waits for the page behind it."""
VERIFIER_LENGTH = 48
WRONG_CLIENT = {"invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch"}
"""What a token endpoint calls it when it does not know this site (RFC 6749, 5.2; the last two are GitHub's)."""


class SignInClient:
    """One service. Its methods raise SourceError for trouble with the server, and IdentityRefused for what it says."""

    def __init__(self, provider: SignInConfig, secret: str, agent: str, back: str) -> None:
        """`back` is the address here to which the service sends people: registered there as it is."""
        self._provider = provider
        self._secret = secret
        self._agent = agent
        self._back = back
        self._limits = LIMITS
        self._metadata, self._keys, self._trouble = Kept(), Kept(), Kept()

    def begin(self, *, again: bool = False) -> Begun:
        """Where the browser goes. `again`: the service is asked to look anew who that is, if it can (OpenID alone)."""
        asks_anew = again and self._provider.kind == "openid"
        with self._asking() as session:
            ends = self._endpoints(session)
            state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
            verifier = secrets.token_urlsafe(VERIFIER_LENGTH)
            extras = self._extras(nonce, asks_anew)
            address, _state = session.create_authorization_url(
                ends.authorize, state=state, code_verifier=verifier, **extras
            )
        return Begun(address, state, nonce, verifier, int(time.time()) if asks_anew else 0)

    def _extras(self, nonce: str, asks_anew: bool) -> dict[str, str]:
        if not is_openid(self._provider):
            return {}
        return {"nonce": nonce} | ({"prompt": "login", "max_age": "0"} if asks_anew else {})

    def finish(self, begun: Begun, answer: Mapping[str, str]) -> RemoteIdentity:
        """Who came back, by the parameters with which the browser did."""
        if self._provider.kind == "mediawiki" and answer.get("error") and "state" not in answer:
            raise IdentityRefused("denied")  # It tells of a no without the state: nothing but a no is believed of that.
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise IdentityRefused("wrong_state")
        with self._asking() as session:
            ends = self._endpoints(session)
            # RFC 9207: so that the answer of one service is not taken for that of another.
            if answer.get("iss", ends.issuer if not ends.says_issuer else "") != ends.issuer:
                raise IdentityRefused("wrong_issuer")
            if answer.get("error"):
                raise IdentityRefused("denied")
            token = self._token(session, ends, begun, answer.get("code", ""))
            claims = self._claims(session, ends, begun, token)
            if begun.since:
                require_anew(claims, begun.since)
            return identity_of(self._provider.kind, ends.issuer, claims)

    def check(self) -> None:
        """See that the service is there, without anybody who signs in."""
        with self._asking() as session:
            ends = self._endpoints(session)
            if is_openid(self._provider):
                self._key_set(session, ends, anew=False)
                return
            if self._provider.kind == "mediawiki":
                self._check_client(session, ends)
                return
            answer = session.get(ends.profile, auth=_no_auth, withhold_token=True)
            # Without a token it must say no; a server of another kind says that there is no such thing.
            if answer.status_code not in (400, 401, 403):
                raise error_of(answer.status_code)(ends.profile, status=answer.status_code)

    def _check_client(self, session: Any, ends: Endpoints) -> None:
        """Bring a code that is none: MediaWiki looks at client, secret and address first, and then refuses the code."""
        form = {"grant_type": "authorization_code", "code": "none", "redirect_uri": self._back}
        form |= {"client_id": self._provider.client_id, **({"client_secret": self._secret} if self._secret else {})}
        answer = session.post(ends.token, data=form, auth=_no_auth, withhold_token=True)
        if answer.status_code not in (400, 401):
            raise error_of(answer.status_code)(ends.token, status=answer.status_code)
        said = HttpResponse(answer.content, answer.headers).json()
        if isinstance(said, dict) and said.get("error") in WRONG_CLIENT:
            raise IdentityRefused("wrong_client")

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        provider = self._provider
        method = ("client_secret_basic" if is_openid(provider) else "client_secret_post") if self._secret else "none"
        session = OAuth2Session(
            provider.client_id,
            self._secret or None,
            redirect_uri=self._back,
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
            default_timeout=(self._limits.connect, self._limits.read),
        )
        for scheme in ("http://", "https://"):
            session.mount(scheme, ProviderAdapter(provider.url, self._limits.size))
        session.headers.update({"User-Agent": self._agent, "Accept": "application/json"})
        try:
            with session, deadline(self._limits.total):
                yield session
        except Overdue as error:
            raise TimedOut(provider.url) from error
        except requests.Timeout as error:
            raise TimedOut(provider.url) from error
        except (requests.ConnectionError, urllib3.exceptions.HTTPError) as error:
            raise Unreachable(provider.url) from error
        except (requests.RequestException, ValueError, LookupError, TypeError, RecursionError) as error:
            raise BadAnswer(provider.url) from error

    def _endpoints(self, session: Any) -> Endpoints:
        ends = endpoints_of(self._provider, self._document(session) if is_openid(self._provider) else None)
        session.scope = ends.scope
        if ends.posts_secret and self._secret:
            session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  # the name of a method
        return ends

    def _document(self, session: Any) -> Any:
        if (known := self._metadata.within(KEPT_FOR)) is not None:
            return known
        if (trouble := self._trouble.within(DOWN_FOR)) is not None:
            raise trouble
        try:
            self._metadata.keep(self._json(session, well_known(self._provider.url)))
        except (SourceError, requests.RequestException) as error:
            self._trouble.keep(Unreachable(self._provider.url))
            raise error
        return self._metadata.within(KEPT_FOR)

    def _token(self, session: Any, ends: Endpoints, begun: Begun, code: str) -> dict[str, Any]:
        if not code:
            raise IdentityRefused("wrong_code")
        try:
            token = session.fetch_token(
                ends.token, code=code, code_verifier=begun.verifier, grant_type="authorization_code"
            )
        except OAuthError as error:
            raise IdentityRefused("wrong_client" if error.error in WRONG_CLIENT else "wrong_code") from error
        if not isinstance(token.get("access_token"), str):
            raise IdentityRefused("wrong_code")
        return dict(token)

    def _claims(self, session: Any, ends: Endpoints, begun: Begun, token: dict[str, Any]) -> dict[str, Any]:
        if not is_openid(self._provider):
            return self._profile(session, ends, token)

        def keys(anew: bool) -> dict[str, Any]:
            return self._key_set(session, ends, anew)

        claims = read_claims(ends, keys, client_id=self._provider.client_id, nonce=begun.nonce, token=token)
        if ends.profile:
            said = self._bearer_json(session, ends.profile, token)
            # OpenID Connect Core 5.3.2: what somebody else's token opens must not be mixed with this one.
            if not isinstance(said, dict) or said.get("sub") != claims.get("sub"):
                raise IdentityRefused("swapped")
            claims = {**said, **claims}
        return claims

    def _profile(self, session: Any, ends: Endpoints, token: dict[str, Any]) -> dict[str, Any]:
        profile = self._bearer_json(session, ends.profile, token)
        if not isinstance(profile, dict):
            raise BadAnswer(self._provider.url)
        if ends.emails:
            profile = {**profile, "emails": self._bearer_json(session, ends.emails, token)}
        return profile

    def _key_set(self, session: Any, ends: Endpoints, anew: bool) -> dict[str, Any]:
        known = self._keys.within(YOUNG_FOR if anew else KEPT_FOR)
        if known is None:
            known = self._json(session, ends.keys)
            self._keys.keep(known)
        return dict(known)

    def _bearer_json(self, session: Any, url: str, token: dict[str, Any]) -> Any:
        return self._json(session, url, {"Authorization": f"Bearer {token['access_token']}"})

    def _json(self, session: Any, url: str, headers: Mapping[str, str] | None = None) -> Any:
        response = session.get(url, headers=dict(headers or {}), auth=_no_auth, withhold_token=True)
        if response.status_code != 200:
            raise error_of(response.status_code)(url, status=response.status_code)
        return HttpResponse(response.content, response.headers).json()


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # Said to be it, or requests would look for a password in ~/.netrc.
    return request
