"""What becomes of each file of a complete bundle?

Each file is proved against its checksum, a paper or photograph is wrapped in
the cage, and a picture goes through the same door as every other. It may be
done twice, after a crash: what was filed the first time is then known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import transaction

from safelight.dicom.documents.declared import DocumentKind
from safelight.dicom.reading.index import index
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry.tags import PATIENT_NAME
from safelight.dicom.source import BytesSource, Source
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.bundles import BundledFile, FileKind, Slice, files_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.documents import Title, wrapped
from safelight.exchange.receive.door import attestation_of, count_verdicts
from safelight.exchange.receive.errors import BundleBrokenError
from safelight.exchange.receive.holder import is_named_like
from safelight.exchange.receive.models import Upload, UploadState
from safelight.exchange.receive.uploads import alone_with, discard_spool, opened_spool
from safelight.exchange.receive.verdicts import CHANGED, NOT_THE_HOLDER, Verdict
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.cage.errors import CageError
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import RecordBrokenError
from safelight.records.accounts.models import Account

IN_MEMORY: Final = 64 << 20
_PIECE: Final = 1 << 20


def take_in(party: Party, upload: Upload) -> None:
    """Take the files of a complete upload in; its verdicts are then known.

    Raises:
        UploadBusyError: another thread is at it.
    """
    with alone_with(upload):
        upload.refresh_from_db()
        if upload.state == UploadState.PROCESSING:
            _take_in(party, upload)


def _take_in(party: Party, upload: Upload) -> None:
    delivery = Delivery.resume(party, upload.batch)
    try:
        spool = opened_spool(upload)
    except RecordBrokenError:
        _decided(upload, [])
        return
    try:
        unpacking = Unpacking(delivery, holder_of(delivery))
        for file in files_of(spool):
            unpacking.take(file, spool)
    except BundleBrokenError:
        # Nothing in it can be told apart: no verdicts, and the browser says so of each file.
        pass
    finally:
        spool.close()
    delivery.close_group()
    _decided(upload, delivery.verdicts)


def verdicts_of(upload: Upload) -> list[dict[str, Any]]:
    """Return what became of each file, by the sender's numbers."""
    if upload.state != UploadState.DONE:
        return []
    opened = unseal(
        ring().ledger_key(upload.batch.vault_id),
        bytes(upload.sealed_verdicts),
        bound_to=f"verdicts|{upload.pk}",
    )
    verdicts: list[dict[str, Any]] = orjson.loads(opened)
    return verdicts


@dataclass(frozen=True, slots=True)
class Unpacking:
    """One bundle's way through the door. `holder` is who every picture must be about, or ""."""

    delivery: Delivery
    holder: str

    def take(self, file: BundledFile, bundle: Source) -> None:
        """Take one file in, or refuse it with the reason."""
        source: Source = Slice(bundle, file.offset, file.size)
        if file.size <= IN_MEMORY:
            source = BytesSource(source.read(0, file.size))
        if sha256_of(source) != file.sha256:
            self.delivery.refuse(file.number, CHANGED)
        elif file.kind is FileKind.DICOM:
            self._take_picture(file, source)
        else:
            self._take_document(file, source)

    def _take_picture(self, file: BundledFile, source: Source) -> None:
        if self.holder and not _is_about(source, self.holder):
            self.delivery.refuse(file.number, NOT_THE_HOLDER)
        else:
            self.delivery.take(file.number, source)

    def _take_document(self, file: BundledFile, source: Source) -> None:
        title = Title(file.title, file.on)
        try:
            made = wrapped(self.delivery.party, DocumentKind(file.kind), source, title)
        except CageError as error:
            self.delivery.refuse(file.number, error.detail or error.reason.value, str(error))
        except InvalidFieldError as error:
            self.delivery.refuse(file.number, error.code, str(error))
        else:
            self.delivery.take(file.number, made)


def holder_of(delivery: Delivery) -> str:
    """Return the name every picture must carry: none where the sender said otherwise."""
    attestation = attestation_of(delivery.batch)
    if delivery.vault.organization_id is not None or attestation is None:
        return ""
    if attestation.other_name or attestation.whose != "mine":
        return ""
    name: str = Account.objects.get(pk=delivery.party.account).name
    return name


def _is_about(source: Source, holder: str) -> bool:
    try:
        return is_named_like(index(source).text(PATIENT_NAME), holder)
    except UnreadableError:
        return True  # the door itself says what is wrong with it


def sha256_of(source: Source) -> str:
    """Return the SHA-256 of all its bytes, in hexadecimal letters."""
    running = hashlib.sha256()
    for offset in range(0, source.size, _PIECE):
        running.update(source.read(offset, _PIECE))
    return running.hexdigest()


def _decided(upload: Upload, verdicts: list[Verdict]) -> None:
    lines = [
        {
            "n": verdict.item,
            "verdict": verdict.ruling.value,
            "reason": verdict.reason,
            "sentence": verdict.sentence,
        }
        for verdict in sorted(verdicts, key=lambda each: each.item)
    ]
    sealed = seal(
        ring().ledger_key(upload.batch.vault_id),
        orjson.dumps(lines),
        bound_to=f"verdicts|{upload.pk}",
    )
    with transaction.atomic():
        open_ones = Upload.objects.filter(pk=upload.pk, state=UploadState.PROCESSING)
        if open_ones.update(sealed_verdicts=sealed, state=UploadState.DONE):
            count_verdicts(upload.batch, verdicts)
    discard_spool(upload)
