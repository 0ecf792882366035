"""What is this second factor: an app, a passkey, or a hardware security key?

A security key is a thing of its own that is plugged in or held near, and that never lets
its secret be copied elsewhere. What the browser says of it at registration decides, and
the authenticator's own word that its secret is backed up is believed against it. Nobody
vouches for either, so a key is worth no more than a passkey: both must check the person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from allauth.mfa.models import Authenticator

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLUGGED_OR_NEAR: Final = frozenset({"usb", "nfc", "ble", "smart-card"})
_KIND: Final = "safelight_kind"


class FactorKind(StrEnum):
    """Values are stable codes; a signature record names the last two as methods."""

    APP = "app"
    PASSKEY = "passkey"
    SECURITY_KEY = "security-key"


def kind_as_registered(credential: Mapping[str, Any], *, is_backed_up: bool) -> FactorKind:
    """Judge what a browser has just made, by how it says that it reaches it."""
    said = credential["response"].get("transports")
    ways = {each for each in said if isinstance(each, str)} if isinstance(said, list) else set()
    is_apart = credential.get("authenticatorAttachment") == "cross-platform"
    if is_apart and ways and ways <= _PLUGGED_OR_NEAR and not is_backed_up:
        return FactorKind.SECURITY_KEY
    return FactorKind.PASSKEY


def keep_kind(row: Authenticator, kind: FactorKind) -> None:
    """Write down what a new passkey is."""
    row.data[_KIND] = kind.value
    row.save(update_fields=["data"])


def kind_of(row: Authenticator) -> FactorKind:
    """Return what a second factor is; one from before kinds were kept is a passkey."""
    if row.type == Authenticator.Type.TOTP:
        return FactorKind.APP
    return FactorKind(row.data.get(_KIND, FactorKind.PASSKEY))
