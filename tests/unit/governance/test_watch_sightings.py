"""Which entry of the record does which rule count, about whom, and does it keep no address?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from safelight.governance.watch.sightings import Known, Sighting, sightings_in
from safelight.governance.watch.thresholds import Code
from safelight.platform.audit.watching import Happened

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KNOWN = Known(
    network_of=lambda origin: "network/n" if origin else "",
    patient_of=lambda subject: subject.replace("study/", "patient/of-"),
    decoys={"study/decoy": NOON - timedelta(days=1), "token/late": NOON},
)


def of(kind: str, **more: object) -> list[Sighting]:
    facts: dict[str, object] = {
        "seq": 7,
        "at": NOON,
        "kind": kind,
        "outcome": "ok",
        "actor": "account/a",
        "subject": "",
        "origin": "203.0.113.9",
    }
    return list(sightings_in(Happened(**(facts | more)), KNOWN))  # type: ignore[arg-type]


def counted(kind: str, **more: object) -> set[tuple[Code, str, str]]:
    return {(each.rule, each.key, each.what) for each in of(kind, **more)}


ENTRIES = [
    ("account.sign-in-refused", {"subject": "account/v"}, Code.SPRAYING, "network/n", "failed"),
    ("account.sign-in-refused", {"subject": "account/v"}, Code.GUESSING, "account/v", "failed"),
    ("account.code-refused", {}, Code.GUESSING, "account/a", "failed"),
    ("account.signed-in", {}, Code.GUESSING, "account/a", "entered"),
    ("account.device-new", {}, Code.NEW_DEVICE, "account/a", "new"),
    ("account.factor-added", {}, Code.NEW_DEVICE, "account/a", "act"),
    ("study.looked-at", {"subject": "study/s"}, Code.MASS_ACCESS, "account/a", "patient"),
    ("study.downloaded", {"subject": "study/s"}, Code.MASS_ACCESS, "account/a", "copy"),
    ("access.budget-spent", {}, Code.MASS_ACCESS, "account/a", "stopped"),
    ("break-glass.opened", {}, Code.BREAK_GLASS, "account/a", "broken"),
    (
        "break-glass.reviewed",
        {"subject": "access/x", "reason": "unjustified"},
        Code.BREAK_GLASS,
        "access/x",
        "unjustified",
    ),
    ("access.denied", {"subject": "aim/1", "reason": "view"}, Code.PROBING, "account/a", "missed"),
    ("access.missed", {"subject": "aim/1"}, Code.PROBING, "account/a", "path"),
    (
        "access.missed",
        {"subject": "aim/1", "actor": "anonymous"},
        Code.PROBING,
        "network/n",
        "path",
    ),
    (
        "access.denied",
        {"subject": "aim/1", "reason": "show-secret"},
        Code.LINKS,
        "network/n",
        "unknown",
    ),
    (
        "access.denied",
        {"subject": "share/s", "reason": "show-secret"},
        Code.LINKS,
        "share/s",
        "wrong",
    ),
    ("share.code-wrong", {"subject": "share/s"}, Code.LINKS, "share/s", "wrong"),
    ("share.secret-shown", {"subject": "share/s"}, Code.LINKS, "share/s", "network"),
    ("access.unknown-caller", {"actor": "anonymous"}, Code.PEERS, "network/n", "rejected"),
    ("access.asked-everything", {"reason": "series"}, Code.PEERS, "account/a", "everything"),
    (
        "connection.refused",
        {"actor": "connection/c", "reason": "agreement_missing:baa"},
        Code.PEERS,
        "network/n",
        "rejected",
    ),
    (
        "connection.refused",
        {"actor": "anonymous", "reason": "unknown-peer"},
        Code.PEERS,
        "network/n",
        "strange",
    ),
    (
        "access.asked-everything",
        {"actor": "connection/c", "reason": "study"},
        Code.PEERS,
        "connection/c",
        "strange",
    ),
    ("intake.refused", {"reason": "unpacks-too-far"}, Code.HOSTILE, "account/a", "hostile"),
    ("intake.refused", {"reason": "crashed"}, Code.HOSTILE, "account/a", "crashed"),
    ("audit.verified", {"outcome": "failed"}, Code.TRAIL, "instance", "broken"),
    ("checkpoint.witness-refused", {"outcome": "failed"}, Code.TRAIL, "instance", "broken"),
    ("staff.appointed", {}, Code.POWER, "account/a", "changed"),
    ("key.rotated", {}, Code.POWER, "account/a", "changed"),
    ("study.removed", {"subject": "study/s"}, Code.DESTRUCTION, "account/a", "removed"),
    ("backup.failed", {}, Code.DESTRUCTION, "instance", "backup-failed"),
    ("object.quarantined", {}, Code.DESTRUCTION, "instance", "damaged"),
    ("study.download-ended", {"size": 9}, Code.DESTRUCTION, "instance", "egress"),
    ("study.looked-at", {"subject": "study/decoy"}, Code.CANARY, "study/decoy", "touched"),
    ("intake.set-aside", {"count": 3}, Code.CONFLICTS, "account/a", "contradicted"),
    ("database.touched-from-outside", {}, Code.DATABASE, "instance", "touched"),
]


@pytest.mark.parametrize(
    ("kind", "more", "rule", "key", "what"),
    ENTRIES,
    ids=[f"{rule.value}-{kind}-{what}" for kind, _, rule, _, what in ENTRIES],
)
def test_an_entry_is_counted(
    kind: str, more: dict[str, object], rule: Code, key: str, what: str
) -> None:
    assert (rule, key, what) in counted(kind, **more)


def test_every_rule_counts_some_entry() -> None:
    assert {rule for _, _, rule, _, _ in ENTRIES} == set(Code)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("audit.verified", {"outcome": "ok"}),
        ("break-glass.reviewed", {"subject": "access/x", "reason": "justified"}),
        ("intake.refused", {"reason": "not-dicom"}),
        ("access.denied", {"subject": "", "reason": "view"}),
        ("study.filed", {"subject": "study/s"}),
    ],
)
def test_what_is_usual_is_counted_by_no_rule(kind: str, more: dict[str, object]) -> None:
    assert counted(kind, **more) == set()


def test_what_was_done_to_a_decoy_while_it_was_planted_is_not_touching_it() -> None:
    assert counted("account.token-created", subject="token/late", at=NOON) == {
        (Code.NEW_DEVICE, "account/a", "act")
    }


def test_a_minutes_count_weighs_as_often_as_it_happened_and_no_address_is_kept() -> None:
    found = of("account.sign-in-refused", subject="account/v", times=6)
    assert {each.weight for each in found} == {6}
    assert "203.0.113.9" not in str(found)
