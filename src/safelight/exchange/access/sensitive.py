"""Which exams hold something of a sensitive class, and how is that kept without being readable?

A mark is a keyed token over the study and the class: whoever holds the database
cannot tell what it says. Marks bind recipients, not the owner: a consent opens a
marked exam only where it includes every class it is marked with (R05).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import marks_on
from safelight.exchange.access.mark_tokens import mark_token
from safelight.exchange.access.models import SensitiveMark
from safelight.exchange.consent.terms import Sensitive
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Study


def classes_of(study_ids: Iterable[UUID]) -> dict[UUID, frozenset[Sensitive]]:
    """Return the classes each study is marked with; for those who may know, which see before."""
    ids = list(study_ids)
    marked = marks_on(ids)
    return {
        study_id: frozenset(
            kind
            for kind in Sensitive
            if marked.get(study_id) and mark_token(study_id, kind) in marked[study_id]
        )
        for study_id in ids
    }


def mark_sensitive(
    party: Party, study_id: UUID, kinds: frozenset[Sensitive], *, at: datetime
) -> None:
    """Mark an exam with exactly these classes; what recipients may see follows at once.

    Raises:
        NotFoundError: it is not this party's to say.
        StateConflictError: somebody who acts for a minor would hide it from the others.
    """
    decision = decide(party, Action.SHARE, study_id, at=at)
    if not decision.allowed:
        raise NotFoundError
    if decision.reason != Reason.OWNER and Sensitive.MINOR_CONFIDENTIAL in kinds:
        raise StateConflictError("Only the person it is about can say this.")
    study = Study.objects.get(pk=study_id)
    wanted = {mark_token(study_id, kind) for kind in kinds}
    with transaction.atomic():
        live = SensitiveMark.objects.filter(study_id=study_id, ended_at__isnull=True)
        held = {bytes(mark.token): mark for mark in live}
        for mark_bytes, mark in held.items():
            if mark_bytes not in wanted:
                SensitiveMark.objects.filter(pk=mark.pk).update(ended_at=at)
        for mark_bytes in wanted - set(held):
            SensitiveMark.objects.create(
                vault_id=study.vault_id,
                study_id=study_id,
                token=mark_bytes,
                set_by=party.name,
                since=at,
            )
        turn_epoch([study_id])
        record(
            AccessEvent.SENSITIVE_MARKED,
            actor=party.name,
            session=party.session,
            subject=f"study/{study_id}",
            vault_id=study.vault_id,
            at=at,
        )
