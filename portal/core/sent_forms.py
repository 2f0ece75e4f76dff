"""What a browser sent as a form: which form it was, the page it stood on, and what was typed.

Every form of the house carries three hidden fields: the CSRF token; a key, new each time the form is shown, by which
a repeat is known; and the address of its page, to which the words can come back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cryptography.fernet import Fernet
from flask import Flask, current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.core.form_limits import FORM_TYPES, MOST_GIVEN_BACK, measure_again
from portal.core.web import is_api

KEY, PAGE, TOKEN, LOOK, DRAFT = "form_key", "form_page", "csrf_token", "form_look", "draft"
"""The hidden fields of a form; the button that only looks something up for it; and what says in an address that the
page shows what was typed before."""
PROVED = "proved"
"""In an address: the draft was kept while somebody showed that it is them."""
UNSAID = "password"
"""A field with this in its name is never kept, nor shown again."""
SHORT = 24
"""Characters up to which one word may be a choice or a name, easily given again."""


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent: to which path, and what was typed.

    Its key says by `nonce` which form it is, shown once, and to whom: `owner` is what the session named the person by
    (empty: a visitor). Both are empty where the form carries no key of ours. It stood on `page`, which showed `draft`.
    `fields` hold no password; `digest` is the same only for what is sent to the same place with the same words and the
    same password. Nobody can guess at a password by it who has not seen the form: its nonce is part of the secret.
    """

    path: str
    nonce: str
    owner: str
    page: str
    draft: str
    fields: tuple[tuple[str, str], ...]
    digest: str

    @property
    def key(self) -> str:
        """By this a form that was done is known; it does not tell the nonce. Empty where there is none."""
        return hashlib.sha256(self.nonce.encode()).hexdigest()[:32] if self.nonce else ""

    @property
    def seal(self) -> Fernet:
        """Closes and opens what only who sends this form may get back: its nonce, which is kept nowhere, is the key."""
        key = hashlib.sha256(f"seal:{current_app.secret_key!s}:{self.nonce}".encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    @property
    def words(self) -> list[str]:
        """What somebody must have written: values of more than one short word."""
        values = (value.strip() for _name, value in self.fields)
        return [value for value in values if len(value) > SHORT or len(value.split()) > 1]


def install(app: Flask) -> None:
    """Let templates mark their forms."""
    app.jinja_env.globals["form_key"] = form_key
    app.jinja_env.globals["form_page"] = form_page


def form_key() -> str:
    """A key for a form that is shown now."""
    return str(_serializer().dumps([secrets.token_urlsafe(16), session_owner()]))


def form_page() -> str:
    """The page on which the form stands that is shown now; one that comes back with errors stands where it stood."""
    sent = too_large_form() if request.method == "POST" else None
    return with_draft(sent.page, sent.draft) if sent else _address(*_here(), without={"uselang"})


def session_owner() -> str:
    """Whom the session names, by their id and by what tells it from their other sessions, whether they may be signed in
    or not; empty for a visitor. It stands in every form, so it does not tell what the cookie holds.
    """
    person_id, _, secret = str(session.get("_user_id", "")).partition(".")
    digest = hashlib.sha256(f"form:{secret}".encode()).digest()
    return f"{person_id}.{base64.urlsafe_b64encode(digest)[:5].decode()}" if person_id else ""


def is_form() -> bool:
    """Whether this request is a form sent from a page of this site, and not by another site or a program."""
    is_sent = request.method == "POST" and request.mimetype in FORM_TYPES and not is_api()
    return is_sent and request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def sent_form() -> SentForm | None:
    """The form of this request; None when it is none. Raises RequestEntityTooLarge."""
    return _read(request.form) if is_form() else None


def too_large_form() -> SentForm | None:
    """The form of this request, also one that is too large to be taken; None when it is far too large, or none."""
    try:
        return sent_form()
    except HTTPException as error:
        if not isinstance(error, RequestEntityTooLarge):
            return None
        if (request.content_length or MOST_GIVEN_BACK) >= MOST_GIVEN_BACK:
            return None
    try:
        measure_again()
        return sent_form()
    except HTTPException:  # it has far too many fields, or never comes to its end
        return None


def with_draft(page: str, draft: str, why: str = "") -> str:
    """The address of a page that shows this draft; `why` stands in it, too, where that is said on the page."""
    address = _address(*_split(page), draft=draft)
    return f"{address}&{why}=yes" if why else address


def plain_breaks(text: str) -> str:
    """The text with its line breaks as they were typed: browsers count each as one, and send two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(form: MultiDict[str, str]) -> SentForm:
    page = _local(form.get(PAGE, "")) or _local(_own_referrer()) or _address(*_here(), without=())
    path, query = _split(page)
    typed = [
        (name, plain_breaks(value).replace("\0", ""))
        for name, value in form.items(multi=True)
        if name not in {KEY, PAGE, TOKEN, LOOK}
    ]
    fields = tuple((name, value) for name, value in typed if UNSAID not in name)
    sent_to, (nonce, owner) = _address(*_here()), _key(form.get(KEY, ""))
    draft = dict(parse_qsl(query)).get(DRAFT, "")
    return SentForm(sent_to, nonce, owner, _address(path, query), draft, fields, _digest(nonce, [sent_to, *typed]))


def _digest(nonce: str, sent: list[Any]) -> str:
    secret = str(current_app.secret_key) + nonce
    return hmac.new(secret.encode(), json.dumps(sent).encode(), hashlib.sha256).hexdigest()


def _key(text: str) -> tuple[str, str]:
    try:
        nonce, owner = _serializer().loads(text)
    except (BadSignature, TypeError, ValueError):
        return "", ""
    return str(nonce), str(owner)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="portal.form")


def _local(page: str) -> str:
    """The address when it is one below this site's root, else nothing."""
    is_local = page.startswith("/") and not page.startswith(("//", "/\\"))
    return page if is_local and not any(ord(letter) <= 32 for letter in page) else ""


def _own_referrer() -> str:
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host or not referrer.path.startswith(request.script_root):
        return ""
    return _address(referrer.path[len(request.script_root) :], referrer.query)


def _here() -> tuple[str, str]:
    return quote(request.path, safe="/:@!$&'()*+,;=~"), request.query_string.decode(errors="replace")


def _split(page: str) -> tuple[str, str]:
    split = urlsplit(page)
    return split.path, split.query


def _address(path: str, query: str, *, without: Any = frozenset({DRAFT, PROVED, "uselang"}), draft: str = "") -> str:
    arguments = [(name, value) for name, value in parse_qsl(query) if name not in without]
    query = urlencode([*arguments, *([(DRAFT, draft)] if draft else [])])
    return f"{path}?{query}" if query else path
