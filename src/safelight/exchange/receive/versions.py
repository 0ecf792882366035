"""Which of two versions of one object is shown, where it came twice with other bytes?

Both are kept. The one that is not shown stays beside the desk's comparison, is erased with
its exam, and can be chosen again. What is shown is a new arrival: no consent that was given
before covers it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.caring.relations import LONGEST_TEXT, desk_vaults
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.door import require_sender
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.finishing import finish_later
from safelight.exchange.receive.reconciling import CHANGED, arrival_of, end_waiting
from safelight.exchange.receive.together import commit
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.records.imaging.arrivals import Filed, Outcome, ReviewReason
from safelight.records.imaging.filing import Filing, make_durable
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    ReviewItem,
    ReviewState,
    SeriesMetadata,
    Study,
    StudyState,
    Thumbnail,
    Vault,
)


def choose_version(party: Party, item_id: UUID, words: str, *, at: datetime) -> UUID:
    """Show this version from now on, keep the other, and return the exam's id.

    `words` say why. Nothing else of the exam changes.

    Raises:
        NotFoundError: it is not of the party's institution, or is no other version.
        MayNotStoreError, ReadOnlyError, RecoveringError: nothing may be brought in now.
        InvalidFieldError: nothing is said.
        StateConflictError: there is nothing to choose over, or it names another series or person.
        QuarantinedError: it does not read as it was stored.
        StorageFullError: there is no room.
    """
    vaults = {vault.id: vault for vault in desk_vaults(party)}
    item = ReviewItem.objects.filter(
        pk=item_id,
        vault_id__in=vaults,
        reason=ReviewReason.OTHER_BYTES,
        state__in=(ReviewState.WAITING, ReviewState.KEPT),
    ).first()
    if item is None:
        raise NotFoundError
    require_sender(party, at=at)
    if not 1 <= len(words.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("words", "Say why this is the right version.")
    vault = vaults[item.vault_id]
    ready = make_durable(vault, [arrival_of(vault, item)])

    def work() -> UUID:
        take_turn(f"filing/{vault.id}")
        end_waiting([item], party, "version", words.strip(), at=at)
        shown = _shown(item)
        _keep_beside(shown, party, words.strip(), at=at)
        (filed,) = Filing(vault, ready, at=at, batch_id=item.batch_id).file_all()
        if filed.outcome is not Outcome.STORED or filed.series_id != shown.series_id:
            raise StateConflictError("This version names another series, or another person.")
        _note(party, vault, shown, ready.arrivals[0].instance_id, filed, at=at)
        return shown.study_id

    return commit(work)


def _shown(item: ReviewItem) -> Instance:
    shown = Instance.objects.filter(vault_id=item.vault_id, uid_token=bytes(item.uid_token)).first()
    if shown is None:
        raise StateConflictError("No other version of it is kept any more: file it.")
    if not Study.objects.filter(pk=shown.study_id, state=StudyState.FILED).exists():
        raise StateConflictError(CHANGED)
    return shown


def _keep_beside(shown: Instance, party: Party, words: str, *, at: datetime) -> None:
    """Take what was shown from among the exam's objects, under the same keys."""
    ReviewItem.objects.create(
        id=shown.id,
        vault_id=shown.vault_id,
        reason=ReviewReason.OTHER_BYTES,
        state=ReviewState.KEPT,
        uid_token=bytes(shown.uid_token),
        digest_token=bytes(shown.digest_token),
        pack=shown.pack,
        offset=shown.offset,
        length=shown.length,
        wrapped_key=bytes(shown.wrapped_key),
        sealed_card=bytes(shown.sealed_card),
        received_at=shown.received_at,
        study_id=shown.study_id,
        decided_as="version",
        decided_words=words,
        decided_by=party.account,
        decided_at=at,
    )
    InstanceModel.objects.filter(pk=shown.id).delete()
    SeriesMetadata.objects.filter(pk=shown.series_id).delete()
    Thumbnail.objects.filter(pk=shown.series_id).delete()
    Instance.objects.filter(id=shown.id).delete()


def _note(
    party: Party, vault: Vault, before: Instance, after: UUID, filed: Filed, *, at: datetime
) -> None:
    record(
        ReceiveEvent.VERSION_CHOSEN,
        actor=party.name,
        session=party.session,
        subject=f"study/{before.study_id}",
        vault_id=vault.id,
        count=1,
        detail={"before": f"object/{before.id}", "after": f"object/{after}"},
        at=at,
    )
    turn_epoch([before.study_id])
    if filed.series_id is not None:
        finish_later(filed.series_id)
