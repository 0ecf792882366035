"""In what words is a question about access asked and answered?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Action(StrEnum):
    """What somebody wants to do with an exam.

    To prepare is to draft a share and to read its words; nothing is shared by
    it, so a program may do it for a person, who then signs. To pass on is what a
    recipient does with the exam of somebody who agreed to that. To report is to add
    a signed report to an exam, as one who treats the patient.
    """

    VIEW = "view"
    DOWNLOAD = "download"
    SHARE = "share"
    PREPARE = "prepare"
    PASS_ON = "pass-on"  # noqa: S105 (an action, not a secret)
    REMOVE = "remove"
    REPORT = "report"
    READ_ACTIVITY = "read-activity"


class Reason(StrEnum):
    """Why the answer is what it is. Values are stable codes."""

    OWNER = "owner"
    REPRESENTATIVE = "representative"
    CARE_RELATION = "care-relation"
    CONSENT = "consent"
    ELEVATION = "elevation"
    BREAK_GLASS = "break-glass"
    OWN_SYSTEM = "own-system"

    NOT_SIGNED_IN = "auth_required"
    SECOND_FACTOR_MISSING = "second-factor-missing"
    TOKEN_OMITS_SCOPE = "token-omits-scope"  # noqa: S105 (a reason, not a secret)
    ACCOUNT_NOT_ACTIVE = "account_limited"
    STATEMENT_NOT_ACCEPTED = "policy_acceptance_required"
    NOT_HERE = "not_found"
    NO_RELATION = "no-relation"
    NOT_THE_OWNER = "not-the-owner"
    BEYOND_AUTHORITY = "beyond-the-representatives-authority"
    IN_DISPUTE = "representatives-in-dispute"
    CUSTODIAN_KEEPS = "kept-by-its-custodian"
    ONWARD_RELEASE = "further_release_not_contemplated"
    WRITTEN_CONSENT_ENDED = "consent-ended"
    RECOVERING = "recovering"
    CONNECTION_CLOSED = "connection_closed"


@dataclass(frozen=True, slots=True)
class Part:
    """Which objects of one series are covered: all up to an arrival, and single ones."""

    up_to: int = -1
    only: frozenset[int] = frozenset()

    def covers(self, arrival: int) -> bool:
        """Say whether one instance lies inside."""
        return arrival <= self.up_to or arrival in self.only

    def and_also(self, other: Part) -> Part:
        """Return what either covers."""
        up_to = max(self.up_to, other.up_to)
        single = frozenset(each for each in self.only | other.only if each > up_to)
        return Part(up_to, single)


NO_PART = Part()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of one study an answer covers.

    Either the whole study, or parts of named series: what came later is not
    covered.
    """

    whole: bool = False
    series: Mapping[UUID, Part] = field(default_factory=dict)

    def part_of(self, series_id: UUID) -> Part:
        """Return what is covered of one series, where it is not the whole study."""
        return self.series.get(series_id, NO_PART)

    def covers(self, series_id: UUID, arrival: int) -> bool:
        """Say whether one instance lies inside."""
        return self.whole or self.part_of(series_id).covers(arrival)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all is covered."""
        return not self.whole and not self.series


NOTHING = Scope()
EVERYTHING = Scope(whole=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, its reason, what it covers and how long it may be remembered.

    `consents` are all that let somebody in, `consent_id` the first of them; `ends_at` is when
    what was agreed to ends by itself, which a session may do before.
    """

    allowed: bool
    reason: str
    scope: Scope = NOTHING
    consent_id: UUID | None = None
    consents: tuple[UUID, ...] = ()
    until: datetime | None = None
    ends_at: datetime | None = None
    representative_id: UUID | None = None
    timed_access_id: UUID | None = None
