"""What does a person have besides a password? An authenticator app, passkeys, recovery codes.

allauth keeps them and does the arithmetic; here a code is accepted once only, in
signing in and stepping up alike, because the counter of the last one is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal.auth import get_credentials
from django.conf import settings
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AuthenticationResponse,
    AuthenticatorAttachment,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from safelight.records.accounts.adapters import FactorAdapter
from safelight.records.accounts.errors import CodeRefusedError, PasskeyRefusedError
from safelight.records.accounts.factor_kinds import FactorKind, kind_as_registered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from safelight.records.accounts.models import Account

_MALFORMED = (ValueError, TypeError, KeyError, AttributeError)


def accept_app_code(account: Account, code: str, *, at: datetime) -> Authenticator:
    """Use up a code of the authenticator app, inside the caller's transaction.

    Codes follow real time, since that is what the app on the phone knows.

    Raises:
        CodeRefusedError: wrong, or not newer than the last one used.
    """
    row = (
        Authenticator.objects.select_for_update()
        .filter(user=account, type=Authenticator.Type.TOTP)
        .first()
    )
    if row is None:
        raise CodeRefusedError
    counter = matching_counter(row.data["secret"], code)
    if counter is None or counter <= row.data.get("last_counter", 0):
        raise CodeRefusedError
    row.data["last_counter"] = counter
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])
    return row


def matching_counter(secret: str, code: str) -> int | None:
    """Return the 30-second counter whose code this is, among now and its neighbours."""
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if compare_user_code(actual=code, expected=expected):
            return int(counter)
    return None


def accept_recovery_code(account: Account, code: str, *, at: datetime) -> Authenticator:
    """Use up a recovery code, inside the caller's transaction.

    Raises:
        CodeRefusedError: wrong, or used already.
    """
    row = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None or not row.wrap().validate_code(code.strip()):
        raise CodeRefusedError
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=at)
    return row


def registration_question(
    account: Account, *, on_a_key: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options for the browser to make a passkey, and the state to keep.

    `on_a_key` asks for something apart from this device, such as a hardware security key.
    """
    options, state = _server().register_begin(
        user=PublicKeyCredentialUserEntity(
            **FactorAdapter().get_public_key_credential_user_entity(account)
        ),
        credentials=get_credentials(account),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        authenticator_attachment=AuthenticatorAttachment.CROSS_PLATFORM if on_a_key else None,
        extensions={"credProps": True},
    )
    return dict(options), dict(state)


def registered_passkey(state: Mapping[str, Any], credential: dict[str, Any]) -> FactorKind:
    """Check what the browser made, and say what it is.

    Raises:
        PasskeyRefusedError: it answers another question, or names another host.
    """
    try:
        RegistrationResponse.from_dict(credential)
        made = _server().register_complete(state, credential)
        is_backed_up = bool(made.flags & AuthenticatorData.FLAG.BE)
        return kind_as_registered(credential, is_backed_up=is_backed_up)
    except _MALFORMED:
        raise PasskeyRefusedError from None


def passkey_question(
    account: Account | None, *, challenge: bytes | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options for the browser to use a passkey, and the state to keep.

    Without an account, any passkey that names its account may answer.
    """
    options, state = _server().authenticate_begin(
        credentials=get_credentials(account) if account is not None else [],
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return dict(options), dict(state)


def accept_passkey(
    account: Account, state: Mapping[str, Any], credential: dict[str, Any], *, at: datetime
) -> Authenticator:
    """Check a passkey's answer, inside the caller's transaction.

    Raises:
        PasskeyRefusedError: not this account's passkey, not this question, the person
            was not verified, or a copied authenticator's counter ran behind.
    """
    try:
        answer = AuthenticationResponse.from_dict(credential)
        used = _server().authenticate_complete(state, get_credentials(account), answer)
        counter = answer.response.authenticator_data.counter
    except _MALFORMED:
        raise PasskeyRefusedError from None
    passkeys = Authenticator.objects.select_for_update().filter(
        user=account, type=Authenticator.Type.WEBAUTHN
    )
    for row in passkeys:
        if row.wrap().authenticator_data.credential_data.credential_id == used.credential_id:
            break
    else:
        raise PasskeyRefusedError
    if (counter or row.data.get("last_counter", 0)) and counter <= row.data.get("last_counter", 0):
        raise PasskeyRefusedError
    row.data["last_counter"] = counter
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])
    return row


def account_id_of(credential: dict[str, Any]) -> UUID | None:
    """Return the account that a passkey's answer names, before anything is proved."""
    try:
        return UUID(bytes=websafe_decode(credential["response"]["userHandle"]))
    except _MALFORMED:
        return None


def _server() -> Fido2Server:
    ourselves = FactorAdapter().get_public_key_credential_rp_entity()
    # Exactly our own origin: the library alone would take any port and any subdomain.
    return Fido2Server(
        PublicKeyCredentialRpEntity(**ourselves),
        verify_origin=lambda origin: origin == settings.SAFELIGHT_PUBLIC_URL,
    )
