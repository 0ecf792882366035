"""What happens when an institution knows that somebody has died? (E27)

One of its desk says so and what they saw, a second confirms it. From then on nobody
signs in to the account, nobody acts for the person but an executor, and what was
shared for treatment is paused: an executor, whom two people have verified by a
document, keeps a share by signing within thirty days, or it ends. All else stays as
it was and as protected. An error is undone, and what had not ended goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.caring.relations import (
    LONGEST_TEXT,
    desk_vaults,
    hold_record,
    patient_at_desk,
)
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.models import DeathNotice
from safelight.exchange.access.representing.ending import finish
from safelight.exchange.access.representing.recording import in_person, tell
from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.consent.terms import Purpose
from safelight.exchange.release.people import name_of
from safelight.exchange.release.sharing.keeping import with_passed_on
from safelight.exchange.release.sharing.pausing import PausedBy, pause, unpause
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import (
    Account,
    Representative,
    RepresentativeKind,
    RepresentativeState,
    State,
)

TIME_TO_CONFIRM: Final = timedelta(days=30)
_FOR_TREATMENT: Final = (Purpose.TREATMENT, Purpose.SECOND_OPINION)
_BY_DEATH: Final = "death"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathLine:
    """One notice as the desk sees it. `may_confirm`: another person of the desk said it first."""

    notice_id: UUID
    name: str
    evidence: str
    first_at: datetime
    second_at: datetime | None
    may_confirm: bool


def report_death(
    party: Party, number: str, born_on: str, evidence: str, *, at: datetime
) -> DeathNotice:
    """Say that a patient whose record is their own has died, and what shows it.

    Raises:
        NotFoundError: the party works at no institution's desk.
        InvalidFieldError: the patient is not known here, or nothing shows it.
        StateConflictError: the record is nobody's account's, or it was said already.
    """
    patient = patient_at_desk(party, number, born_on)
    if not 1 <= len(evidence.strip()) <= LONGEST_TEXT:
        raise InvalidFieldError("evidence", "Say what shows it, such as a death certificate seen.")
    with transaction.atomic():
        account_id = hold_record(patient).account_id
        if account_id is None:
            raise StateConflictError("No account owns this record, so there is nothing to note.")
        if DeathNotice.objects.filter(account_id=account_id, undone_at__isnull=True).exists():
            raise StateConflictError("This was said already.")
        notice = DeathNotice.objects.create(
            vault_id=patient.vault_id,
            patient_id=patient.pk,
            account_id=account_id,
            evidence=evidence.strip(),
            first_by=party.account,
            first_at=at,
        )
        _note(AccessEvent.DEATH_REPORTED, party, notice, at=at)
    tell(account_id, "death-reported", at=at)
    return notice


def confirm_death(party: Party, notice_id: UUID, *, at: datetime) -> None:
    """Confirm it, as a second, different person of the same institution.

    Raises:
        NotFoundError: it is not of the party's institution.
        StateConflictError: it does not wait, or the same person said it first.
    """
    with transaction.atomic():
        notice = _of_the_desk(party, notice_id)
        is_open = notice.second_at is None and notice.undone_at is None
        if not is_open or notice.first_by == party.account:
            raise StateConflictError
        account = Account.objects.select_for_update().get(pk=notice.account_id)
        notice.second_by, notice.second_at = party.account, at
        notice.former_state = account.state
        notice.save(update_fields=["second_by", "second_at", "former_state"])
        Account.objects.filter(pk=account.pk).update(state=State.SUSPENDED)
        _end_representatives(account.pk, at=at)
        for consent in _for_treatment(account.pk, at=at):
            pause(consent, PausedBy.DEATH, None, at=at)
            turn_for_consents(with_passed_on(consent))
        turn_epoch()
        _note(AccessEvent.DEATH_NOTED, party, notice, at=at)
    tell(notice.account_id, "death-noted", at=at)


def undo_death(party: Party, notice_id: UUID, *, at: datetime) -> None:
    """Undo an error: the account is what it was, and what the notice paused goes on.

    Raises:
        NotFoundError: it is not of the party's institution.
    """
    with transaction.atomic():
        _undo(party, _of_the_desk(party, notice_id), at=at)


def still_alive(party: Party, *, at: datetime) -> None:
    """Let the person themself say that it is wrong, while it is not confirmed.

    Raises:
        NotFoundError: nothing was said of them.
    """
    with transaction.atomic():
        waiting = DeathNotice.objects.select_for_update().filter(
            account_id=in_person(party), second_at__isnull=True, undone_at__isnull=True
        )
        if (notice := waiting.first()) is None:
            raise NotFoundError
        _undo(party, notice, at=at)


def is_reported_dead(party: Party) -> bool:
    """Say whether an institution has said that this person died, and nobody confirmed it yet."""
    return DeathNotice.objects.filter(
        account_id__in=[party.account_id], second_at__isnull=True, undone_at__isnull=True
    ).exists()


def deaths_at_desk(party: Party, *, at: datetime) -> list[DeathLine]:
    """List what was said at the party's institution and stands, the latest first.

    Reading it is on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = desk_vaults(party)
    rows = DeathNotice.objects.filter(
        vault_id__in=[vault.id for vault in vaults], undone_at__isnull=True
    )
    note_reading(AccessEvent.DEATHS_LISTED, party, vaults, at=at)
    return [
        DeathLine(
            notice_id=row.pk,
            name=name_of(row.account_id),
            evidence=row.evidence,
            first_at=row.first_at,
            second_at=row.second_at,
            may_confirm=row.second_at is None and row.first_by != party.account,
        )
        for row in rows.order_by("-first_at")
    ]


def end_what_no_executor_kept(*, at: datetime) -> int:
    """End what a death paused and no executor has kept in time; return how many."""
    over = ConsentPause.objects.filter(
        by=PausedBy.DEATH,
        ended_at__isnull=True,
        since__lte=at - TIME_TO_CONFIRM,
        consent__revoked_at__isnull=True,
    )
    ended = 0
    for paused in over.select_related("consent"):
        with transaction.atomic():
            end_consent(NOBODY, paused.consent, EndedBy.DEATH, at=at)
            ended += 1
    return ended


def _of_the_desk(party: Party, notice_id: UUID) -> DeathNotice:
    vaults = [vault.id for vault in desk_vaults(party)]
    found = DeathNotice.objects.select_for_update().filter(pk=notice_id, vault_id__in=vaults)
    if (notice := found.first()) is None:
        raise NotFoundError
    return notice


def _undo(party: Party, notice: DeathNotice, *, at: datetime) -> None:
    if notice.undone_at is not None:
        return
    notice.undone_at, notice.undone_by = at, party.account
    notice.save(update_fields=["undone_at", "undone_by"])
    if notice.second_at is not None:
        Account.objects.filter(pk=notice.account_id, state=State.SUSPENDED).update(
            state=notice.former_state
        )
        paused = Consent.objects.select_for_update().filter(
            _of_person(notice.account_id), pk__in=_paused_by_death(), revoked_at__isnull=True
        )
        for consent in paused:
            unpause(consent, PausedBy.DEATH, party, at=at)
            turn_for_consents(with_passed_on(consent))
        turn_epoch()
    _note(AccessEvent.DEATH_UNDONE, party, notice, at=at)
    tell(notice.account_id, "death-undone", at=at)


def _paused_by_death() -> list[UUID]:
    rows = ConsentPause.objects.filter(by=PausedBy.DEATH, ended_at__isnull=True)
    return list(rows.values_list("consent_id", flat=True))


def _end_representatives(account_id: UUID, *, at: datetime) -> None:
    """End who acted for the person, but an executor: a power of attorney ends with a life."""
    rows = Representative.objects.filter(represented_id=account_id).exclude(
        Q(kind=RepresentativeKind.EXECUTOR) | Q(state=RepresentativeState.ENDED)
    )
    for row in rows:
        finish(None, row, _BY_DEATH, at=at)
        tell(row.account_id, "acting-ended", at=at)


def _for_treatment(account_id: UUID, *, at: datetime) -> list[Consent]:
    live = Consent.objects.select_for_update().filter(
        _of_person(account_id),
        purpose__in=_FOR_TREATMENT,
        parent_id__isnull=True,
        revoked_at__isnull=True,
        ends_at__gt=at,
    )
    return list(live)


def _of_person(account_id: UUID) -> Q:
    """Return what makes a consent one of a person's: given by them, or in their name."""
    return Q(subject_account_id=account_id) | Q(
        grantor_id=account_id, representative_id__isnull=True
    )


def _note(event: AccessEvent, party: Party, notice: DeathNotice, *, at: datetime) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"account/{notice.account_id}",
        vault_id=notice.vault_id,
        at=at,
    )
