"""How does a restored record go on with a witness that has seen more than was put back?

Only where its operator asks for it, on record, and the witness's keeper lets it, on the
witness's own record. The request proves that what was put back contains what the witness
signed before that moment, so nothing older can be rewritten under the name of a restore.
Without both, each start finds the record contested and shares nothing.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from safelight.governance.recovery.errors import RestoreRefusedError
from safelight.governance.recovery.events import RecoveryEvent
from safelight.platform.audit.actions import record
from safelight.platform.audit.asking import known_witnesses
from safelight.platform.audit.models import Checkpoint, Cosignature, Entry
from safelight.platform.audit.sequencer import BATCH, checkpoint_now, sequence_once
from safelight.platform.audit.tree import Tree
from safelight.platform.audit.witnesses import HIGH_WATER


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a witness's keeper is given. `common` entries are as that witness signed them."""

    witness: str
    common: int
    size: int
    text: str


def ask_to_go_on(reason: str, *, at: datetime) -> list[Request]:
    """Make the request to each witness, set the file that is kept apart aside, and record both.

    Raises:
        RestoreRefusedError: no reason was given, or nothing was put back here.
    """
    if not reason.strip():
        raise RestoreRefusedError("say why")
    while sequence_once() == BATCH:
        pass
    restored = Entry.objects.filter(kind=RecoveryEvent.RESTORED.value).order_by("-row").first()
    if restored is None or restored.seq is None:
        raise RestoreRefusedError("nothing was put back here that a witness could have missed")
    newest = checkpoint_now(at=at)
    made = [_request(each.key.name, newest, restored.seq) for each in known_witnesses()]
    with transaction.atomic():
        for each in made:
            _record(each.witness, each.common, reason, at)
        if _set_aside(at):
            _record(HIGH_WATER, 0, reason, at)
    return made


def _request(witness: str, newest: Checkpoint, restored_seq: int) -> Request:
    signed = Cosignature.objects.filter(witness=witness, checkpoint__size__lt=restored_seq)
    last = signed.order_by("-checkpoint__size").select_related("checkpoint").first()
    common = last.checkpoint.size if last is not None else 0
    proof = [base64.b64encode(each).decode() for each in Tree(newest.size).consistency(common)]
    text = "\n".join([f"old {common}", *proof]) + "\n\n" + newest.note
    return Request(witness=witness, common=common, size=newest.size, text=text)


def _set_aside(at: datetime) -> bool:
    """Keep what the file apart says under another name; the next checkpoint begins it anew."""
    if not settings.SAFELIGHT_HIGH_WATER_FILE:
        return False
    path = Path(settings.SAFELIGHT_HIGH_WATER_FILE)
    if not path.exists():
        return False
    path.rename(f"{path}.before-restore-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return True


def _record(witness: str, common: int, reason: str, at: datetime) -> None:
    record(
        RecoveryEvent.GOING_ON,
        actor="operator",
        reason=witness,
        count=common,
        detail={"reason": reason.strip()},
        at=at,
    )
