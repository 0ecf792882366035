"""Which exams hold something of a sensitive class, and how is that kept without being readable?

A mark is a keyed token over the study and the class: whoever holds the database
cannot tell what it says. Marks bind recipients, not the owner: a consent opens a
marked exam only where it includes every class it is marked with (R05). A copy without a
name shows what the exam shows, so it carries the exam's marks.
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
from safelight.records.imaging.models import Study, StudyCopy


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

    What is new is also so of the copies without a name that were made of it: they show the
    same. Taking a class off opens something, so that is said of each copy by itself.

    Raises:
        NotFoundError: it is not this party's to say.
        StateConflictError: somebody who acts for a minor would hide it from the others.
    """
    decision = decide(party, Action.SHARE, study_id, at=at)
    if not decision.allowed:
        raise NotFoundError
    if decision.reason != Reason.OWNER and Sensitive.MINOR_CONFIDENTIAL in kinds:
        raise StateConflictError("Only the person it is about can say this.")
    with transaction.atomic():
        # A copy that is being made takes over what is marked under the same lock.
        study = Study.objects.select_for_update().get(pk=study_id)
        held = classes_of([study_id])[study_id]
        gone = [mark_token(study_id, kind) for kind in held - kinds]
        live = SensitiveMark.objects.filter(study_id=study_id, ended_at__isnull=True)
        live.filter(token__in=gone).update(ended_at=at)
        new = kinds - held
        _mark(party, study.vault_id, study_id, new, at)
        if new:
            copies = StudyCopy.objects.filter(original_id=study_id).values_list("pk", flat=True)
            for copy, on_it in classes_of(copies).items():
                _mark(party, study.vault_id, copy, new - on_it, at)


def _mark(
    party: Party, vault_id: UUID, study_id: UUID, kinds: frozenset[Sensitive], at: datetime
) -> None:
    """Write marks that are not there yet, and put on record that something was said."""
    SensitiveMark.objects.bulk_create(
        SensitiveMark(
            vault_id=vault_id,
            study_id=study_id,
            token=mark_token(study_id, kind),
            set_by=party.name,
            since=at,
        )
        for kind in sorted(kinds)
    )
    turn_epoch([study_id])
    record(
        AccessEvent.SENSITIVE_MARKED,
        actor=party.name,
        session=party.session,
        subject=f"study/{study_id}",
        vault_id=vault_id,
        at=at,
    )
