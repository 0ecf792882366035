"""What must be known to decide about one actor and one study?

Plain values, loaded by `load.py` and judged by `rules.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from safelight.exchange.access.decision import Part
from safelight.exchange.consent.rules import Granted
from safelight.kernel.errors import NotFoundError


class PartyKind(StrEnum):
    """What sort of actor asks."""

    ANONYMOUS = "anonymous"
    INDIVIDUAL = "individual"
    PROVIDER = "provider"
    GUEST = "guest"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who asks, as far as the rules care.

    `token_scopes` is None for a session. Who accepted an earlier version of the statement, and
    not the one that binds now, `is_limited` to what is their own. `desks` are those of the
    `organizations` whose imaging desk the party belongs to. `only_own` is for a token that was
    made for what is about the account itself. A guest is somebody who proved to be the
    recipient named in `consent_id`. A system is a partner's, or an institution's own
    (`is_own`): its connection stands where a person's account does, and `serves` is the
    institution with which it is connected. `only` are the exams to which an address bounds
    whoever asks there, None for no bounds.
    """

    kind: PartyKind
    account_id: UUID | None = None
    session: str = ""
    second_factor: bool = False
    active: bool = False
    statement_accepted: bool = False
    is_limited: bool = False
    token_scopes: frozenset[str] | None = None
    only_own: bool = False
    organizations: frozenset[UUID] = frozenset()
    desks: frozenset[UUID] = frozenset()
    consent_id: UUID | None = None
    share_id: UUID | None = None
    until: datetime | None = None
    is_unlimited: bool = False
    serves: UUID | None = None
    is_own: bool = False
    only: frozenset[UUID] | None = None

    @property
    def account(self) -> UUID:
        """Return the account that acts.

        Raises:
            NotFoundError: nobody, or a guest, has no account.
        """
        if self.account_id is None:
            raise NotFoundError
        return self.account_id

    @property
    def name(self) -> str:
        """Return the opaque name under which the record speaks of this actor."""
        if self.kind is PartyKind.GUEST:
            return f"share/{self.share_id}"
        if self.kind is PartyKind.SYSTEM:
            return f"connection/{self.account_id}"
        return f"account/{self.account_id}" if self.account_id else "anonymous"


NOBODY = Party(kind=PartyKind.ANONYMOUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A consent that names this party, and what of the study it covers.

    `whole` is for a study that came after a standing consent and is covered by it.
    """

    granted: Granted
    series: Mapping[UUID, Part]
    whole: bool = False


class Power(StrEnum):
    """How far somebody may act for another."""

    LOOK = "look"
    SHARE = "share"
    MANAGE = "manage"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The party's own authority to act for the person whose study it is."""

    representative_id: UUID
    powers: frozenset[Power]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """From when until when the party is entered as treating this patient."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """An access of the party's own for a few hours, without a relation: staff, or an emergency."""

    access_id: UUID
    is_emergency: bool
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """One study: whose it is, who keeps it, who treats the patient, what was agreed.

    `party_treats_patient` by having brought the exam in; `care` is what the desk entered.
    `mandates` are the party's to act for that person; `is_in_dispute` is what a
    representative said of them; `is_in_confidence` hides it from all of them.
    `is_of_another` says that whoever keeps it in their own vault is not the patient.
    `timed` are what two of the staff, or a clinician in an emergency, opened to the party.
    """

    study_id: UUID
    vault_id: UUID
    filed: bool
    owner_account: UUID | None
    custodian_account: UUID | None
    custodian_organization: UUID | None
    party_treats_patient: bool
    grants: tuple[Grant, ...]
    sensitive: frozenset[bytes] = frozenset()
    mandates: tuple[Mandate, ...] = ()
    is_in_dispute: bool = False
    is_in_confidence: bool = False
    is_of_another: bool = False
    care: tuple[Care, ...] = ()
    timed: tuple[Timed, ...] = ()

    @property
    def may_be_in_care(self) -> bool:
        """Whether the party treats, treated, or will treat this patient by what is known."""
        return self.party_treats_patient or bool(self.care)

    @property
    def owner(self) -> UUID | None:
        """The person it is about where they claimed it, else who keeps it in their own vault."""
        if self.is_of_another:
            return self.owner_account if self.owner_account != self.custodian_account else None
        return self.owner_account or self.custodian_account
