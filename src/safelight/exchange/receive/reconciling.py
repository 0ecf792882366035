"""How does a desk file what waits into the record that it chose?

The desk has seen both sides and says why. The bytes go in as those of any arrival do:
looked over, sealed anew, synced, and filed in one transaction with its entry in the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.caring.relations import LONGEST_TEXT, desk_vaults
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.door import require_sender
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.finishing import finish_later
from safelight.exchange.receive.look_over import look_over, packed
from safelight.exchange.receive.together import commit
from safelight.exchange.receive.waiting import together
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.records.imaging.arrivals import Arrival, Filed, Outcome, marks_of
from safelight.records.imaging.comparing import Compared, compare
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.filing import Filing, Ready, make_durable
from safelight.records.imaging.models import ReviewItem, ReviewState, Vault
from safelight.records.imaging.quarantine import require_sound
from safelight.records.imaging.shelves import Chosen
from safelight.records.imaging.upkeep.checking import open_stored

NEW_RECORD: Final = "new"
MOST_AT_ONCE: Final = 2000
CHANGED: Final = "What is kept has changed meanwhile. Compare once more."
_DECIDED: Final = "Somebody has decided about it already."


def file_at_desk(party: Party, item_id: UUID, into: str, words: str, *, at: datetime) -> UUID:
    """File what waits of one exam into a record, and return the exam's id.

    `into` is the id of a record that it was compared with, or `NEW_RECORD`; `words` say why.

    Raises:
        NotFoundError: it is not of the party's institution.
        MayNotStoreError, ReadOnlyError, RecoveringError: nothing may be brought in now.
        InvalidFieldError: the record is none of those, or nothing is said.
        StateConflictError: it does not wait any more, or another version of it is kept.
        QuarantinedError: it does not read as it was stored.
        StorageFullError: there is no room.
    """
    item, vault = _waiting(party, item_id)
    require_sender(party, at=at)
    chosen = _chosen(compare(item), into)
    if not 1 <= len(words.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("words", "Say why it belongs there.")
    items = [item, *together(item)]
    if len(items) > MOST_AT_ONCE:
        raise StateConflictError("It is too much at once for a page.")
    ready = make_durable(vault, [arrival_of(vault, each) for each in items])

    def work() -> UUID:
        take_turn(f"filing/{vault.id}")
        end_waiting(items, party, "filed", words.strip(), at=at)
        filed = Filing(vault, ready, at=at, batch_id=item.batch_id, chosen=chosen).file_all()
        study_id = _of_one(filed)
        ended = ReviewItem.objects.filter(pk__in=[each.pk for each in items])
        ended.update(decided_into=filed[0].patient_id)
        _note(party, vault, item, filed, ready, at=at)
        return study_id

    return commit(work)


def _waiting(party: Party, item_id: UUID) -> tuple[ReviewItem, Vault]:
    vaults = {vault.id: vault for vault in desk_vaults(party)}
    item = ReviewItem.objects.filter(pk=item_id, vault_id__in=vaults).first()
    if item is None or item.state not in {ReviewState.WAITING, ReviewState.REJECTED}:
        raise NotFoundError
    if item.state != ReviewState.WAITING:
        raise StateConflictError(_DECIDED)
    return item, vaults[item.vault_id]


def _chosen(compared: Compared, into: str) -> Chosen:
    if compared.has_other_version:
        raise StateConflictError("Another version of it is kept: choose which one is shown.")
    if into == NEW_RECORD and not compared.is_of_known_exam:
        return Chosen(patient_id=None)
    for each in compared.candidates:
        if str(each.patient_id) == _id(into) and each.is_of_study >= compared.is_of_known_exam:
            return Chosen(patient_id=each.patient_id)
    raise InvalidFieldError("into", "Choose the record that it belongs in.")


def _id(text: str) -> str:
    try:
        return str(from_text(text))
    except NotFoundError:
        return ""


def arrival_of(vault: Vault, item: ReviewItem) -> Arrival:
    """Look an object over and seal it anew, as any that comes in. Not yet durable."""
    require_sound(item.pk)
    stored = open_stored(item)
    looked = look_over(stored)
    return packed(looked, stored, marks_of(vault, looked.header, looked.digest))


def end_waiting(
    items: list[ReviewItem], party: Party, decided: str, words: str, *, at: datetime
) -> None:
    """Let it be over, in the caller's transaction. Its key goes: what is filed has its own.

    Raises:
        StateConflictError: somebody was faster.
    """
    states = {each.state for each in items}
    as_read = ReviewItem.objects.filter(pk__in=[each.pk for each in items], state__in=states)
    done = as_read.update(
        state=ReviewState.FILED,
        decided_as=decided,
        decided_words=words,
        decided_by=party.account,
        decided_at=at,
        wrapped_key=b"",
        sealed_card=b"",
    )
    if done != len(items):
        raise StateConflictError(_DECIDED)


def _of_one(filed: list[Filed]) -> UUID:
    """Return the exam that all were filed in."""
    studies = {each.study_id for each in filed if each.outcome is not Outcome.REVIEW}
    (study_id,) = studies if len(studies) == 1 else (None,)
    if study_id is None or any(each.outcome is Outcome.REVIEW for each in filed):
        raise StateConflictError(CHANGED)
    return study_id


def _note(
    party: Party, vault: Vault, item: ReviewItem, filed: list[Filed], ready: Ready, *, at: datetime
) -> None:
    """Put on record what was where before and is where now, and let the rest be made later."""
    study_id, first = _of_one(filed), filed[0]
    happened = [
        (ImagingEvent.PATIENT_CREATED, f"patient/{first.patient_id}", first.new_patient),
        (ImagingEvent.STUDY_FILED, f"study/{study_id}", first.new_study),
        (ImagingEvent.STUDY_RESTORED, f"study/{study_id}", first.restored),
    ]
    for event, subject, is_so in happened:
        if is_so:
            record(
                event,
                actor=party.name,
                session=party.session,
                subject=subject,
                vault_id=vault.id,
                at=at,
            )
    record(
        ReceiveEvent.WAITING_FILED,
        actor=party.name,
        session=party.session,
        subject=f"study/{study_id}",
        vault_id=vault.id,
        reason=item.reason,
        count=len(filed),
        size=sum(arrival.card.size for arrival in ready.arrivals),
        detail={
            "before": f"object/{item.pk}",
            "after": f"patient/{first.patient_id}",
            "filed": [str(each.instance_id) for each in ready.arrivals][:100],
        },
        at=at,
    )
    for series_id in {each.series_id for each in filed if each.series_id is not None}:
        finish_later(series_id)
