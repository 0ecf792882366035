"""How does somebody prove, years later and without us, that an exam's key was destroyed?

With a signed note: which key, when, which entry of the record says so, which backups of
the key store still held it, and the day from which nothing can open it any more. No name.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.governance.keys import verify_destruction
from safelight.governance.keys.errors import NotDestroyedError
from safelight.governance.keys.events import KeyEvent
from safelight.governance.recovery.errors import BackupNotSetUpError
from safelight.governance.recovery.keeping import KEYS_LIVE
from safelight.governance.recovery.manifest import ids_in, moment_of
from safelight.governance.recovery.setup import configured
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.keys.inventory import destroyed_at
from safelight.platform.keys.models import Kind
from safelight.platform.keys.signing import (
    Signer,
    first_signer,
    keys_beside,
    list_of_keys,
    signer_for,
)
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Study, StudyState, Vault

PURPOSE: Final = "certificate-signing"
SORT: Final = "safelight-destruction"
_LISTED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """An exam that is gone for good. `unreadable_from` is when the last backup has lapsed."""

    study_id: UUID
    at: datetime
    unreadable_from: datetime


def signer() -> Signer:
    """Return the instance's signer of certificates."""
    return signer_for(PURPOSE, SORT)


def certificate_key() -> str:
    """Return the first key of certificates, as text: a later certificate carries the list."""
    return first_signer(PURPOSE, SORT).verifier_key


def certificate_keys() -> str:
    """Return all keys of certificates, each endorsed by the one before. They are public."""
    return list_of_keys(PURPOSE, SORT)


def certificate_verifier() -> str:
    """Return the verifier of certificates as one file that needs nothing but Python."""
    return one_file(verify_destruction)


def erased_exams(party: Party) -> list[Erased]:
    """List the exams of a person's own that are gone for good, the latest first."""
    own = Vault.objects.filter(account_id=party.account).values("id")
    rows = Study.objects.filter(vault_id__in=own, state=StudyState.ERASED).order_by("-changed_at")
    found = []
    for study_id in rows.values_list("pk", flat=True)[:_LISTED]:
        at = destroyed_at(Kind.STUDY, study_id)
        if at is not None:
            found.append(Erased(study_id=study_id, at=at, unreadable_from=at + KEYS_LIVE))
    return found


def own_certificate(party: Party, study_id: UUID, *, at: datetime) -> str:
    """Certify to a person that the key of their own exam was destroyed.

    Raises:
        NotFoundError: no exam of theirs of this id is gone.
    """
    own = Vault.objects.filter(account_id=party.account).values("id")
    if not Study.objects.filter(pk=study_id, vault_id__in=own, state=StudyState.ERASED).exists():
        raise NotFoundError
    try:
        return certificate(Kind.STUDY, study_id, actor=party.name, at=at)
    except NotDestroyedError:
        raise NotFoundError from None


def certificate(kind: Kind, subject_id: UUID, *, actor: str, at: datetime) -> str:
    """Certify that a key was destroyed, as a signed note; that it was certified is on record.

    Raises:
        NotDestroyedError: it was not.
    """
    gone = destroyed_at(kind, subject_id)
    if gone is None:
        raise NotDestroyedError(f"the {kind.value} key {subject_id} has not been destroyed")
    by = signer()
    held = _still_held(gone, at=at)
    listed = keys_beside(PURPOSE, SORT).encode()
    lines = [
        by.name,
        f"form: {verify_destruction.FORM}",
        f"key: {kind.value} {subject_id}",
        "sealing: AES-256-GCM; without this key what it sealed is noise",
        f"destroyed: {_stamp(gone)}",
        *(f"record-entry: {entry}" for entry in _entries(kind, subject_id)),
        *(f"key-backup: {name} lapses {_stamp(lapses)}" for name, lapses in held),
        f"unreadable-everywhere-from: {_stamp(gone + KEYS_LIVE)}",
        f"issued: {_stamp(at)}",
        *([f"{verify_destruction.KEYS}: {base64.b64encode(listed).decode()}"] if listed else []),
    ]
    body = "\n".join(lines) + "\n"
    with transaction.atomic():
        record(KeyEvent.CERTIFIED, actor=actor, subject=f"{kind.value}/{subject_id}", at=at)
    return f"{body}\n{by.line_under(body)}"


def _still_held(gone: datetime, *, at: datetime) -> list[tuple[str, datetime]]:
    """Return the backups of the key store from before, that have not lapsed yet."""
    try:
        place = configured().keys
    except BackupNotSetUpError:
        return []
    return [
        (name, moment_of(name) + KEYS_LIVE)
        for name in ids_in(place, "keys")
        if moment_of(name) < gone and moment_of(name) + KEYS_LIVE > at
    ]


def _entries(kind: Kind, subject_id: UUID) -> list[UUID]:
    found = Entry.objects.filter(
        subject=f"{kind.value}/{subject_id}", kind=ImagingEvent.STUDY_ERASED.value
    )
    return list(found.order_by("at").values_list("entry_id", flat=True))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
