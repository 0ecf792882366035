"""How does somebody let a recipient look for longer? By a new consent that begins as the old one.

What was ticked by itself (sensitive information, results to come) is ticked by
itself again, and the last day is chosen anew.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.consent.terms import Act, Item, Permission, Terms
from safelight.exchange.release.sharing.drafts import choose, find_draft, start_draft
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import Instance


def start_extension(party: Party, consent_id: UUID, *, at: datetime) -> ConsentDraft:
    """Begin a consent like one that this party gave; the old one ends when the new one is signed.

    Raises:
        NotFoundError: there is no such consent of this party, or its exam is gone.
    """
    consent = Consent.objects.filter(pk=consent_id, grantor_id=party.account).first()
    if consent is None or consent.act == Act.ONWARD:
        raise NotFoundError
    terms = terms_of(consent)
    draft = start_draft(party, terms.items[0].study_id, at=at)
    _, choices = find_draft(party, draft.id)
    is_live = consent.revoked_at is None and consent.ends_at > at
    choose(
        draft,
        choices,
        at=at,
        replaces_id=str(consent.id) if is_live else "",
        **_what(terms),
        **_who(terms),
        **_why(terms),
    )
    return draft


def _what(terms: Terms) -> dict[str, object]:
    return {
        "act": terms.act.value,
        "study_ids": tuple(dict.fromkeys(str(item.study_id) for item in terms.items)),
        "series_ids": tuple(str(item.series_id) for item in terms.items if not item.only),
        "instance_ids": _singles([item for item in terms.items if item.only]),
    }


def _who(terms: Terms) -> dict[str, object]:
    recipient = terms.recipient
    return {
        "audience": recipient.audience.value,
        "name": recipient.name,
        "address": recipient.address,
        "kind": recipient.kind.value,
        "organization_id": str(recipient.organization_id or ""),
        "group_id": str(recipient.group_id or ""),
        "future_members": recipient.future_members,
    }


def _why(terms: Terms) -> dict[str, object]:
    further = terms.further
    return {
        "purpose": terms.purpose.value,
        "purpose_words": terms.purpose_words,
        "may_download": Permission.DOWNLOAD in terms.permissions,
        "second_check": terms.second_check.value,
        "further": further.kind.value,
        "further_named": tuple((one.name, one.address) for one in further.named),
        "further_classes": tuple(sorted(kind.value for kind in further.classes)),
        "further_purposes": tuple(sorted(purpose.value for purpose in further.purposes)),
    }


def _singles(items: list[Item]) -> tuple[str, ...]:
    """Find the single objects again by their places in the series."""
    if not items:
        return ()
    wanted = Q()
    for item in items:
        wanted |= Q(series_id=item.series_id, arrival__in=item.only)
    rows = Instance.objects.filter(wanted).order_by("arrival")
    return tuple(str(each) for each in rows.values_list("id", flat=True))
