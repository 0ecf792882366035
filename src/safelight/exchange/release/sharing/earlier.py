"""What does this recipient hold already, and what would they hold after one more consent?

Where several consents cover the same exam, the widest right counts. So it is
shown before anything is confirmed, and the person says which earlier consent
the new one replaces, or that it adds to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import granted
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Audience, Further, Permission, Terms
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.recipients import recipient_of
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.signed import terms_of

_STILL_THERE = (None, Refusal.NOT_STARTED, Refusal.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A consent to the same recipient that has not ended."""

    consent_id: UUID
    terms: Terms
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Widest:
    """What several consents to one recipient let them do, taken together.

    `looks` pairs each exam's title with the pictures of it; `downloads` are the
    titles of which copies may be taken, until `copies_until`.
    """

    looks: tuple[tuple[str, int], ...]
    until: datetime
    downloads: tuple[str, ...]
    copies_until: datetime | None
    passes_on: bool


def earlier_to(party: Party, choices: Choices, *, at: datetime) -> list[Earlier]:
    """List what the chosen recipient holds of this giver already, the oldest first."""
    recipient = recipient_of(choices, grantor_id=party.account, faults={})
    if recipient is None:
        return []
    rows = Consent.objects.filter(grantor_id=party.account, revoked_at__isnull=True, ends_at__gt=at)
    if recipient.audience is Audience.PERSON:
        rows = rows.filter(recipient_token=recipient_token(recipient.address))
    else:
        rows = rows.filter(
            recipient_group_id=recipient.group_id,
            recipient_organization_id=recipient.organization_id,
        )
    return [
        Earlier(consent_id=row.id, terms=terms_of(row), granted_at=row.granted_at)
        for row in rows.filter(audience=recipient.audience).order_by("granted_at")
        if refusal(granted(row), Permission.VIEW, at=at) in _STILL_THERE
    ]


def unsettled(party: Party, choices: Choices, *, at: datetime) -> list[Earlier]:
    """Return the earlier consents of which the person has not said what becomes of them."""
    settled = {choices.replaces_id, *choices.beside}
    return [
        each for each in earlier_to(party, choices, at=at) if str(each.consent_id) not in settled
    ]


def together(all_terms: Iterable[Terms]) -> Widest:
    """Add up what consents let one recipient do.

    Raises:
        ValueError: there are none.
    """
    listed = list(all_terms)
    copies = [terms for terms in listed if Permission.DOWNLOAD in terms.permissions]
    return Widest(
        looks=_pictures(listed),
        until=max(terms.ends_at for terms in listed),
        downloads=tuple(title for title, _ in _pictures(copies)),
        copies_until=max((terms.ends_at for terms in copies), default=None),
        passes_on=any(terms.further.kind is not Further.NONE for terms in listed),
    )


def _pictures(listed: Iterable[Terms]) -> tuple[tuple[str, int], ...]:
    """Count the pictures of each exam, those covered twice once."""
    whole: dict[UUID, int] = {}
    single: dict[UUID, set[int]] = {}
    titles: dict[UUID, str] = {}
    parts: dict[UUID, list[UUID]] = {}
    for item in (item for terms in listed for item in terms.items):
        titles.setdefault(item.study_id, item.exam_title)
        if item.series_id not in parts.setdefault(item.study_id, []):
            parts[item.study_id].append(item.series_id)
        if item.only:
            single.setdefault(item.series_id, set()).update(item.only)
        else:
            whole[item.series_id] = max(whole.get(item.series_id, 0), item.pictures)
    return tuple(
        (titles[study], sum(whole.get(each) or len(single.get(each, ())) for each in series))
        for study, series in parts.items()
    )
