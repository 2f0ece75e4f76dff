"""Where each kind of sign-in service answers, and what an ID token must be to be believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from portal.clients.errors import BadAnswer
from portal.clients.identities import IdentityRefused
from portal.clients.trusted_servers import require_trusted_address
from portal.core.config import SignInConfig

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""By which ID tokens may be signed: with a key that only the service has. So neither none nor HS256."""
LEEWAY = 60
"""Seconds by which two clocks may differ."""
KEPT_FOR, YOUNG_FOR, DOWN_FOR = 3600.0, 60.0, 10.0
"""Seconds for which what a service says of itself is kept, for which it is not asked again whatever comes, and for
which it is left alone when it did not answer: nobody waits behind others for a server that is down.
"""
LONGEST_TOKEN = 32 * 1024
ReadKeys = Callable[[bool], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a service answers. `emails` and `keys` are empty where it has none."""

    issuer: str
    authorize: str
    token: str
    profile: str
    scope: str
    emails: str = ""
    keys: str = ""
    says_issuer: bool = False
    posts_secret: bool = False


class Kept:
    """Something that a service said, and since when."""

    def __init__(self) -> None:
        self._since = 0.0
        self._said: Any = None

    def keep(self, said: Any) -> None:
        """From now on this."""
        self._since, self._said = time.monotonic(), said

    def within(self, seconds: float) -> Any:
        """What it said in the last so many seconds, or None."""
        return self._said if self._said is not None and time.monotonic() < self._since + seconds else None


def is_openid(provider: SignInConfig) -> bool:
    """Whether it says who somebody is in an ID token."""
    return provider.kind not in {"mediawiki", "github"}


def well_known(issuer: str) -> str:
    """Where an OpenID provider says what it is (OpenID Connect Discovery 4)."""
    return f"{issuer}/.well-known/openid-configuration"


def endpoints_of(provider: SignInConfig, document: Any) -> Endpoints:
    """Where this service answers; `document` is what an OpenID provider says of itself. Raises BadAnswer, NotPublic."""
    if is_openid(provider):
        return _openid(provider.url, document)
    url = provider.url
    if provider.kind == "mediawiki":
        rest = f"{url}/rest.php/oauth2"
        return Endpoints(url, f"{rest}/authorize", f"{rest}/access_token", f"{rest}/resource/profile", "")
    api = "https://api.github.com" if urlsplit(url).hostname == "github.com" else f"{url}/api/v3"
    door = f"{url}/login/oauth"
    scope = "read:user user:email"
    return Endpoints(url, f"{door}/authorize", f"{door}/access_token", f"{api}/user", scope, f"{api}/user/emails")


def _openid(url: str, document: Any) -> Endpoints:
    if not isinstance(document, dict):
        raise BadAnswer(f"{url} says nothing of itself")
    said = {key: value for key, value in document.items() if isinstance(value, str)}
    # OpenID Connect Discovery 4.3: the same address, or somebody else answers for it.
    if said.get("issuer", "").rstrip("/") != url:
        raise IdentityRefused("wrong_issuer")
    if not all(said.get(key) for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
        raise BadAnswer(f"{url} does not say where it answers")
    for key in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        if said.get(key):
            require_trusted_address(url, said[key])
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Endpoints(
        issuer=said["issuer"],
        authorize=said["authorization_endpoint"],
        token=said["token_endpoint"],
        profile=said.get("userinfo_endpoint", ""),
        scope="openid profile email",
        keys=said["jwks_uri"],
        says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        posts_secret=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def read_claims(
    ends: Endpoints, keys: ReadKeys, *, client_id: str, nonce: str, token: Mapping[str, Any]
) -> dict[str, Any]:
    """What the ID token says that came with this answer of a token endpoint (OpenID Connect Core 3.1.3.7).

    Raises IdentityRefused unless it is signed by the service, for this site and this sign-in, and still good.
    """
    written = token.get("id_token")
    if not isinstance(written, str) or len(written) > LONGEST_TOKEN:
        raise IdentityRefused("wrong_token")
    try:
        decoded = _decoded(written, keys)
        options: Any = {"iss": _must_be(ends.issuer), "aud": _must_be(client_id), "nonce": _must_be(nonce)}
        known = {"client_id": client_id, "nonce": nonce, "access_token": token["access_token"]}
        claims = CodeIDToken(decoded.claims, decoded.header, options, known)
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise IdentityRefused("wrong_token") from error
    return dict(claims)


def require_anew(claims: Mapping[str, Any], since: int) -> None:
    """Raises IdentityRefused unless somebody has signed in there after that second, as they were asked to: a service
    that is asked by max_age says when (OpenID Connect Core 2 and 3.1.2.1). What it does not say, nobody has shown.
    """
    at = claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool) or not since - LEEWAY <= at <= time.time() + LEEWAY:
        raise IdentityRefused("not_anew")


def _must_be(value: str) -> dict[str, Any]:
    return {"essential": True, "value": value}


def _decoded(written: str, keys: ReadKeys) -> jwt.Token:
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    try:
        return jwt.decode(written, KeySet.import_key_set(_signing(keys(False))), registry=registry)
    except (InvalidKeyIdError, BadSignatureError, ValueError):
        # It may sign with a new key since we asked.
        return jwt.decode(written, KeySet.import_key_set(_signing(keys(True))), registry=registry)


def _signing(keys: dict[str, Any]) -> Any:
    """The keys that sign, of those this program knows; neither shared secrets nor keys to encrypt with."""
    known = [key for key in keys.get("keys", []) if isinstance(key, dict)]
    usable = [key for key in known if key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"]
    return {"keys": usable}
