"""What does one person agree to, in full, and how is it written so that it can be signed?

The terms are what the ceremony collects and what the digest covers: these
items, this recipient, this purpose, these actions, from then until then
(L16-L19). Nothing in them is optional in meaning: an absent value is a refusal,
never "any".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson


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
    """What the recipient may do. Passing on is a matter of its own and not offered here."""

    VIEW = "view"
    DOWNLOAD = "download"


class SecondCheck(StrEnum):
    """How a mistyped address is kept from opening the share (R06, E14)."""

    PASSPHRASE = "passphrase"  # noqa: S105 (the name of a way, not a secret)
    OWNER_RELEASE = "owner-release"
    WAIVED = "waived"


DEFAULT_TERM = timedelta(days=30)
LONGEST_TERM = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The one person or desk the terms name."""

    name: str
    address: str
    kind: RecipientKind
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One series, as it stood: later arrivals in it are not part of the item.

    `up_to` is the highest arrival covered; `digest` the SHA-256 over the data
    set digests of the covered pictures, in order of arrival.
    """

    study_id: UUID
    series_id: UUID
    up_to: int
    pictures: int
    digest: str
    exam_title: str
    series_title: str
    exam_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything the signature covers."""

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

    def as_data(self) -> dict[str, Any]:
        """Return the terms as plain data in one fixed shape."""
        return {
            "v": 1,
            "vault": str(self.vault_id),
            "grantor": {"account": str(self.grantor_id), "name": self.grantor_name},
            "items": [
                {
                    "study": str(item.study_id),
                    "series": str(item.series_id),
                    "up_to": item.up_to,
                    "pictures": item.pictures,
                    "digest": item.digest,
                    "exam": item.exam_title,
                    "series_title": item.series_title,
                    "exam_on": item.exam_on,
                }
                for item in self.items
            ],
            "recipient": {
                "name": self.recipient.name,
                "address": self.recipient.address,
                "kind": self.recipient.kind.value,
                "account": str(self.recipient.account_id or ""),
            },
            "purpose": {"code": self.purpose.value, "words": self.purpose_words},
            "permissions": sorted(permission.value for permission in self.permissions),
            "further_release": "none",
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "second_check": self.second_check.value,
            "statement": self.statement_version,
        }


def canonical(terms: Terms) -> bytes:
    """Write the terms as canonical JSON: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(terms.as_data(), option=orjson.OPT_SORT_KEYS)


def signing_digest(terms: Terms, shown_html: str) -> bytes:
    """Return what the signature must cover: the terms and the very words shown (I3)."""
    return hashlib.sha256(
        b"consent/v1\0"
        + hashlib.sha256(canonical(terms)).digest()
        + hashlib.sha256(shown_html.encode()).digest()
    ).digest()


def terms_from_data(data: dict[str, Any]) -> Terms:
    """Read terms back from the shape that `Terms.as_data` writes."""
    account = data["recipient"]["account"]
    return Terms(
        vault_id=UUID(data["vault"]),
        grantor_id=UUID(data["grantor"]["account"]),
        grantor_name=data["grantor"]["name"],
        items=tuple(
            Item(
                study_id=UUID(item["study"]),
                series_id=UUID(item["series"]),
                up_to=item["up_to"],
                pictures=item["pictures"],
                digest=item["digest"],
                exam_title=item["exam"],
                series_title=item["series_title"],
                exam_on=item["exam_on"],
            )
            for item in data["items"]
        ),
        recipient=Recipient(
            name=data["recipient"]["name"],
            address=data["recipient"]["address"],
            kind=RecipientKind(data["recipient"]["kind"]),
            account_id=UUID(account) if account else None,
        ),
        purpose=Purpose(data["purpose"]["code"]),
        purpose_words=data["purpose"]["words"],
        permissions=frozenset(Permission(name) for name in data["permissions"]),
        starts_at=datetime.fromisoformat(data["starts_at"]),
        ends_at=datetime.fromisoformat(data["ends_at"]),
        second_check=SecondCheck(data["second_check"]),
        statement_version=data["statement"],
    )
