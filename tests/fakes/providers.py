"""Services with whose accounts people sign in, on loopback, and every way in which one can lie.

OpenID: OpenID Connect Core 1.0 and Discovery 1.0. MediaWiki: extension OAuth, branch REL1_39, whose
files below src the fake names, with the league/oauth2-server that its composer.json asks for. GitHub: its
documentation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.fakes.server import FakeServer, Reply, Request

CLIENT, SECRET = "portal", "a secret of two"
ANA = {"sub": "17", "preferred_username": "Ana", "name": "Ana Lima", "email": "ana@example.org", "email_verified": True}


def told(value: Any, status: int = 200) -> Reply:
    """JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """RFC 7515, 3.1: what is signed."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def with_mac(words: str, secret: bytes) -> str:
    """RFC 7518, 3.2, by hand, for no library signs so foolishly."""
    mac = hmac.new(secret, words.encode(), hashlib.sha256).digest()
    return f"{words}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


class FakeProvider(FakeServer):
    """What every kind does alike: a code for whoever agrees, one token for each code. `person` is who agrees."""

    paths: dict[str, str] = {}

    def __init__(self) -> None:
        super().__init__()
        self.person: dict[str, Any] = dict(ANA)
        self.grants: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.changed_answer: dict[str, str] = {}
        """What the browser brings back instead of the truth."""

    def answer(self, request: Request) -> Reply:
        """By path."""
        name = {path: name for name, path in self.paths.items()}.get(request.path)
        return getattr(self, name)(request) if name else Reply(404)

    def authorize(self, request: Request) -> Reply:
        """RFC 6749, 4.1.1 and 4.1.2: the code, and the state as it came. RFC 7636, 4.3: the challenge is kept."""
        code = secrets.token_urlsafe(9)
        self.grants[code] = dict(request.params)
        back = {"code": code, "state": request.one("state"), **self.said_back(), **self.changed_answer}
        query = urlencode({name: value for name, value in back.items() if value})
        return Reply(302, headers={"Location": f"{request.one('redirect_uri')}?{query}"})

    def said_back(self) -> dict[str, str]:
        """What else stands in the address."""
        return {}

    def token(self, request: Request) -> Reply:
        """RFC 6749, 4.1.3: one use, by the client it was made for, at the same address; RFC 7636, 4.6: the verifier."""
        grant = self.grants.pop(request.one("code"), None)
        verifier = hashlib.sha256(request.one("code_verifier").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if grant is None or grant["redirect_uri"] != request.one("redirect_uri") or self.client_of(request) != CLIENT:
            return self.refused()
        if grant["code_challenge_method"] != "S256" or grant["code_challenge"] != challenge:
            return self.refused()
        access = secrets.token_urlsafe(9)
        self.tokens[access] = dict(self.person)
        return told({"access_token": access, "token_type": "Bearer", "expires_in": 3600, **self.more(grant, access)})

    def more(self, grant: dict[str, str], access: str) -> dict[str, Any]:
        """What else comes with a token."""
        return {}

    def refused(self) -> Reply:
        """RFC 6749, 5.2."""
        return told({"error": "invalid_grant", "error_description": "<b>no</b>"}, 400)

    def client_of(self, request: Request) -> str:
        """RFC 6749, 2.3.1: which client has shown its secret, in the header or in the form; empty for none."""
        name, _, shown = request.headers.get("Authorization", "").partition(" ")
        if name == "Basic":
            client, _, secret = base64.b64decode(shown).decode().partition(":")
        else:
            client, secret = request.one("client_id"), request.one("client_secret")
        return client if secret == SECRET else ""

    def whose(self, request: Request) -> dict[str, Any] | None:
        """RFC 6750, 2.1: whose token this is."""
        return self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))


class FakeOpenId(FakeProvider):
    """An OpenID provider. `claims` and `document` say what differs from the truth; `key` signs, `shown` is told."""

    paths = {
        "discovery": "/.well-known/openid-configuration",
        "authorize": "/authorize",
        "token": "/token",
        "keys": "/keys",
        "userinfo": "/me",
    }

    def __init__(self) -> None:
        super().__init__()
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.shown = [self.key]
        self.claims: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.userinfo_of: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed

    def said_back(self) -> dict[str, str]:
        """RFC 9207, 2."""
        return {"iss": self.url}

    def discovery(self, _request: Request) -> Reply:
        """OpenID Connect Discovery, 3."""
        ends = {name: f"{self.url}{path}" for name, path in self.paths.items()}
        return told(
            {
                "issuer": self.url,
                "authorization_endpoint": ends["authorize"],
                "token_endpoint": ends["token"],
                "jwks_uri": ends["keys"],
                "userinfo_endpoint": ends["userinfo"],
                "authorization_response_iss_parameter_supported": True,
                **self.document,
            }
        )

    def keys(self, _request: Request) -> Reply:
        """RFC 7517, 5."""
        return told(KeySet(self.shown).as_dict(private=False))

    def more(self, grant: dict[str, str], access: str) -> dict[str, Any]:
        """OpenID Connect Core, 3.1.3.3: the ID token."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": self.person["sub"], "iat": now, "exp": now + 300}
        claims |= {"auth_time": now} if "max_age" in grant else {}
        claims |= {"nonce": grant.get("nonce"), **self.claims}
        return {"id_token": self.sign({name: value for name, value in claims.items() if value is not None})}

    def signed(self, claims: dict[str, Any]) -> str:
        """RFC 7515, as it should be."""
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)

    def signed_by_another(self, claims: dict[str, Any]) -> str:
        """By a key that is not published, under the name of one that is."""
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, ECKey.generate_key("P-256"))

    def signed_by_nobody(self, claims: dict[str, Any]) -> str:
        """RFC 7515, A.5: alg none."""
        return joined({"alg": "none"}, claims) + "."

    def signed_by_client_secret(self, claims: dict[str, Any]) -> str:
        """RFC 7518, 3.2: HS256, with what every client knows."""
        return with_mac(joined({"alg": "HS256"}, claims), SECRET.encode())

    def signed_by_public_key(self, claims: dict[str, Any]) -> str:
        """HS256 with the published key as the secret (RFC 8725, 2.1)."""
        return with_mac(joined({"alg": "HS256", "kid": "one"}, claims), self.key.as_pem(private=False))

    def userinfo(self, request: Request) -> Reply:
        """OpenID Connect Core, 5.3."""
        person = self.whose(request)
        return told({**person, **self.userinfo_of}) if person else Reply(401)


class FakeMediaWiki(FakeProvider):
    """MediaWiki 1.39.17 with the extension OAuth at branch REL1_39, as both answered when they were asked by hand.

    `grants_of_consumer` is what was ticked when the portal was registered, `is_confidential` whether it got a secret;
    `says_no` is who presses “Cancel”, `is_hidden` whose name the wiki suppresses.
    """

    paths = {
        "authorize": "/rest.php/oauth2/authorize",
        "token": "/rest.php/oauth2/access_token",
        "profile": "/rest.php/oauth2/resource/profile",
    }

    def __init__(self) -> None:
        super().__init__()
        self.grants_of_consumer = ["mwoauth-authonlyprivate"]
        self.is_confidential, self.says_no, self.is_hidden, self.is_blocked = True, False, False, False

    def authorize(self, request: Request) -> Reply:
        """Rest/Handler/Authorize::execute. A no is an Exception/ClientApprovalDenyException, whose address lacks the
        state; so is that of AbstractGrant::validateScopes of league/oauth2-server for a scope it does not know.
        """
        if not self.says_no and set(request.one("scope").split()) <= {*self.grants_of_consumer}:
            return super().authorize(request)
        error = "unauthorized_client" if self.says_no else "invalid_scope"
        back = urlencode({"error": error, "error_description": "<b>no</b>", "message": "<b>no</b>"})
        return Reply(302, headers={"Location": f"{request.one('redirect_uri')}?{back}"})

    def token(self, request: Request) -> Reply:
        """Rest/Handler/AccessToken::execute; AbstractGrant::validateClient looks at the client before the code."""
        if self.client_of(request) != CLIENT:
            return told({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        return super().token(request)

    def refused(self) -> Reply:
        """AuthCodeGrant::respondToAccessTokenRequest: of a code that was used, is too old or is none at all."""
        return told({"error": "invalid_request", "hint": "Authorization code has been revoked"}, 400)

    def client_of(self, request: Request) -> str:
        """Of a client that is not confidential no secret is asked, and none is looked at."""
        return super().client_of(request) if self.is_confidential else request.one("client_id")

    def more(self, grant: dict[str, str], access: str) -> dict[str, Any]:
        """One to refresh it comes also to a client that may not use it."""
        return {"refresh_token": secrets.token_urlsafe(9)}

    def profile(self, request: Request) -> Reply:
        """Rest/Handler/Resource::execute: fails itself where nobody says who asks, and calls its JSON a page."""
        if "Authorization" not in request.headers:
            return told({"message": "Error: Header value can not be an empty array.", "httpCode": 500}, 500)
        person = self.whose(request)
        if person is None:
            return told({"error": "access_denied", "hint": "The JWT string must have two dots"}, 401)
        return Reply(200, json.dumps(self.told_of(person)).encode(), {"Content-Type": "text/html; charset=UTF-8"})

    def told_of(self, person: dict[str, Any]) -> dict[str, Any]:
        """UserStatementProvider::getUserProfile. `blocked` is true also for who may not edit one page, and for whoever
        comes through a server whose address is blocked; `confirmed_email` also where $wgEmailAuthentication is false.
        """
        if self.is_hidden:
            return {"sub": person["sub"], "blocked": True}
        who = {"sub": person["sub"], "username": person["preferred_username"], "editcount": 3}
        who |= {"confirmed_email": person["email_verified"], "blocked": self.is_blocked, "registered": "20261201034130"}
        who |= {"groups": ["*", "user"], "rights": [], "grants": self.grants_of_consumer}
        private = {"realname": person["name"], "email": person["email"]}
        return who | (private if "mwoauth-authonlyprivate" in self.grants_of_consumer else {})


class FakeGitHub(FakeProvider):
    """GitHub Enterprise Server, whose API is below /api/v3; github.com has it on another host."""

    paths = {
        "authorize": "/login/oauth/authorize",
        "token": "/login/oauth/access_token",
        "user": "/api/v3/user",
        "emails": "/api/v3/user/emails",
    }

    def refused(self) -> Reply:
        """It says 200 and means 400."""
        return told({"error": "bad_verification_code", "error_description": "The code is incorrect or expired."})

    def user(self, request: Request) -> Reply:
        """GET /user: `email` is the public one, whoever confirmed it."""
        person = self.whose(request)
        if person is None:
            return Reply(401)
        said = {"id": int(person["sub"]), "login": person["preferred_username"], "name": person["name"]}
        return told({**said, "email": "public@example.org"})

    def emails(self, request: Request) -> Reply:
        """GET /user/emails."""
        person = self.whose(request)
        if person is None:
            return Reply(401)
        other = {"email": "old@example.org", "primary": False, "verified": True}
        return told([other, {"email": person["email"], "primary": True, "verified": person["email_verified"]}])
