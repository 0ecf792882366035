"""How is what ended after a backup ended again, before anybody gets in?

Each act of the journal is done to the rows as they were restored: again is harmless, and
what the backup does not know is passed over and counted. Only the last word counts of
what was paused and went on, or was removed and brought back. What is destroyed is
destroyed for good: its key is absent, and its rows go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.models import CareRelation
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent, ConsentMember, ConsentPause
from safelight.exchange.release.models import GuestEntry, Share
from safelight.governance.recovery.acts import KEY_DESTROYED, Act
from safelight.governance.recovery.events import RecoveryEvent
from safelight.platform.audit.actions import record
from safelight.platform.keys import store as key_store
from safelight.platform.keys.models import Destruction, Kind
from safelight.platform.keys.ring import ring
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import (
    Account,
    ApiToken,
    GroupMember,
    Membership,
    Representative,
    RepresentativeState,
    Session,
    Staff,
)
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Instance, Series, Study, StudyState
from safelight.records.imaging.parts import take_out

_NOW_OVER: Final = {
    ConsentEvent.SUSPENDED.value: ConsentEvent.RESUMED.value,
    ImagingEvent.STUDY_REMOVED.value: ImagingEvent.STUDY_RESTORED.value,
    ImagingEvent.SERIES_REMOVED.value: ImagingEvent.PARTS_RESTORED.value,
    ImagingEvent.INSTANCE_REMOVED.value: ImagingEvent.PARTS_RESTORED.value,
}
_OF_ENDINGS: Final = frozenset(_NOW_OVER.values())


def replay(acts: Iterable[Act], *, at: datetime) -> Counter[tuple[str, str]]:
    """Do acts again; count for each kind what was done, stood already, or is unknown here."""
    found: Counter[tuple[str, str]] = Counter()
    for act in _last_words(list(acts)):
        with transaction.atomic():
            outcome = _do(act, at)
            if outcome == "done":
                record(
                    RecoveryEvent.REPLAYED,
                    actor="system",
                    subject=act.subject,
                    reason=act.kind.replace(".", "-"),
                    at=at,
                )
        found[act.kind, outcome] += 1
    for study_id in _spent_studies():
        study = Study.objects.filter(pk=study_id).first()
        if study is not None and (study.state != StudyState.ERASED or study.sealed_answer):
            erase_study(study, at=at)
            found[KEY_DESTROYED, "purged"] += 1
    with transaction.atomic():
        turn_epoch()
    ring().forget()
    return found


def end_all_visits(*, at: datetime) -> int:
    """End every session and every visit by a link: whoever was signed out since, stays so."""
    count, _ = Session.objects.all().delete()
    return count + GuestEntry.objects.filter(ended_at__isnull=True).update(ended_at=at)


def pause_all_shares(*, at: datetime) -> int:
    """Pause every consent that lives; its giver lets each go on by a press."""
    paused = 0
    for row in Consent.objects.filter(revoked_at__isnull=True, ends_at__gt=at):
        with transaction.atomic():
            paused += _pause(row, "hand", at)
    with transaction.atomic():
        turn_epoch()
    return paused


def _last_words(acts: list[Act]) -> list[Act]:
    """Leave out what was taken back later, and the taking back itself."""
    kept = []
    for number, act in enumerate(acts):
        if act.kind in _OF_ENDINGS:
            continue
        over = _NOW_OVER.get(act.kind)
        later = acts[number + 1 :] if over else []
        if not any((each.kind, each.subject) == (over, act.subject) for each in later):
            kept.append(act)
    return kept


def _do(act: Act, at: datetime) -> str:
    """Do one act: "done", "stood" where it is so already, "unknown" where there is no such row."""
    if act.kind == KEY_DESTROYED:
        return _destroy(act)
    doing = _DOINGS.get(act.kind)
    subject = act.subject.partition("/")[2]
    try:
        identity = UUID(subject)
    except ValueError:
        return "unknown"
    return doing(act, identity, at) if doing is not None else "unknown"


def _destroy(act: Act) -> str:
    kind, _, subject = act.subject.partition("/")
    identity = UUID(subject)
    if kind not in set(Kind):
        return "unknown"
    if Destruction.objects.using("keys").filter(kind=kind, subject_id=identity).exists():
        return "stood"
    key_store.replay([(Kind(kind), identity, act.moment)])
    return "done"


def _spent_studies() -> list[UUID]:
    """Name the studies whose key was destroyed, alone or with their vault's."""
    gone = Destruction.objects.using("keys")
    studies = list(gone.filter(kind=Kind.STUDY).values_list("subject_id", flat=True))
    vaults = list(gone.filter(kind=Kind.VAULT).values_list("subject_id", flat=True))
    return [*studies, *Study.objects.filter(vault_id__in=vaults).values_list("pk", flat=True)]


def _revoke(act: Act, identity: UUID, _at: datetime) -> str:
    row = Consent.objects.filter(pk=identity).first()
    if row is None:
        return "unknown"
    if row.revoked_at is not None:
        return "stood"
    Consent.objects.filter(pk=identity).update(revoked_at=act.moment, ended_by=act.reason[:16])
    shares = Share.objects.filter(consent_id=identity)
    GuestEntry.objects.filter(share__in=shares, ended_at__isnull=True).update(ended_at=act.moment)
    return "done"


def _suspend(act: Act, identity: UUID, _at: datetime) -> str:
    row = Consent.objects.filter(pk=identity).first()
    if row is None:
        return "unknown"
    return "done" if _pause(row, act.reason[:16] or "hand", act.moment) else "stood"


def _pause(row: Consent, by: str, at: datetime) -> int:
    _, is_new = ConsentPause.objects.get_or_create(
        consent=row, by=by, ended_at=None, defaults={"account_id": row.grantor_id, "since": at}
    )
    if row.suspended_at is None:
        Consent.objects.filter(pk=row.pk).update(suspended_at=at)
    return int(is_new)


def _remove(act: Act, identity: UUID, _at: datetime) -> str:
    rows = Study.objects.filter(pk=identity)
    if not rows.exists():
        return "unknown"
    filed = rows.filter(state=StudyState.FILED)
    is_done = filed.update(state=StudyState.REMOVED, removed_at=act.moment, changed_at=act.moment)
    return "done" if is_done else "stood"


def _remove_parts(act: Act, _identity: UUID, _at: datetime) -> str:
    done = 0
    for row in Instance.objects.filter(id__in=[UUID(each) for each in act.more]):
        series = Series.objects.filter(pk=row.series_id).first()
        if series is not None:
            done += take_out(series, row, at=act.moment)
    return "done" if done else "stood"


def _end_care(act: Act, identity: UUID, _at: datetime) -> str:
    live = CareRelation.objects.filter(pk=identity, ended_at__isnull=True)
    return _told(live.update(ended_at=act.moment, ended_by=act.reason[:12]))


def _end_representative(act: Act, identity: UUID, _at: datetime) -> str:
    live = Representative.objects.filter(pk=identity).exclude(state=RepresentativeState.ENDED)
    return _told(
        live.update(state=RepresentativeState.ENDED, ended_at=act.moment, ended_by=act.reason[:16])
    )


def _block_representative(_act: Act, identity: UUID, _at: datetime) -> str:
    live = Representative.objects.filter(pk=identity).exclude(
        state__in=(RepresentativeState.ENDED, RepresentativeState.BLOCKED)
    )
    return _told(live.update(state=RepresentativeState.BLOCKED))


def _dispute_representative(_act: Act, identity: UUID, _at: datetime) -> str:
    verified = Representative.objects.filter(pk=identity, state=RepresentativeState.VERIFIED)
    return _told(verified.update(state=RepresentativeState.DISPUTED))


def _dismiss_member(act: Act, identity: UUID, _at: datetime) -> str:
    accounts = [UUID(each) for each in act.more]
    live = GroupMember.objects.filter(
        group_id=identity, account_id__in=accounts, ended_at__isnull=True
    )
    consents = Consent.objects.filter(recipient_group_id=identity).values("id")
    ConsentMember.objects.filter(
        consent_id__in=consents, account_id__in=accounts, ended_at__isnull=True
    ).update(ended_at=act.moment)
    return _told(live.update(ended_at=act.moment))


def _end_membership(act: Act, _identity: UUID, _at: datetime) -> str:
    live = Membership.objects.filter(pk__in=[UUID(each) for each in act.more]).exclude(
        state=Membership.State.ENDED
    )
    return _told(live.update(state=Membership.State.ENDED, ended_at=act.moment))


def _dismiss_staff(act: Act, identity: UUID, _at: datetime) -> str:
    live = Staff.objects.filter(account_id=identity, role=act.reason, ended_at=None)
    return _told(live.update(ended_at=act.moment))


def _revoke_token(act: Act, identity: UUID, _at: datetime) -> str:
    live = ApiToken.objects.filter(pk=identity, revoked_at__isnull=True)
    return _told(live.update(revoked_at=act.moment))


def _spend_password(_act: Act, identity: UUID, _at: datetime) -> str:
    """Let an old password, or one behind a factor that was removed, open nothing any more."""
    account = Account.objects.filter(pk=identity).first()
    if account is None:
        return "unknown"
    if not account.has_usable_password():
        return "stood"
    account.set_unusable_password()
    account.save(update_fields=["password"])
    return "done"


def _told(rows: int) -> str:
    return "done" if rows else "stood"


_DOINGS: Final[dict[str, Callable[[Act, UUID, datetime], str]]] = {
    ConsentEvent.REVOKED.value: _revoke,
    ConsentEvent.SUSPENDED.value: _suspend,
    ImagingEvent.STUDY_REMOVED.value: _remove,
    ImagingEvent.SERIES_REMOVED.value: _remove_parts,
    ImagingEvent.INSTANCE_REMOVED.value: _remove_parts,
    AccessEvent.CARE_ENDED.value: _end_care,
    AccessEvent.REPRESENTATIVE_ENDED.value: _end_representative,
    AccessEvent.REPRESENTATIVE_BLOCKED.value: _block_representative,
    AccessEvent.REPRESENTATIVE_DISPUTED.value: _dispute_representative,
    AccessEvent.MEMBER_DISMISSED.value: _dismiss_member,
    AccountEvent.MEMBERSHIP_ENDED.value: _end_membership,
    AccountEvent.STAFF_DISMISSED.value: _dismiss_staff,
    AccountEvent.TOKEN_REVOKED.value: _revoke_token,
    AccountEvent.PASSWORD_CHANGED.value: _spend_password,
    AccountEvent.FACTOR_REMOVED.value: _spend_password,
}
