"""Who asks for exams by a link, and which links of theirs are there?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.link_secrets import (
    hash_of_link,
    hash_of_short,
    new_link_secret,
    new_passphrase,
)
from safelight.exchange.receive.asked.rules import (
    MOST_BYTES,
    MOST_FILES,
    MOST_OPEN,
    Check,
    LinkFacts,
    LinkState,
    Wish,
    end_of,
    faults_of_wish,
    state_of,
)
from safelight.exchange.receive.errors import (
    MayNotStoreError,
    NotAsAskedError,
    NotSignedInError,
    TooManyLinksError,
)
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import UploadRequest
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Account, Organization
from safelight.records.imaging.models import Vault
from safelight.records.imaging.vaults import organization_vault, person_vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A link just made: its secrets are known now and never again."""

    request_id: UUID
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One request, as those see it who may take in what comes by it."""

    request: UploadRequest
    state: LinkState
    whom: str
    waiting: int
    came: int


def require_receiver(party: Party) -> None:
    """Let pass whoever may take exams in, themselves: no program may decide that.

    Raises:
        NotSignedInError, MayNotStoreError.
    """
    if party.account_id is None or party.kind is PartyKind.GUEST:
        raise NotSignedInError
    fit = party.second_factor and party.active and party.statement_accepted
    if party.token_scopes is not None or not fit:
        raise MayNotStoreError


def may_ask_for(party: Party) -> list[tuple[UUID | None, str]]:
    """Return for whom this party may ask: themselves (None), or desks by id and name."""
    require_receiver(party)
    if party.kind is PartyKind.INDIVIDUAL:
        return [(None, str(Account.objects.get(pk=party.account).name))]
    desks = Organization.objects.filter(pk__in=party.desks)
    return sorted(((each.pk, str(each.name)) for each in desks), key=lambda desk: desk[1])


def make_link(party: Party, wish: Wish, *, at: datetime) -> Made:
    """Make a link by which exams may be sent to this party, or to a desk it belongs to.

    Raises:
        NotAsAskedError: what is wrong with the wish, by field.
        NotSignedInError, MayNotStoreError, TooManyLinksError.
    """
    require_receiver(party)
    if faults := faults_of_wish(wish, at=at):
        raise NotAsAskedError(faults)
    vault = _vault(party, wish.organization_id, at=at)
    open_ones = UploadRequest.objects.filter(
        vault_id=vault.id, withdrawn_at=None, ends_at__gt=at
    ).count()
    if open_ones >= MOST_OPEN or wish.ends_on is None:
        raise TooManyLinksError
    request_id, secret = new_id(), new_link_secret()
    passphrase = new_passphrase() if wish.check == Check.PASSPHRASE else ""
    with transaction.atomic():
        UploadRequest.objects.create(
            id=request_id,
            vault_id=vault.id,
            account_id=vault.account_id,
            organization_id=vault.organization_id,
            asked_by=party.account,
            secret_hash=hash_of_link(secret),
            expected=wish.expected,
            address=wish.address.strip(),
            message=wish.message,
            check_by=wish.check,
            passphrase_hash=hash_of_short(request_id, passphrase).hex() if passphrase else "",
            most_parcels=wish.parcels,
            parcels_left=wish.parcels,
            most_files=MOST_FILES,
            most_bytes=MOST_BYTES,
            made_at=at,
            ends_at=end_of(wish.ends_on),
        )
        note_by_receiver(ReceiveEvent.REQUEST_MADE, party, request_id, vault.id, at=at)
    return Made(request_id=request_id, secret=secret, passphrase=passphrase)


def withdraw_link(party: Party, request_id: UUID, *, at: datetime) -> None:
    """Close a link: nothing more comes by it from this second. Again is harmless.

    Raises:
        NotFoundError: it is not this party's.
    """
    request = own_link(party, request_id)
    with transaction.atomic():
        if UploadRequest.objects.filter(pk=request.pk, withdrawn_at=None).update(withdrawn_at=at):
            event = ReceiveEvent.REQUEST_WITHDRAWN
            note_by_receiver(event, party, request.pk, request.vault_id, at=at)


def links_of(party: Party, *, at: datetime) -> list[Link]:
    """List the requests for this party and its desks, the newest first."""
    require_receiver(party)
    rows = UploadRequest.objects.filter(belongs_to(party)).order_by("-made_at", "id")
    return [link_of(row, at=at) for row in rows]


def link_of(row: UploadRequest, *, at: datetime) -> Link:
    """Return one request with where it is."""
    parcels = list(row.parcels.exclude(state="coming").values_list("state", flat=True))
    return Link(
        request=row,
        state=state_of(facts_of(row), at=at),
        whom=whom_of(row),
        waiting=parcels.count("waiting"),
        came=len(parcels),
    )


def own_link(party: Party, request_id: UUID) -> UploadRequest:
    """Return a request that is this party's, or of a desk it belongs to.

    Raises:
        NotFoundError: there is none for it.
        NotSignedInError, MayNotStoreError.
    """
    require_receiver(party)
    row = UploadRequest.objects.filter(belongs_to(party), pk=request_id).first()
    if row is None:
        raise NotFoundError
    return row


def belongs_to(party: Party) -> Q:
    """Ask for what was asked for this party itself, or for a desk it belongs to now."""
    return Q(account_id=party.account) | Q(organization_id__in=party.desks)


def facts_of(row: UploadRequest) -> LinkFacts:
    """Return what the rules need to know."""
    return LinkFacts(
        ends_at=row.ends_at,
        is_withdrawn=row.withdrawn_at is not None,
        is_locked=row.locked_at is not None,
        parcels_left=row.parcels_left,
    )


def whom_of(row: UploadRequest) -> str:
    """Return the name of the person or the institution that asks."""
    if row.organization_id is not None:
        return str(Organization.objects.get(pk=row.organization_id).name)
    return name_of(row.account_id)


def name_of(account_id: UUID | None) -> str:
    """Return the name of an account; "" of none."""
    return "" if account_id is None else str(Account.objects.get(pk=account_id).name)


def note_by_receiver(
    event: ReceiveEvent, party: Party, request_id: UUID, vault_id: UUID, *, at: datetime
) -> None:
    """Put what a receiver did with a link on record."""
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"uploadrequest/{request_id}",
        vault_id=vault_id,
        at=at,
    )


def _vault(party: Party, organization_id: UUID | None, *, at: datetime) -> Vault:
    if organization_id is None:
        if party.kind is not PartyKind.INDIVIDUAL:
            raise MayNotStoreError
        return person_vault(party.account, at=at)
    if organization_id not in party.desks:
        raise MayNotStoreError
    return organization_vault(organization_id, at=at)
