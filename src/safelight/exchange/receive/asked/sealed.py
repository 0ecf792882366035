"""How is what is known of a parcel kept? Sealed under the key of the vault it may go into."""

from __future__ import annotations

from safelight.exchange.receive.asked.contents import Line, from_bytes
from safelight.exchange.receive.models import Parcel, ParcelPart
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring


def lines_of(part: ParcelPart) -> list[Line]:
    """Return what was found in one bundle."""
    return from_bytes(unseal_of(part.parcel, bytes(part.sealed_contents), f"parcel|{part.pk}"))


def seal_for(parcel: Parcel, data: bytes, bound_to: str) -> bytes:
    """Seal what is known of a parcel."""
    return seal(ring().ledger_key(parcel.vault_id), data, bound_to=bound_to)


def unseal_of(parcel: Parcel, data: bytes, bound_to: str) -> bytes:
    """Open what was sealed of a parcel."""
    return unseal(ring().ledger_key(parcel.vault_id), data, bound_to=bound_to)
