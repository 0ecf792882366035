"""By what page does a recipient come in, drawn so that a telephone can read it?

The drawing holds the page's address and no secret: whoever scans it still needs
the code in the invitation, and then the proof of the address.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from uuid import UUID

import qrcode
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathFillImage

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.terms import Audience
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.progress import Progress, progress_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """The way in of one share, as its giver may show it to somebody beside them."""

    share_id: UUID
    page: str
    drawing: SafeString
    progress: Progress


def way_of(party: Party, consent_id: UUID) -> WayIn | None:
    """Return the way in of a live share by link, or None where there is none."""
    at = clock.now()
    found = [each for each in shared_by(party, at=at) if each.consent_id == consent_id]
    for shared in found:
        if shared.is_live and shared.terms.recipient.audience is Audience.PERSON:
            page = f"{settings.SAFELIGHT_PUBLIC_URL}/s/{to_text(shared.share_id)}"
            return WayIn(
                share_id=shared.share_id,
                page=page,
                drawing=drawn(page),
                progress=progress_of([shared], at=at)[consent_id],
            )
    return None


def drawn(address: str) -> SafeString:
    """Draw an address as a QR code, on white, so that dark pages can show it too."""
    svg = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathFillImage).save(svg)
    drawing = svg.getvalue().decode().partition("?>")[2]
    return mark_safe(drawing)  # noqa: S308 (paths alone: the address is in their shape)
