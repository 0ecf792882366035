"""When are terms fit to be signed, and when does a consent cover a use?

Pure rules: no database, no clock, no request. Each answers with a reason, so
that each sentence of the statement has a test beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from safelight.exchange.consent.terms import (
    LONGEST_STANDING,
    LONGEST_TERM,
    Act,
    Audience,
    Form,
    Further,
    Permission,
    Purpose,
    Terms,
)

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,63}")
_NOBODY_IN_PARTICULAR = {"anyone", "anybody", "everyone", "everybody", "public", "all", "whoever"}
# The moment between showing the page and signing it may lie before "now".
_SIGNING_ALLOWANCE = timedelta(minutes=10)
MOST_OPENINGS: Final = 1000


class Refusal(StrEnum):
    """Why a consent does not cover a use. Values are stable codes."""

    NOT_GIVEN_YET = "consent-given-later"
    NOT_STARTED = "consent-not-started"
    EXPIRED = "share_expired"
    REVOKED = "share_revoked"
    SUSPENDED = "share_paused"
    OTHER_RECIPIENT = "consent-names-another-recipient"
    OUTSIDE_ITEMS = "consent-omits-requested-item"
    SENSITIVE = "consent-omits-sensitive-class"
    NOT_PERMITTED = "consent-omits-this-use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The facts of a signed consent that decide about a use.

    `is_in_dispute`: it was given for somebody, and those who act for them disagree now.
    """

    consent_id: UUID
    permissions: frozenset[Permission]
    granted_at: datetime
    starts_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    suspended_at: datetime | None = None
    may_pass_on: bool = False
    is_in_dispute: bool = False
    sensitive: frozenset[bytes] = frozenset()
    pauses_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        """Until when it can hold at most; it pauses when the authority it was given by is over."""
        return min(self.ends_at, self.pauses_at or self.ends_at)


def refusal(granted: Granted, permission: Permission, *, at: datetime) -> Refusal | None:
    """Return the first reason the consent does not allow `permission` at `at`, or None."""
    # Whatever the clock says now: what was taken back stays so (requirements 7.4, I3).
    if granted.revoked_at is not None:
        return Refusal.REVOKED
    if granted.ends_at <= at:
        return Refusal.EXPIRED
    if granted.suspended_at is not None:
        return Refusal.SUSPENDED
    if granted.pauses_at is not None and granted.pauses_at <= at:
        return Refusal.SUSPENDED
    if granted.granted_at > at:
        return Refusal.NOT_GIVEN_YET
    if granted.starts_at > at:
        return Refusal.NOT_STARTED
    if permission not in granted.permissions:
        return Refusal.NOT_PERMITTED
    return None


def faults(terms: Terms, *, grantor_addresses: frozenset[str], at: datetime) -> dict[str, str]:
    """Name each part of the terms that cannot be signed, with a sentence for the person.

    An empty answer means the terms are fit to be shown and signed (R05).
    """
    found: dict[str, str] = {}
    if not terms.items:
        found["items"] = "Tick at least one set of pictures to share."
    if terms.recipient.audience is Audience.PERSON:
        if terms.act is Act.PUBLISH:
            found["audience"] = "Publish to a group or a whole institution; share with one person."
        found |= _recipient_faults(terms, grantor_addresses)
    else:
        found |= _audience_faults(terms)
    found |= _further_faults(terms, grantor_addresses)
    if terms.form is Form.DEIDENTIFIED:
        found |= _copy_faults(terms)
    if terms.most_openings is not None and not 1 <= terms.most_openings <= MOST_OPENINGS:
        found["most_openings"] = f"A link can be opened between 1 and {MOST_OPENINGS} times."
    if terms.purpose is Purpose.OTHER and not terms.purpose_words.strip():
        found["purpose"] = "Say in your own words what it is for."
    if Permission.VIEW not in terms.permissions:
        found["permissions"] = "The recipient must at least be able to look."
    return found | _term_faults(terms, at)


def _copy_faults(terms: Terms) -> dict[str, str]:
    """Name what cannot be agreed to about copies that do not say whose they are."""
    found = {}
    if terms.further.kind is not Further.NONE:
        found["further"] = "A copy without your name cannot be passed on through this service."
    if terms.standing is not None:
        found["standing"] = "Results to come are not copies. Share them by themselves."
    if terms.parent_id is not None or not terms.profile:
        found["form"] = "Make the copy from your own exam."
    return found


def _audience_faults(terms: Terms) -> dict[str, str]:
    recipient = terms.recipient
    if terms.act is Act.PUBLISH and recipient.audience is Audience.DESK:
        return {"audience": "Publish to a group or a whole institution."}
    if recipient.audience is Audience.GROUP and not recipient.members:
        return {"group": "This group has no members but you. Nobody could look."}
    return {}


def _further_faults(terms: Terms, grantor_addresses: frozenset[str]) -> dict[str, str]:
    further = terms.further
    if further.kind is Further.NONE:
        return {}
    if terms.act is Act.ONWARD:
        return {"further": "What was passed on once is not passed on again."}
    if not further.purposes:
        return {"further": "Choose what it may be passed on for."}
    if further.kind is Further.CLASS and not further.classes:
        return {"further": "Choose to whom it may be passed on."}
    if further.kind is Further.NAMED:
        if not further.named:
            return {"further": "Name to whom it may be passed on."}
        for one in further.named:
            if not one.name.strip() or not _ADDRESS.fullmatch(one.address):
                return {"further": "Give a name and one complete e-mail address for each."}
            if one.address in grantor_addresses:
                return {"further": "This is your own address. You can already see your exams."}
    return {}


def _recipient_faults(terms: Terms, grantor_addresses: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = terms.recipient.name.strip()
    if not name or name.casefold() in _NOBODY_IN_PARTICULAR:
        found["name"] = "Name one person or one desk. A share is always for somebody in particular."
    if not _ADDRESS.fullmatch(terms.recipient.address):
        found["address"] = "Give one complete e-mail address, such as name@clinic.example."
    elif terms.recipient.address in grantor_addresses:
        found["address"] = "This is your own address. You can already see your exams."
    return found


def _term_faults(terms: Terms, at: datetime) -> dict[str, str]:
    if terms.ends_at <= terms.starts_at:
        return {"ends": "The end must come after the start."}
    if terms.ends_at <= at:
        return {"ends": "The end lies in the past."}
    if terms.standing is not None and not at < terms.standing.until <= terms.ends_at:
        return {"standing": "Results to come can be shared until the end of the share at most."}
    if terms.ends_at - terms.starts_at > (LONGEST_STANDING if terms.standing else LONGEST_TERM):
        return {"ends": "A share can last twelve months at most. You can always share again."}
    if terms.starts_at < at - _SIGNING_ALLOWANCE:
        return {"starts": "The start lies in the past."}
    return {}
