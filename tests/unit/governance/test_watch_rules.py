"""Each rule of the watch: what is just enough, and what is just not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from safelight.governance.watch import thresholds as at_most
from safelight.governance.watch.rules import Finding, findings, usual_hour
from safelight.governance.watch.sightings import Sighting
from safelight.governance.watch.thresholds import Code, Severity, Threshold

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def seen(
    rule: Code, what: str, number: int, over: timedelta, *, same: bool = False
) -> list[Sighting]:
    """Return so many sightings, the last at noon and the first so long before."""
    step = over / max(1, number - 1)
    return [
        Sighting(
            rule=rule,
            key="account/a",
            what=what,
            other="one" if same else f"other/{each}",
            at=NOON - step * (number - 1 - each),
            seq=each + 1,
        )
        for each in range(number)
    ]


def found(rule: Code, sightings: Sequence[Sighting], since: datetime = NOON) -> list[Finding]:
    return findings(rule, sightings, since=since)


def forms(rule: Code, sightings: Sequence[Sighting]) -> set[str]:
    return {each.form for each in found(rule, sightings)}


COUNTED = [
    (Code.SPRAYING, "failed", "failed", at_most.SPRAYED_ACCOUNTS),
    (Code.GUESSING, "failed", "failed", at_most.FAILED_SIGN_INS),
    (Code.MASS_ACCESS, "copy", "copy", at_most.COPIES_AN_HOUR),
    (Code.BREAK_GLASS, "broken", "often", at_most.BROKEN_GLASS_OFTEN),
    (Code.PROBING, "missed", "missed", at_most.PROBED_IDS),
    (Code.PROBING, "path", "path", at_most.PROBED_IDS),
    (Code.LINKS, "wrong", "wrong", at_most.BAD_SECRETS),
    (Code.LINKS, "unknown", "unknown", at_most.UNKNOWN_LINKS),
    (Code.LINKS, "network", "network", at_most.NETWORKS_OF_A_LINK),
    (Code.PEERS, "rejected", "rejected", at_most.REJECTED_PEER),
    (Code.PEERS, "everything", "everything", at_most.ASKED_FOR_EVERYTHING),
    (Code.HOSTILE, "crashed", "crashed", at_most.CRASHES),
    (Code.POWER, "changed", "twice", at_most.POWER_CHANGED_TWICE),
    (Code.DESTRUCTION, "removed", "removed", at_most.DELETES_A_MINUTE),
    (Code.DESTRUCTION, "removed", "many", at_most.DELETES_AN_HOUR),
    (Code.DESTRUCTION, "backup-failed", "backup-failed", at_most.BACKUPS_FAILED),
    (Code.CONFLICTS, "contradicted", "contradicted", at_most.CONFLICTING_OBJECTS),
]
IDS = [f"{rule.value}-{form}" for rule, _, form, _ in COUNTED]


@pytest.mark.parametrize(("rule", "what", "form", "limit"), COUNTED, ids=IDS)
def test_enough_within_the_window_is_found(
    rule: Code, what: str, form: str, limit: Threshold
) -> None:
    within = seen(rule, what, limit.count, limit.per - A_SECOND)
    (hit,) = (each for each in found(rule, within) if each.form == form)
    assert (hit.count, hit.key, hit.last_at) == (limit.count, "account/a", NOON)
    assert hit.seqs == tuple(range(1, limit.count + 1))


@pytest.mark.parametrize(("rule", "what", "form", "limit"), COUNTED, ids=IDS)
def test_one_less_is_not_found(rule: Code, what: str, form: str, limit: Threshold) -> None:
    assert form not in forms(rule, seen(rule, what, limit.count - 1, limit.per - A_SECOND))


@pytest.mark.parametrize(("rule", "what", "form", "limit"), COUNTED, ids=IDS)
def test_enough_over_the_window_and_a_second_is_not_found(
    rule: Code, what: str, form: str, limit: Threshold
) -> None:
    assert form not in forms(rule, seen(rule, what, limit.count, limit.per + A_SECOND))


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (Code.SPRAYING, "failed"),
        (Code.PROBING, "missed"),
        (Code.LINKS, "unknown"),
        (Code.LINKS, "network"),
        (Code.MASS_ACCESS, "copy"),
    ],
)
def test_the_same_thing_again_and_again_is_one_thing(rule: Code, what: str) -> None:
    assert not forms(rule, seen(rule, what, 150, timedelta(minutes=1), same=True))


ONCE_IS_ENOUGH = [
    (Code.BREAK_GLASS, "broken"),
    (Code.PEERS, "strange"),
    (Code.HOSTILE, "hostile"),
    (Code.TRAIL, "broken"),
    (Code.POWER, "changed"),
    (Code.CANARY, "touched"),
    (Code.DATABASE, "touched"),
    (Code.DESTRUCTION, "damaged"),
    (Code.MASS_ACCESS, "stopped"),
]


@pytest.mark.parametrize(("rule", "what"), ONCE_IS_ENOUGH)
def test_some_things_are_found_at_the_first_time(rule: Code, what: str) -> None:
    assert forms(rule, seen(rule, what, 1, timedelta(0))) == {what}


@pytest.mark.parametrize(("rule", "what"), ONCE_IS_ENOUGH)
def test_what_was_judged_before_is_not_found_again(rule: Code, what: str) -> None:
    old = seen(rule, what, 1, timedelta(0))
    assert found(rule, old, since=NOON + A_SECOND) == []


def after(failures: int, over: timedelta, then: str, what: str, rule: Code) -> set[str]:
    before = seen(rule, what, failures, over - A_SECOND)
    moved = [
        Sighting(
            rule=each.rule,
            key=each.key,
            what=each.what,
            other=each.other,
            at=each.at - A_SECOND,
            seq=each.seq,
        )
        for each in before
    ]
    end = Sighting(rule=rule, key="account/a", what=then, other="x", at=NOON, seq=99)
    return forms(rule, [*moved, end])


def test_a_sign_in_that_works_after_five_failures_is_found_and_after_four_is_not() -> None:
    enough = at_most.FAILED_BEFORE_SUCCESS
    near = timedelta(minutes=5)
    assert after(enough.count, near, "entered", "failed", Code.GUESSING) == {"entered-after-failed"}
    assert after(enough.count - 1, near, "entered", "failed", Code.GUESSING) == set()
    late = enough.per + A_SECOND
    assert after(enough.count, late, "entered", "failed", Code.GUESSING) == set()


def test_a_success_after_failures_is_urgent_and_failures_alone_are_not() -> None:
    failures = seen(Code.GUESSING, "failed", 8, timedelta(minutes=5))
    (alone,) = found(Code.GUESSING, failures)
    assert alone.severity is Severity.MEDIUM
    end = Sighting(rule=Code.GUESSING, key="account/a", what="entered", other="x", at=NOON, seq=99)
    both = {each.form: each.severity for each in found(Code.GUESSING, [*failures, end])}
    assert both["entered-after-failed"] is Severity.HIGH


def test_something_sensitive_within_ten_minutes_of_a_new_device_is_found() -> None:
    def so_long_after(wait: timedelta) -> set[str]:
        return forms(
            Code.NEW_DEVICE,
            [
                Sighting(
                    rule=Code.NEW_DEVICE,
                    key="account/a",
                    what=what,
                    other=what,
                    at=at,
                    seq=seq,
                )
                for what, at, seq in (("new", NOON - wait, 1), ("act", NOON, 2))
            ],
        )

    window = at_most.SENSITIVE_AFTER_NEW_DEVICE.per
    assert so_long_after(window - A_SECOND) == {"act-after-new"}
    assert so_long_after(window + A_SECOND) == set()
    assert forms(Code.NEW_DEVICE, seen(Code.NEW_DEVICE, "act", 5, window)) == set()


def test_twenty_one_patients_in_an_hour_are_many_for_somebody_who_sees_few() -> None:
    window = timedelta(hours=1) - A_SECOND
    assert forms(Code.MASS_ACCESS, seen(Code.MASS_ACCESS, "patient", 21, window)) == {"patient"}
    assert forms(Code.MASS_ACCESS, seen(Code.MASS_ACCESS, "patient", 20, window)) == set()
    over = timedelta(hours=1, seconds=3)
    assert forms(Code.MASS_ACCESS, seen(Code.MASS_ACCESS, "patient", 21, over)) == set()


def test_what_is_many_depends_on_what_is_usual_for_this_person() -> None:
    def day(back: int, patients: int) -> list[Sighting]:
        at = NOON - timedelta(days=back)
        return [
            Sighting(
                rule=Code.MASS_ACCESS,
                key="account/a",
                what="patient",
                other=f"p/{back}/{each}",
                at=at + timedelta(seconds=each),
                seq=1000 * back + each,
            )
            for each in range(patients)
        ]

    usual = [each for back in range(1, 20) for each in day(back, 8)]
    window = timedelta(minutes=50)
    assert usual_hour(usual, until=NOON) == 8
    forty = seen(Code.MASS_ACCESS, "patient", 40, window)
    assert forms(Code.MASS_ACCESS, [*usual, *forty]) == set()
    more = seen(Code.MASS_ACCESS, "patient", 41, window)
    assert forms(Code.MASS_ACCESS, [*usual, *more]) == {"patient"}
    longer_ago = [each for back in range(31, 50) for each in day(back, 8)]
    assert forms(Code.MASS_ACCESS, [*longer_ago, *forty]) == {"patient"}


def test_three_times_the_bytes_of_the_largest_hour_of_a_week_are_found() -> None:
    def hour(back: int, size: int) -> Sighting:
        return Sighting(
            rule=Code.DESTRUCTION,
            key="instance",
            what="egress",
            other="instance",
            at=NOON - timedelta(hours=back),
            seq=200 - back,
            weight=size,
        )

    gib = 1024**3
    week = [hour(20, 4 * gib), hour(40, 2 * gib)]
    assert forms(Code.DESTRUCTION, [*week, hour(0, 12 * gib + 1)]) == {"egress"}
    assert forms(Code.DESTRUCTION, [*week, hour(0, 12 * gib)]) == set()
    assert forms(Code.DESTRUCTION, [hour(20, gib), hour(0, 9 * gib)]) == set(), "a small place"
    longer_ago = [hour(7 * 24 + 1, 4 * gib)]
    assert forms(Code.DESTRUCTION, [*longer_ago, hour(0, 12 * gib + 1)]) == set()


def test_every_rule_can_be_hit() -> None:
    hit = {rule for rule, *_ in COUNTED} | {rule for rule, _ in ONCE_IS_ENOUGH}
    assert hit | {Code.NEW_DEVICE} == set(Code)
