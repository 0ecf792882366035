"""What an instance and its witness say to one another, as steps of lived.py."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from starlette.testclient import TestClient

from harming import past_triggers, sign_all_anew
from safelight.exchange.access.mode import mode_now
from safelight.exchange.access.witnessing import ask_who_has_seen_more
from safelight.governance.recovery.events import RecoveryEvent
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.entry import mac
from safelight.platform.audit.models import Cosignature, Entry
from safelight.platform.audit.sequencer import checkpoint_now, sequence_once
from safelight.platform.keys.ring import ring
from safelight.records.accounts.events import AccountEvent


def witnessed(_web: TestClient, is_start: str = "") -> dict[str, Any]:
    """Sign the end of the record, ask who has seen more, and say how it stands."""
    in_place()
    checkpoint_now(at=clock.now())
    contests = ask_who_has_seen_more(at=clock.now(), is_start=bool(is_start))
    in_place()
    return {
        "contests": [{"trouble": each.trouble.value, "seq": each.seq} for each in contests],
        "mode": mode_now().value,
        "asked": Entry.objects.filter(kind=RecoveryEvent.GOING_ON.value).count(),
    }


def happen(_web: TestClient) -> dict[str, Any]:
    """Let something be recorded."""
    for _ in range(5):
        with transaction.atomic():
            record(AccountEvent.SIGNED_OUT, actor="account/a1", at=clock.now())
    in_place()
    return {}


def rewrite(_web: TestClient) -> dict[str, Any]:
    """Let an old entry say something else, and sign all anew, as one with all keys can."""
    entry = Entry.objects.order_by("seq")[1]
    text = f"{entry.text} "
    signed = list(Cosignature.objects.all())
    made = mac(ring().instance_key("audit-entry"), text)
    with past_triggers() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET text = %s, mac = %s WHERE seq = %s", [text, made, entry.seq]
        )
        sign_all_anew(cursor)
        Cosignature.objects.bulk_create(signed)
    return {}


def in_place() -> None:
    """Give each entry its place."""
    while sequence_once():
        pass
