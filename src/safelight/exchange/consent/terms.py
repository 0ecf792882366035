"""What does one person agree to, in full?

The terms are what the ceremony collects and what the digest covers: these
items, this recipient, this purpose, these actions, from then until then
(L16-L19). Nothing in them is optional in meaning: an absent value is a refusal,
never "any". How they are written down is told by `terms_data.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class Act(StrEnum):
    """What is done under a consent (L20). Values are stable codes."""

    SHARE = "share"
    PUBLISH = "publish"
    ONWARD = "onward"


class Audience(StrEnum):
    """Which sort of one recipient it is; never the public (finding 3)."""

    PERSON = "person"
    DESK = "desk"
    GROUP = "group"
    ORGANIZATION = "organization"
    REGISTRY = "registry"


class Purpose(StrEnum):
    """Why something is shared. Values are stable codes."""

    TREATMENT = "treatment"
    SECOND_OPINION = "second-opinion"
    LEGAL = "legal"
    INSURANCE = "insurance"
    RESEARCH = "research"
    EDUCATION = "education"
    PERSONAL = "personal"
    OTHER = "other"


class RecipientKind(StrEnum):
    """Who the recipient is to the person; it decides which warnings are shown."""

    CLINICIAN = "clinician"
    OWN_ADDRESS = "own-address"
    FAMILY_OR_FRIEND = "family-or-friend"
    ATTORNEY = "attorney"
    INSURER = "insurer"
    RESEARCHER = "researcher"
    OTHER = "other"


class Permission(StrEnum):
    """What the recipient may do. Passing on is a matter of its own: see `FurtherRelease`."""

    VIEW = "view"
    DOWNLOAD = "download"


class SecondCheck(StrEnum):
    """How a mistyped address is kept from opening the share (R06, E14)."""

    PASSPHRASE = "passphrase"  # noqa: S105 (the name of a way, not a secret)
    OWNER_RELEASE = "owner-release"
    WAIVED = "waived"


class Sensitive(StrEnum):
    """Information that is shared only where its class is ticked by itself (R05)."""

    SUBSTANCE_USE = "substance-use"
    MENTAL_HEALTH = "mental-health"
    HIV = "hiv"
    REPRODUCTIVE = "reproductive"
    GENETIC = "genetic"
    MINOR_CONFIDENTIAL = "minor-confidential"


class Further(StrEnum):
    """Whether the recipient may pass it on (L41)."""

    NONE = "none"
    NAMED = "named"
    CLASS = "class"


class Form(StrEnum):
    """In what form it is shown: as it is, or as a copy that does not say whose it is."""

    IDENTIFIED = "identified"
    DEIDENTIFIED = "deidentified"


DEFAULT_TERM: Final = timedelta(days=30)
LONGEST_TERM: Final = timedelta(days=366)
LONGEST_STANDING: Final = timedelta(days=731)
SELF: Final = "self"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One recipient to whom something may be passed on."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherRelease:
    """To whom the recipient may pass it on, and for what; once only, never further still."""

    kind: Further = Further.NONE
    named: tuple[Named, ...] = ()
    classes: frozenset[RecipientKind] = frozenset()
    purposes: frozenset[Purpose] = frozenset()


NOT_FURTHER: Final = FurtherRelease()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of a closed list, as it stood when the consent was given."""

    account_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The one person, desk, group or institution that the terms name.

    `address` is empty where an institution or a group is meant; `members` is
    then who could look when it was agreed (R08). Of a registry, `exists_for` and
    `undertakes` are its own words for what it is for and what it holds itself to.
    """

    name: str
    address: str
    kind: RecipientKind
    account_id: UUID | None = None
    audience: Audience = Audience.PERSON
    organization_id: UUID | None = None
    group_id: UUID | None = None
    members: tuple[Member, ...] = ()
    future_members: bool = False
    exists_for: str = ""
    undertakes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One series, as it stood: later arrivals in it are not part of the item.

    `up_to` is the highest arrival covered; `digest` the SHA-256 over the data
    set digests of the covered pictures, in order of arrival. Where single
    objects were chosen, `only` holds their arrivals and `up_to` is -1. Of the
    `pictures`, `reports` are documents; consents before them counted these as pictures.
    """

    study_id: UUID
    series_id: UUID
    up_to: int
    pictures: int
    digest: str
    exam_title: str
    series_title: str
    exam_on: str
    only: tuple[int, ...] = ()
    reports: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The separately ticked choice that results yet to come are shared too, until a day."""

    patient_id: UUID
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """On whose behalf the giver acts, and by what right. `kind` "self" is for oneself."""

    kind: str = SELF
    representative_id: UUID | None = None
    subject_account_id: UUID | None = None
    subject_name: str = ""


FOR_ONESELF: Final = Authority()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything the signature covers.

    `profile` names how the copies were made, where `form` is that of copies.
    """

    vault_id: UUID
    grantor_id: UUID
    grantor_name: str
    items: tuple[Item, ...]
    recipient: Recipient
    purpose: Purpose
    purpose_words: str
    permissions: frozenset[Permission]
    starts_at: datetime
    ends_at: datetime
    second_check: SecondCheck
    statement_version: str
    act: Act = Act.SHARE
    authority: Authority = FOR_ONESELF
    further: FurtherRelease = NOT_FURTHER
    sensitive: frozenset[Sensitive] = frozenset()
    standing: Standing | None = None
    most_openings: int | None = None
    parent_id: UUID | None = None
    replaces_id: UUID | None = None
    form: Form = Form.IDENTIFIED
    profile: str = ""
