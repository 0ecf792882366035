"""When does what was counted come to something? Pure: sightings of one rule and key in.

A window ends at each new sighting, wherever in time the reader is, so that a pause of
the reader neither hides a burst nor makes two quiet hours one loud one. What lies exactly
one window before its end is outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.governance.watch import thresholds as at_most
from safelight.governance.watch.sightings import Sighting
from safelight.governance.watch.thresholds import SEVERITY, Code, Severity, Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found about whom: which of its forms, how much of it, since when."""

    rule: Code
    key: str
    form: str
    count: int
    severity: Severity
    first_at: datetime
    last_at: datetime
    seqs: tuple[int, ...] = ()


_Window = Sequence[Sighting]
_Judge = Callable[[Sequence[Sighting], datetime], Iterator[Finding]]


def findings(rule: Code, seen: Collection[Sighting], *, since: datetime) -> list[Finding]:
    """Return what a rule says of one key: of each of its forms the strongest, if any.

    `seen` are all kept sightings of the rule and key; only windows that end at `since` or
    later are judged, those before were judged then.
    """
    in_order = sorted(seen, key=lambda each: (each.at, each.seq))
    strongest: dict[str, Finding] = {}
    for found in _RULES[rule](in_order, since):
        known = strongest.get(found.form)
        if known is None or found.count > known.count:
            strongest[found.form] = found
    return list(strongest.values())


def _windows(
    seen: Sequence[Sighting], what: str, limit: Threshold, since: datetime
) -> Iterator[_Window]:
    counted = [each for each in seen if each.what == what]
    first = 0
    for last, end in enumerate(counted):
        while counted[first].at <= end.at - limit.per:
            first += 1
        if end.at >= since:
            yield counted[first : last + 1]


def _finding(form: str, window: _Window, count: int, severity: Severity | None = None) -> Finding:
    first, last = window[0], window[-1]
    return Finding(
        rule=last.rule,
        key=last.key,
        form=form,
        count=count,
        severity=severity or SEVERITY[last.rule],
        first_at=first.at,
        last_at=last.at,
        seqs=tuple(each.seq for each in window if each.seq),
    )


def _total(what: str, limit: Threshold, severity: Severity | None = None) -> _Judge:
    """Count how often."""

    def judge(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
        for window in _windows(seen, what, limit, since):
            count = sum(each.weight for each in window)
            if count >= limit.count:
                yield _finding(what, window, count, severity)

    return judge


def _different(what: str, limit: Threshold, severity: Severity | None = None) -> _Judge:
    """Count how many different ones."""

    def judge(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
        for window in _windows(seen, what, limit, since):
            count = len({each.other for each in window})
            if count >= limit.count:
                yield _finding(what, window, count, severity)

    return judge


def _often(form: str, judge: _Judge) -> _Judge:
    """Call what a judge finds by another form, where two of one rule count the same thing."""

    def renamed(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
        for found in judge(seen, since):
            yield Finding(
                rule=found.rule,
                key=found.key,
                form=form,
                count=found.count,
                severity=found.severity,
                first_at=found.first_at,
                last_at=found.last_at,
                seqs=found.seqs,
            )

    return renamed


def _followed(first: str, limit: Threshold, then: str, severity: Severity | None = None) -> _Judge:
    """Find a `then` that comes after enough of `first`, within their window."""

    def judge(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
        for end in seen:
            if end.what != then or end.at < since:
                continue
            before = [
                each
                for each in seen
                if each.what == first and end.at - limit.per < each.at <= end.at
            ]
            count = sum(each.weight for each in before)
            if count >= limit.count:
                yield _finding(f"{then}-after-{first}", [*before, end], count, severity)

    return judge


def _mass_access(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
    """Compare an hour's different patients with the actor's own hours before it."""
    for window in _windows(seen, "patient", at_most.PATIENTS_AN_HOUR, since):
        count = len({each.other for each in window})
        if count <= at_most.PATIENTS_AN_HOUR.count:
            continue
        begins = window[0].at
        before = [each for each in seen if each.what == "patient" and each.at < begins]
        if count > at_most.TIMES_THE_USUAL * usual_hour(before, until=begins):
            yield _finding("patient", window, count)


def usual_hour(before: Collection[Sighting], *, until: datetime) -> int:
    """Return the 95th percentile of different patients in the hours that had any."""
    hours: dict[datetime, set[str]] = {}
    for each in before:
        if each.at > until - at_most.USUAL_OVER:
            hour = each.at.replace(minute=0, second=0, microsecond=0)
            hours.setdefault(hour, set()).add(each.other)
    counts = sorted(len(patients) for patients in hours.values())
    return counts[(len(counts) * 95 + 99) // 100 - 1] if counts else 0


def _egress(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
    """Compare this hour's bytes with the largest hour of seven days before."""
    hours: Counter[datetime] = Counter()
    for each in seen:
        if each.what == "egress":
            hours[each.at.replace(minute=0, second=0, microsecond=0)] += each.weight
    for hour, size in hours.items():
        window = [
            each
            for each in seen
            if each.what == "egress" and each.at.replace(minute=0, second=0, microsecond=0) == hour
        ]
        if window[-1].at < since or size < at_most.LEAST_EGRESS:
            continue
        earlier = [
            past for start, past in hours.items() if hour - at_most.EGRESS_OVER <= start < hour
        ]
        if earlier and size > at_most.TIMES_THE_EGRESS * max(earlier):
            yield _finding("egress", window, size)


def _all(*judges: _Judge) -> _Judge:
    def judge(seen: Sequence[Sighting], since: datetime) -> Iterator[Finding]:
        for each in judges:
            yield from each(seen, since)

    return judge


_RULES: Final[dict[Code, _Judge]] = {
    Code.SPRAYING: _different("failed", at_most.SPRAYED_ACCOUNTS),
    Code.GUESSING: _all(
        _total("failed", at_most.FAILED_SIGN_INS),
        _followed("failed", at_most.FAILED_BEFORE_SUCCESS, "entered", Severity.HIGH),
    ),
    Code.NEW_DEVICE: _followed("new", at_most.SENSITIVE_AFTER_NEW_DEVICE, "act"),
    Code.MASS_ACCESS: _all(
        _mass_access,
        _different("copy", at_most.COPIES_AN_HOUR),
        _total("stopped", at_most.STRANGE_PEER),
    ),
    Code.BREAK_GLASS: _all(
        _total("broken", at_most.BROKEN_GLASS),
        _often("often", _total("broken", at_most.BROKEN_GLASS_OFTEN, Severity.HIGH)),
        _total("unjustified", at_most.UNJUSTIFIED, Severity.HIGH),
    ),
    Code.PROBING: _all(
        _different("missed", at_most.PROBED_IDS), _different("path", at_most.PROBED_IDS)
    ),
    Code.LINKS: _all(
        _total("wrong", at_most.BAD_SECRETS),
        _different("unknown", at_most.UNKNOWN_LINKS),
        _different("network", at_most.NETWORKS_OF_A_LINK, Severity.MEDIUM),
    ),
    Code.PEERS: _all(
        _total("rejected", at_most.REJECTED_PEER),
        _total("strange", at_most.STRANGE_PEER),
        _different("everything", at_most.ASKED_FOR_EVERYTHING),
    ),
    Code.HOSTILE: _all(
        _total("hostile", at_most.HOSTILE_OBJECT), _total("crashed", at_most.CRASHES)
    ),
    Code.TRAIL: _total("broken", at_most.STRANGE_PEER),
    Code.POWER: _all(
        _total("changed", at_most.POWER_CHANGED),
        _often("twice", _total("changed", at_most.POWER_CHANGED_TWICE, Severity.HIGH)),
    ),
    Code.DESTRUCTION: _all(
        _total("removed", at_most.DELETES_A_MINUTE),
        _often("many", _total("removed", at_most.DELETES_AN_HOUR)),
        _total("backup-failed", at_most.BACKUPS_FAILED),
        _total("damaged", at_most.STRANGE_PEER),
        _egress,
    ),
    Code.CANARY: _total("touched", at_most.DECOY_TOUCHED),
    Code.CONFLICTS: _total("contradicted", at_most.CONFLICTING_OBJECTS),
    Code.DATABASE: _total("touched", at_most.STRANGE_PEER),
}
