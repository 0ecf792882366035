"""What may not be done for a while, by whom or from where?

A hold is a fact that doors ask for; who may set and lift one is decided above. No hold
keeps a person from signing in: a network that guesses is held, never the account that
it guesses at, so nobody locks somebody else out by failing on purpose.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Final

from django.db.models import Q

from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Hold, HoldKind

INSTANCE: Final = "instance"
_IPV4, _IPV6 = 24, 48


def network_name(source: str) -> str:
    """Return what stands in the trail for the network of an address: a token of its /24 or /48.

    What is no address is a network of its own.
    """
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        network = source
    else:
        width = _IPV4 if address.version == 4 else _IPV6  # noqa: PLR2004 (a version)
        network = str(ipaddress.ip_network((address, width), strict=False))
    return f"network/{token(ring().instance_key('watch-network'), network.encode()).hex()}"


def hold(kind: HoldKind, subject: str, *, until: datetime | None, at: datetime) -> Hold:
    """Hold something, inside the caller's transaction; what is held already is held longer."""
    made, is_new = Hold.objects.get_or_create(
        kind=kind, subject=subject, lifted_at=None, defaults={"since": at, "until": until}
    )
    longer = until is None or (made.until is not None and made.until < until)
    if not is_new and longer:
        made.until = until
        made.save(update_fields=["until"])
    return made


def lift(kind: HoldKind, subject: str, *, at: datetime) -> bool:
    """Lift a hold and say whether there was one."""
    held = Hold.objects.filter(kind=kind, subject=subject, lifted_at=None)
    return bool(held.update(lifted_at=at))


def lift_due(*, at: datetime) -> int:
    """Lift the holds whose time is over, and say how many."""
    return Hold.objects.filter(lifted_at=None, until__lte=at).update(lifted_at=at)


def is_held(kind: HoldKind, *subjects: str, at: datetime) -> bool:
    """Say whether one of some subjects is held at this moment."""
    lasting = Q(until=None) | Q(until__gt=at)
    return Hold.objects.filter(lasting, kind=kind, subject__in=subjects, lifted_at=None).exists()


def require_free(source: str, *, at: datetime) -> None:
    """Let pass whoever comes from a network that is not held.

    Raises:
        RateLimitedError: it is, until then.
    """
    held = Hold.objects.filter(
        kind=HoldKind.SOURCE, subject=network_name(source), lifted_at=None, until__gt=at
    ).first()
    if held is not None and held.until is not None:
        raise RateLimitedError(held.until - at)
