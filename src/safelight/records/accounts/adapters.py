"""What does allauth ask of us? Who we are to an authenticator, and what to call a person there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from qrcode.image.svg import SvgPathFillImage

if TYPE_CHECKING:
    from safelight.records.accounts.models import Account


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's second factors under our name, host and people."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the relying party by the public address, never by the Host header."""
        host = urlsplit(settings.SAFELIGHT_PUBLIC_URL).hostname or "localhost"
        return {"id": host, "name": settings.SAFELIGHT_OPERATOR}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """Name the person to the authenticator, which shows it when asked to sign in."""
        return {"id": user.pk.bytes, "display_name": user.name, "name": user.name}

    def build_totp_svg(self, url: str) -> str:
        """Draw the picture for an app to scan, on white, so that dark pages can show it too."""
        drawn = io.BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def get_totp_issuer(self) -> str:
        """Name ourselves in an authenticator app."""
        return str(settings.SAFELIGHT_OPERATOR)

    def get_totp_label(self, user: Account) -> str:
        """Name the account in an authenticator app."""
        return str(user.name)
