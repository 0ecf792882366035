"""How does a parcel that was let in reach the vault? Through the same door as everything.

A job does it, in the name of whoever decided. It may be done twice, after a crash:
what was filed the first time is then known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.asked.contents import keys_of
from safelight.exchange.receive.asked.discarding import discard_parts
from safelight.exchange.receive.asked.sealed import lines_of, unseal_of
from safelight.exchange.receive.bundles import files_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.door import count_verdicts, finish_batch
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.models import (
    IntakeBatch,
    Parcel,
    ParcelPart,
    ParcelState,
    UploadState,
)
from safelight.exchange.receive.unpacking import Unpacking, holder_of
from safelight.exchange.receive.uploads import opened_spool
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.jobs.registry import task
from safelight.records.accounts.actors import actor_of_account
from safelight.records.accounts.models import Account


@task("receive.file-parcel")
def file_parcel(*, parcel_id: str) -> None:
    """Take in what a receiver decided to take, and forget the rest."""
    parcel = Parcel.objects.filter(pk=UUID(parcel_id), state=ParcelState.TAKEN).first()
    if parcel is None:
        return
    choices = orjson.loads(
        unseal_of(parcel, bytes(parcel.sealed_choices), f"parcel-choices|{parcel.pk}")
    )
    party = _decider(parcel)
    parts = list(parcel.parts.filter(state=UploadState.DONE).order_by("created_at", "id"))
    keys = keys_of([line for part in parts for line in lines_of(part)])
    batches = {
        answer: IntakeBatch.objects.get(pk=UUID(batch))
        for answer, batch in choices["batches"].items()
    }
    for part in parts:
        if part.filed_at is None:
            answers = {
                line.n: choices["answers"].get(keys[line.person], "")
                for line in lines_of(part)
                if not line.refused
            }
            _file_part(party, part, batches, answers)
    at = clock.now()
    for batch in batches.values():
        finish_batch(party, batch, at=at)
    with transaction.atomic():
        Parcel.objects.filter(pk=parcel.pk).update(state=ParcelState.FILED)
        record(
            ReceiveEvent.PARCEL_FILED,
            actor=party.name,
            session=party.session,
            subject=f"parcel/{parcel.pk}",
            vault_id=parcel.vault_id,
            at=at,
        )
    discard_parts(parcel)


def batches_of(parcel: Parcel) -> list[IntakeBatch]:
    """Return the deliveries that a parcel became."""
    if not parcel.sealed_choices:
        return []
    opened = unseal_of(parcel, bytes(parcel.sealed_choices), f"parcel-choices|{parcel.pk}")
    choices: dict[str, Any] = orjson.loads(opened)
    return list(IntakeBatch.objects.filter(pk__in=choices["batches"].values()))


def _decider(parcel: Parcel) -> Party:
    (account,) = Account.objects.filter(pk__in=[parcel.decided_by])
    party = party_of(actor_of_account(account))
    return replace(party, session=parcel.decided_in)


def _file_part(
    party: Party, part: ParcelPart, batches: dict[str, IntakeBatch], answers: dict[int, str]
) -> None:
    deliveries = {answer: Delivery.resume(party, batch) for answer, batch in batches.items()}
    ways = {
        answer: Unpacking(delivery, holder_of(delivery)) for answer, delivery in deliveries.items()
    }
    spool = opened_spool(part)
    try:
        for file in files_of(spool):
            if (way := ways.get(answers.get(file.number, ""))) is not None:
                way.take(file, spool)
    finally:
        spool.close()
    for delivery in deliveries.values():
        delivery.close_group()
    with transaction.atomic():
        if ParcelPart.objects.filter(pk=part.pk, filed_at=None).update(filed_at=clock.now()):
            for answer, delivery in deliveries.items():
                count_verdicts(batches[answer], delivery.verdicts)
