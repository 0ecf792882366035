"""How is it kept what left and what arrived? In one transaction with the disclosure, each time."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from safelight.exchange.access.facts import Party
from safelight.exchange.release.disclosures import TO_ANOTHER, Ground, disclose, end_disclosure
from safelight.exchange.release.models import Disclosure, DisclosureResult
from safelight.exchange.release.transfer.errors import LostError
from safelight.exchange.release.transfer.events import TransferEvent
from safelight.exchange.release.transfer.models import (
    CopyThere,
    ItemState,
    Transfer,
    TransferItem,
    TransferState,
)
from safelight.exchange.release.transfer.ways import Leaving
from safelight.exchange.release.viewing.find import Found
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome

LEDGERS_DIFFER: Final = "ledgers-differ"


def began(
    row: Transfer, item: TransferItem, found: Found, receiver: Party, *, at: datetime
) -> None:
    """Write that an object's bytes are let go, and the disclosure with the first of them.

    Raises:
        NotFoundError: what it rests on was taken away since the decision.
        LostError: another run has it.
    """
    with transaction.atomic():
        hold(row)
        _disclosed(row, found, receiver, at=at)
        TransferItem.objects.filter(pk=item.pk).update(
            state=ItemState.LEAVING, under=row.disclosure_id
        )


def arrived(
    row: Transfer, item: TransferItem, leaving: Leaving, cause: str, *, at: datetime
) -> None:
    """Write that an object arrived: once, however often its answer is read.

    Raises:
        LostError: another run has it.
    """
    with transaction.atomic():
        hold(row)
        won = TransferItem.objects.filter(pk=item.pk, state=ItemState.LEAVING).update(
            state=ItemState.SENT,
            cause=cause,
            sha256=leaving.digest.digest(),
            size=leaving.size,
            sent_at=at,
        )
        if not won:
            return
        Transfer.objects.filter(pk=row.pk).update(
            sent=F("sent") + 1, size=F("size") + leaving.size, attempts=0, cause="", changed_at=at
        )
        if row.disclosure_id is not None:
            Disclosure.objects.filter(pk=row.disclosure_id, result=DisclosureResult.OPEN).update(
                pictures=F("pictures") + 1, size=F("size") + leaving.size
            )
    row.attempts = 0


def refused(row: Transfer, item: TransferItem, cause: str, *, at: datetime) -> None:
    """Write that an object does not go there.

    Raises:
        LostError: another run has it.
    """
    with transaction.atomic():
        hold(row)
        TransferItem.objects.filter(pk=item.pk).update(state=ItemState.REFUSED, cause=cause)
        Transfer.objects.filter(pk=row.pk).update(changed_at=at)


def finished(row: Transfer, *, at: datetime, agreed: bool | None = None) -> None:
    """End a transfer of which nothing is left: sent with its proof, or failed.

    `agreed` is what the other side said of its own count, where it keeps one.

    Raises:
        LostError: another run has it.
    """
    with transaction.atomic():
        hold(row)
        bad = row.items.filter(state=ItemState.REFUSED).order_by("number").first()
        if bad is not None:
            end(row, TransferState.FAILED, bad.cause, at=at)
            return
        if agreed is False:
            end(row, TransferState.FAILED, LEDGERS_DIFFER, at=at)
            return
        if agreed:
            CopyThere.objects.filter(transfer=row).update(agreed_at=at)
            record(
                TransferEvent.AGREED,
                actor="system",
                subject=f"study/{row.study_id}",
                vault_id=row.vault_id,
                consent_id=row.consent_id,
                count=row.items.filter(state=ItemState.SENT).count(),
                detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
                at=at,
            )
        Transfer.objects.filter(pk=row.pk).update(proof=proof_of(row.pk))
        end(row, TransferState.SENT, "", at=at)


def proof_of(transfer_id: UUID) -> bytes:
    """Return the SHA-256 over the hashes of what was sent, in order."""
    digest = hashlib.sha256()
    sent = TransferItem.objects.filter(transfer_id=transfer_id, state=ItemState.SENT)
    for each in sent.order_by("number").values_list("sha256", flat=True).iterator():
        digest.update(bytes(each or b""))
    return digest.digest()


_SAID = {
    TransferState.SENT: TransferEvent.SENT,
    TransferState.FAILED: TransferEvent.FAILED,
    TransferState.WITHDRAWN: TransferEvent.WITHDRAWN,
    TransferState.STOPPED: TransferEvent.STOPPED,
}


def end(
    row: Transfer,
    state: TransferState,
    cause: str,
    *,
    at: datetime,
    by: str = "system",
    session: str = "",
) -> None:
    """End a transfer and its disclosure inside the caller's transaction, and record it."""
    kept = Transfer.objects.get(pk=row.pk)
    if kept.disclosure_id is not None:
        under = TransferItem.objects.filter(
            transfer=row, state=ItemState.SENT, under=kept.disclosure_id
        )
        end_disclosure(
            kept.disclosure_id,
            complete=state is TransferState.SENT,
            pictures=under.count(),
            size=under.aggregate(all=Sum("size"))["all"] or 0,
            at=at,
        )
    Transfer.objects.filter(pk=row.pk).update(
        state=state,
        cause=cause,
        disclosure_id=None,
        next_at=None,
        changed_at=at,
        ended_at=at,
        epoch=F("epoch") + 1,
    )
    record(
        _SAID[state],
        actor=by,
        session=session,
        subject=f"study/{kept.study_id}",
        vault_id=kept.vault_id,
        consent_id=kept.consent_id,
        outcome=Outcome.FAILED if state is TransferState.FAILED else Outcome.OK,
        reason=cause,
        count=kept.sent,
        size=kept.size,
        detail={"connection": str(kept.connection_id), "transfer": str(kept.pk)},
        at=at,
    )


def hold(row: Transfer) -> None:
    """Keep a transfer to the end of the transaction, if it is still this run's.

    Raises:
        LostError: it is not.
    """
    ours = Transfer.objects.select_for_update().filter(
        pk=row.pk, epoch=row.epoch, state=TransferState.SENDING
    )
    if not ours.exists():
        raise LostError


def _disclosed(row: Transfer, found: Found, receiver: Party, *, at: datetime) -> None:
    """Let a disclosure be open under the consent that allows it now."""
    decision = found.decision
    if row.disclosure_id is not None:
        open_one = Disclosure.objects.get(pk=row.disclosure_id)
        if open_one.consent_id == decision.consent_id:
            return
        end_disclosure(
            open_one.pk, complete=False, pictures=open_one.pictures, size=open_one.size, at=at
        )
    entry_id = record(
        TransferEvent.BEGUN,
        actor=receiver.name,
        subject=f"study/{row.study_id}",
        vault_id=row.vault_id,
        consent_id=decision.consent_id,
        on_behalf=row.ordered_by,
        reason=decision.reason,
        detail={"connection": str(row.connection_id), "transfer": str(row.pk)},
        at=at,
    )
    if decision.reason not in TO_ANOTHER:
        return  # an institution's own system: nobody else's
    made = disclose(
        receiver,
        found,
        Ground.of(decision.reason),
        channel="transfer",
        entry_id=entry_id,
        at=at,
        detail={"transfer": str(row.pk), "wanted": row.wanted},
    )
    Transfer.objects.filter(pk=row.pk).update(disclosure_id=made.pk)
    row.disclosure_id = made.pk
