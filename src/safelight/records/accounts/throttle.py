"""How often may something be tried? Counted in the database, under keyed tokens.

A try is taken before it is judged and given back when it was right, so that
tries in parallel cannot slip through. No counter locks an account for good:
each forgets when its window is over.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Attempts

_IPV6_NETWORK = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` tries in any window of `per`."""

    name: str
    count: int
    per: timedelta


SIGN_IN = Limit("sign-in", 10, timedelta(minutes=15))
SIGN_IN_SOURCE = Limit("sign-in-source", 100, timedelta(hours=1))
SIGN_IN_ADDRESS = Limit("sign-in-address", 100, timedelta(hours=1))
FACTOR = Limit("factor", 5, timedelta(minutes=15))
STEP_UP = Limit("step-up", 5, timedelta(minutes=15))
REGISTER_SOURCE = Limit("register-source", 30, timedelta(hours=1))
REGISTER_ADDRESS = Limit("register-address", 5, timedelta(hours=1))
RESET_ADDRESS = Limit("reset-address", 3, timedelta(hours=1))
RESET_SOURCE = Limit("reset-source", 30, timedelta(hours=1))
NOT_ME_ADDRESS = Limit("not-me-address", 3, timedelta(hours=1))
NOT_ME_SOURCE = Limit("not-me-source", 30, timedelta(hours=1))
GROUP_MEMBER = Limit("group-member", 60, timedelta(hours=1))
CODES_SENT = Limit("codes-sent", 5, timedelta(hours=1))
CLAIMS = Limit("claims", 10, timedelta(hours=1))
INVITATIONS = Limit("invitations", 5, timedelta(hours=1))
SENDER_CODES = Limit("sender-codes", 5, timedelta(hours=1))
SENDER_ENTRIES = Limit("sender-entries", 60, timedelta(hours=1))
CONSENTS = Limit("consents", 30, timedelta(hours=1))
REDEEM_SOURCE = Limit("redeem-source", 10, timedelta(minutes=1))
DOWNLOADS = Limit("downloads", 20, timedelta(hours=1))
EXPORTS = Limit("exports", 1, timedelta(hours=1))
# Counted in memory and settled each second (allowances.py): they stand in the way of pictures.
API = Limit("api", 600, timedelta(minutes=1))
SEARCHES = Limit("searches", 600, timedelta(minutes=1))
GUEST_SEARCHES = Limit("guest-searches", 60, timedelta(minutes=1))
FINDS = Limit("finds", 120, timedelta(minutes=1))
OBJECTS = Limit("objects", 50_000, timedelta(hours=1))
GUEST_OBJECTS = Limit("guest-objects", 5_000, timedelta(hours=1))
# In KiB, each request's rounded up: bytes would not fit the counter.
UPLOADED = Limit("uploaded", 200 << 20, timedelta(days=1))
COPIES = Limit("copies", 100, timedelta(hours=1))
REMOVALS_A_MINUTE = Limit("removals-minute", 10, timedelta(minutes=1))
REMOVALS_AN_HOUR = Limit("removals-hour", 50, timedelta(hours=1))
# Exams of other people; beyond, two people must agree (exchange/release/in_bulk.py).
EXPORTED = Limit("exams-exported", 200, timedelta(days=1))
REMOVED = Limit("exams-removed", 50, timedelta(days=1))
_LONGEST = timedelta(days=1)
LIMITS = (
    *(SIGN_IN, SIGN_IN_SOURCE, SIGN_IN_ADDRESS, FACTOR, STEP_UP),
    *(REGISTER_SOURCE, REGISTER_ADDRESS, RESET_ADDRESS, RESET_SOURCE, CODES_SENT),
    *(NOT_ME_ADDRESS, NOT_ME_SOURCE),
    *(REDEEM_SOURCE, INVITATIONS, SENDER_CODES, SENDER_ENTRIES, CLAIMS, GROUP_MEMBER, CONSENTS),
    *(API, SEARCHES, GUEST_SEARCHES, FINDS, OBJECTS, GUEST_OBJECTS, DOWNLOADS, UPLOADED, EXPORTS),
    *(COPIES, REMOVALS_A_MINUTE, REMOVALS_AN_HOUR, EXPORTED, REMOVED),
)
"""All there are; docs/reference/limits.md says them in words."""


def take(limit: Limit, *about: str, at: datetime) -> None:
    """Count one try about something, in a transaction of its own.

    Raises:
        RateLimitedError: too many were taken already.
    """
    bucket = bucket_of(limit, about)
    with transaction.atomic(durable=True):
        row, _ = Attempts.objects.select_for_update().get_or_create(
            bucket=bucket, defaults={"since": at}
        )
        if at - row.since >= limit.per:
            row.since, row.count = at, 0
        row.count += 1
        row.save()
    if row.count > limit.count:
        raise RateLimitedError(row.since + limit.per - at)


def give_back(limit: Limit, *about: str) -> None:
    """Uncount a try that turned out to be right."""
    Attempts.objects.filter(bucket=bucket_of(limit, about), count__gt=0).update(
        count=F("count") - 1
    )


def forget_old(*, at: datetime) -> int:
    """Delete counters whose longest window is over, and say how many."""
    deleted, _ = Attempts.objects.filter(since__lt=at - _LONGEST).delete()
    return deleted


def network_of(source: str) -> str:
    """Return what counts as one source: an IPv4 address, or an IPv6 network of /64."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)


def bucket_of(limit: Limit, about: tuple[str, ...]) -> bytes:
    """Return the keyed token under which tries about something are counted."""
    return token(ring().instance_key("throttle"), "\0".join((limit.name, *about)).encode())
