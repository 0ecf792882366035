"""To which systems could an exam be sent, and what is still missing for each?

A consent names an institution, a connection leads to one of its systems. Here both are put
side by side for whoever is about to order: what is open, what was agreed, what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.facts import Party
from safelight.exchange.access.gates import refusal_of
from safelight.exchange.access.systems import receiver_of
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience, SecondCheck
from safelight.exchange.release.sharing.drafts import Choices, choose, find_draft, start_draft
from safelight.exchange.release.transfer.changing import desks_of
from safelight.exchange.release.transfer.listing import Standing
from safelight.exchange.release.transfer.models import Transfer
from safelight.exchange.release.transfer.ordering import order
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import Study, Vault
from safelight.records.partners.kinds import ConnectionState
from safelight.records.partners.models import Connection

_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One system to which something could be sent.

    `refusal` is why nothing goes through now, as a code, and empty where it would. `is_agreed`
    says of one exam that a consent lets this system have a copy.
    """

    connection_id: UUID
    name: str
    partner: str
    counterpart_id: UUID | None
    refusal: str
    is_agreed: bool = False


def offers_for(party: Party, study_id: UUID, *, at: datetime) -> list[Offer]:
    """Return the partners' systems to which the keeper of an exam could send it.

    An exam that no institution keeps goes over nobody's connection.

    Raises:
        NotFoundError: it is not this party's to decide about.
    """
    if not decide(party, Action.SHARE, study_id, at=at).allowed:
        raise NotFoundError
    vault_id = Study.objects.values_list("vault_id", flat=True).get(pk=study_id)
    keeper = Vault.objects.values_list("organization_id", flat=True).get(pk=vault_id)
    rows = _open(frozenset({keeper}) if keeper else frozenset()).filter(partner__isnull=False)
    return [_offer(row, study_id, at=at) for row in rows]


def offers_of_desk(party: Party, *, at: datetime) -> list[Offer]:
    """Return the systems to which the desk's institutions send, their own among them.

    Raises:
        NotFoundError: this party is at no desk.
    """
    if not (places := desks_of(party)):
        raise NotFoundError
    return [_offer(row, None, at=at) for row in _open(places)]


def start_transfer(party: Party, study_id: UUID, connection_id: UUID, *, at: datetime) -> UUID:
    """Begin the consent that a system gets a copy; nothing is agreed, and nothing sent, by this.

    It is the one ceremony of every share, with the recipient filled in.

    Raises:
        NotFoundError: it is not this party's exam, or nothing is sent there.
    """
    fitting = [
        each
        for each in offers_for(party, study_id, at=at)
        if each.connection_id == connection_id and not each.refusal
    ]
    if not fitting:
        raise NotFoundError
    draft = start_draft(party, study_id, at=at)
    _draft, choices = find_draft(party, draft.pk)
    choose(
        draft,
        choices,
        at=at,
        audience=Audience.DESK.value,
        organization_id=str(fitting[0].counterpart_id),
        name=fitting[0].partner,
        may_download=True,
        second_check=SecondCheck.WAIVED.value,
        send_over=str(connection_id),
    )
    return draft.pk


def order_agreed(party: Party, choices: Choices, *, at: datetime) -> list[Transfer]:
    """Order what was just agreed to be sent, exam by exam.

    Raises:
        NotFoundError: what was signed in the end lets nothing go there.
        ConnectionClosedError, NothingToSendError, UnderWayError: as when it is ordered by hand.
    """
    over = UUID(choices.send_over)
    return [order(party, UUID(each), over, at=at) for each in choices.study_ids]


def own_transfers(party: Party, *, at: datetime) -> list[Standing]:
    """List the transfers that a person agreed to or ordered, the newest first."""
    consents = Consent.objects.filter(
        Q(grantor_id=party.account) | Q(subject_account_id=party.account)
    )
    rows = Transfer.objects.filter(
        Q(ordered_by=party.name) | Q(consent_id__in=consents.values("id"))
    ).order_by("-ordered_at", "-id")[:_AT_MOST]
    return _theirs(party, rows, at=at)


def _theirs(party: Party, rows: Iterable[Transfer], *, at: datetime) -> list[Standing]:
    """Leave out what is of an exam about which this party decides no more."""
    allowed: dict[UUID, bool] = {}
    found = []
    for row in rows:
        if row.study_id not in allowed:
            allowed[row.study_id] = decide(party, Action.SHARE, row.study_id, at=at).allowed
        if allowed[row.study_id]:
            found.append(Standing.of(row))
    return found


def _open(places: frozenset[UUID]) -> QuerySet[Connection]:
    return (
        Connection.objects.filter(
            organization_id__in=places, we_send=True, state=ConnectionState.OPEN
        )
        .select_related("partner")
        .order_by("changed_at", "id")
    )


def _offer(row: Connection, study_id: UUID | None, *, at: datetime) -> Offer:
    refusal, is_agreed = refusal_of(row.pk, at=at), False
    try:
        _, receiver = receiver_of(row.pk, at=at)
    except ConnectionClosedError as closed:
        refusal = refusal or closed.code
    else:
        refusal = ""
        if study_id is not None:
            is_agreed = decide(receiver, Action.DOWNLOAD, study_id, at=at).allowed
    return Offer(
        connection_id=row.pk,
        name=row.name,
        partner=row.partner.name if row.partner is not None else "",
        counterpart_id=row.partner.counterpart_id if row.partner is not None else None,
        refusal=refusal,
        is_agreed=is_agreed,
    )
