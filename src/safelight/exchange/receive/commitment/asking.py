"""Is what a system sent kept, and is that for this system to know?

Kept is what lies in a record with the very bytes that this system brought. What waits for
the desk, was removed, erased or damaged, and what it never brought, is not: it hears the
same of all of them, keeps its own, and may send it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.dicom.writing.commitment import Failure, Reference, Report, Request
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.door import vault_for
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import Brought, Commitment
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.database.writing import insert
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.platform.peers.dimse.negotiation import is_storage
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.imaging.models import Instance, Study, StudyState, Vault
from safelight.records.imaging.quarantine import is_sound
from safelight.records.imaging.store import card_of
from safelight.records.imaging.tokens import uid_token

MOST_OPEN: Final = 200
"""So many requests of one connection may wait for their report."""
_AGAIN: Final = timedelta(minutes=1)
_AT_ONCE: Final = 500


class TransactionUsedError(StateConflictError):
    """This system has asked under this name before."""


def ask(party: Party, request: Request, *, at: datetime) -> UUID:
    """Write down what a system asks, and return by what it is reported.

    Raises:
        ConnectionClosedError: its connection is not open any more.
        MayNotStoreError, ReadOnlyError: nothing of it is taken in now.
        RateLimitedError: too much of it waits for its report.
        TransactionUsedError: it asked under this name before.
    """
    vault = vault_for(party, at=at)
    own = Commitment.objects.filter(connection_id=party.account)
    named = token(ring().token_key(vault.id, "transaction"), request.transaction_uid.encode())
    row = Commitment(
        connection_id=party.account,
        transaction_token=named,
        asked=_written(request),
        asked_at=at,
    )
    with transaction.atomic():
        if own.filter(transaction_token=named).exists():
            raise TransactionUsedError
        if own.filter(ended_at=None).count() >= MOST_OPEN:
            raise RateLimitedError(_AGAIN)
        insert([row])
        record(
            ReceiveEvent.COMMITMENT_ASKED,
            actor=party.name,
            session=party.session,
            subject=f"commitment/{row.pk}",
            vault_id=vault.id,
            count=len(request.references),
            at=at,
        )
    return row.pk


def report_of(party: Party, commitment_id: UUID, *, at: datetime) -> Report | None:
    """Say what of a request is kept at this moment; None where it is over.

    Raises:
        ConnectionClosedError, MayNotStoreError, ReadOnlyError: it is told nothing now.
    """
    vault = vault_for(party, at=at)
    own = Commitment.objects.filter(connection_id=party.account, ended_at=None)
    row = own.filter(pk=commitment_id).first()
    if row is None or row.asked is None:
        return None
    request = _read(row.asked)
    kept: list[Reference] = []
    failed: list[tuple[Reference, Failure]] = []
    for start in range(0, len(request.references), _AT_ONCE):
        some = request.references[start : start + _AT_ONCE]
        for each, failure in _looked_up(party, vault, some):
            if failure is None:
                kept.append(each)
            else:
                failed.append((each, failure))
    return Report(request.transaction_uid, kept, failed)


def used_before(request: Request) -> Report:
    """Say that a request's name was used before."""
    failed = [(each, Failure.TRANSACTION_USED) for each in request.references]
    return Report(request.transaction_uid, (), failed)


def _looked_up(
    party: Party, vault: Vault, some: Sequence[Reference]
) -> Iterator[tuple[Reference, Failure | None]]:
    tokens = {each: uid_token(vault.id, each.sop_instance_uid) for each in some}
    classes = _kept_classes(party, vault, set(tokens.values()))
    for each in some:
        found = classes.get(tokens[each])
        if not is_storage(each.sop_class_uid):
            yield each, Failure.NO_SUCH_CLASS
        elif found is None:
            yield each, Failure.NO_SUCH_OBJECT
        else:
            yield each, None if found == each.sop_class_uid else Failure.OTHER_CLASS


def _kept_classes(party: Party, vault: Vault, tokens: Collection[bytes]) -> dict[bytes, str]:
    """Return the SOP classes of what is kept of what this system brought, by UID tokens."""
    brought = {
        (bytes(uid), bytes(digest))
        for uid, digest in Brought.objects.filter(
            connection_id=party.account, uid_token__in=tokens
        ).values_list("uid_token", "digest_token")
    }
    rows = [
        row
        for row in Instance.objects.filter(vault_id=vault.id, uid_token__in=tokens)
        if (bytes(row.uid_token), bytes(row.digest_token)) in brought and is_sound(row.id)
    ]
    filed = set(
        Study.objects.filter(
            id__in={row.study_id for row in rows}, state=StudyState.FILED
        ).values_list("id", flat=True)
    )
    return {
        bytes(row.uid_token): card_of(row).sop_class_uid for row in rows if row.study_id in filed
    }


def _written(request: Request) -> str:
    named = [[each.sop_class_uid, each.sop_instance_uid] for each in request.references]
    return orjson.dumps({"transaction": request.transaction_uid, "of": named}).decode()


def _read(text: str) -> Request:
    said = orjson.loads(text)
    return Request(said["transaction"], tuple(Reference(*each) for each in said["of"]))
