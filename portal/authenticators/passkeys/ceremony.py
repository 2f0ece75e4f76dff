"""What browsers are asked, and whether they answer it: the ceremonies of WebAuthn (level 2), by py_webauthn.

The library is loaded by the first who needs it: with all its formats it takes a third of a start of the portal.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from portal.authenticators.models import Passkey
from portal.authenticators.passkeys.rules import (
    CHALLENGE_BYTES,
    HANDLE_BYTES,
    PATIENCE,
    PasskeyChallenge,
    RelyingParty,
    mark_of_id,
)
from portal.people.models import Person

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MILLISECONDS = int(PATIENCE.total_seconds() * 1000)
FORMATS = {"none", "packed"}
"""What a new passkey may come with. Others hold certificates, which nobody here asks for: none is even read."""


class AnswerRefused(Exception):
    """What a browser answered does not show what it should."""


def begin(purpose: str, person: Person | None, passkeys: Sequence[Passkey], now: datetime) -> PasskeyChallenge:
    """A new challenge. All passkeys of a person carry one handle, made by chance, which says nothing of them."""
    handle = passkeys[0].user_handle if passkeys else secrets.token_bytes(HANDLE_BYTES)
    return PasskeyChallenge(purpose, secrets.token_bytes(CHALLENGE_BYTES), handle, person.id if person else None, now)


def adding_options(
    begun: PasskeyChallenge, party: RelyingParty, site: str, person: Person, have: Sequence[Passkey]
) -> str:
    """As JSON, what the browser is asked that shall make a passkey: on no device that has one already."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=site,
        user_id=begun.handle,
        user_name=person.username,
        user_display_name=person.display_name,
        challenge=begun.challenge,
        timeout=MILLISECONDS,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(have),
    )
    return webauthn.options_to_json(options)


def showing_options(begun: PasskeyChallenge, party: RelyingParty, have: Sequence[Passkey]) -> str:
    """As JSON, what the browser is asked that shall show a passkey: one of these, or whichever it has."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=begun.challenge,
        timeout=MILLISECONDS,
        allow_credentials=_named(have),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def made_passkey(begun: PasskeyChallenge, party: RelyingParty, answer: str, name: str) -> Passkey:
    """The passkey that the browser has made. Raises AnswerRefused."""
    import webauthn
    from webauthn.helpers import parse_attestation_object, parse_registration_credential_json

    try:
        credential = parse_registration_credential_json(answer)
        if parse_attestation_object(credential.response.attestation_object).fmt not in FORMATS:
            raise AnswerRefused
        seen = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=begun.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # Made by a stranger: whatever goes wrong in reading it, it shows nothing.
        raise AnswerRefused from error
    made = Passkey(name=name, mark=mark_of_id(seen.credential_id), credential_id=seen.credential_id)
    made.public_key, made.sign_count, made.user_handle = seen.credential_public_key, seen.sign_count, begun.handle
    return made


def named_in(answer: str) -> tuple[bytes, bytes | None]:
    """The id of the passkey that a browser shows, and the handle of whom it holds it for. Raises AnswerRefused."""
    import webauthn.helpers

    try:
        read = webauthn.helpers.parse_authentication_credential_json(answer)
    except Exception as error:
        raise AnswerRefused from error
    return read.raw_id, read.response.user_handle


def shown_count(begun: PasskeyChallenge, party: RelyingParty, answer: str, passkey: Passkey) -> int:
    """How often this passkey has signed, as it says itself (always 0 for some). Raises AnswerRefused when it does not
    show that somebody unlocked it now, for this site; or has signed no more often than it had before: there may be two.
    """
    import webauthn

    try:
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=begun.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise AnswerRefused from error
    return seen.new_sign_count


def as_json(options: str) -> object:
    """What the library wrote, to be sent on."""
    return json.loads(options)


def _named(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in passkeys]
