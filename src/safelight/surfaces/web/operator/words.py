"""How is each gauge of the instance's health called, what does it say, and what is to be done?

By the gauge's key, and by what was found (governance/health/rules.py). The sentence is
filled with the gauge's figures; the second text says what to do, and is empty where nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.governance.health.rules import Gauge, Mark
from safelight.surfaces.web.templatetags.words import said_moment

GROUPS: Final[Mapping[Promise, tuple[str, ...]]] = {
    _("The service"): ("mode", "version", "worker", "certificate"),
    _("Room"): ("store", "databases"),
    _("Work in the background"): ("queue", "dead", "mail"),
    _("Backups"): ("backup", "drill"),
    _("What is stored"): ("scrub", "quarantine"),
    _("The record"): ("record", "checkpoint", "verification", "witness"),
    _("What was noticed"): ("alerts", "doctor"),
}
TITLES: Final[Mapping[str, Promise]] = {
    "mode": _("Mode"),
    "version": _("Version"),
    "worker": _("Worker"),
    "certificate": _("Certificate"),
    "store": _("Store of pictures"),
    "databases": _("Databases"),
    "queue": _("Queue"),
    "dead": _("Failed for good"),
    "mail": _("Mail"),
    "backup": _("Last backup"),
    "drill": _("Last restore drill"),
    "scrub": _("Last full reading"),
    "quarantine": _("Quarantine"),
    "record": _("Entries"),
    "checkpoint": _("Last checkpoint"),
    "verification": _("Last verification"),
    "witness": _("Witness"),
    "alerts": _("Alerts"),
    "doctor": _("Examination"),
}
_Words = tuple[Promise, Promise | str]
SAYINGS: Final[Mapping[tuple[str, str], _Words]] = {
    ("mode", "normal"): (_("Everything is served."), ""),
    ("mode", "read_only"): (
        _("Read only: nothing is changed but what ends access."),
        _("When the cause is gone: safelight mode normal."),
    ),
    ("mode", "recovering"): (
        _("Recovering: only owners see their exams, and every link is dead."),
        _("Finish the restore, then: safelight mode normal."),
    ),
    ("alerts", "none"): (_("None is open."), ""),
    ("alerts", "open"): (_("%(open)s open."), _("Look at them, and close each with a verdict.")),
    ("alerts", "serious"): (
        _("%(open)s open, %(serious)s of them serious."),
        _("Take them on now: each says what it rests on and what can be done."),
    ),
    ("doctor", "never"): (
        _("safelight doctor has not been run yet."),
        _("Run it as the user that serves; a timer can run it every day."),
    ),
    ("doctor", "fresh"): (_("%(good)s things looked at %(at)s, all good."), ""),
    ("doctor", "old"): (_("All good %(at)s."), _("Run safelight doctor again.")),
    ("doctor", "some"): (
        _("%(wrong)s to be mended, %(good)s good, looked at %(at)s."),
        _("What to do is said below."),
    ),
    ("version", "current"): (_("%(version)s. No migration waits."), ""),
    ("version", "behind"): (
        _("%(version)s. Migrations that wait: %(waiting)s."),
        _("Run safelight upgrade, which keeps a copy first."),
    ),
    ("worker", "seen"): (_("At work, last seen %(at)s."), ""),
    ("worker", "gone"): (
        _("Not seen since %(at)s."),
        _("Look at the log of safelight serve, and start it again."),
    ),
    ("worker", "never"): (
        _("Nothing was done in the background yet."),
        _("Start safelight serve, and come back in five minutes."),
    ),
    ("certificate", "elsewhere"): (
        _("Another program ends TLS."),
        _("Name its certificate's file in SAFELIGHT_TLS_CERT, and its age is watched here."),
    ),
    ("certificate", "unreadable"): (
        _("The file cannot be read."),
        _("See that SAFELIGHT_TLS_CERT or --tls-cert names a certificate (PEM)."),
    ),
    ("certificate", "good"): (_("Good for %(days)s days, until %(at)s."), ""),
    ("certificate", "ends"): (
        _("Ends in %(days)s days, on %(at)s."),
        _("Renew it: a renewed file is taken up by itself."),
    ),
    ("certificate", "over"): (_("Ended on %(at)s."), _("Renew it now: browsers refuse it.")),
    ("store", "room"): (_("Objects: %(objects)s, %(used)s. %(free)s of %(total)s are free."), ""),
    ("store", "little"): (
        _("Objects: %(objects)s, %(used)s. Only %(free)s of %(total)s are free."),
        _("Make room, or move the store to a larger disk."),
    ),
    ("store", "full"): (
        _("Objects: %(objects)s, %(used)s. Only %(free)s are free."),
        _("Make room now: uploads are refused before the record has no place."),
    ),
    ("store", "bucket"): (_("Objects: %(objects)s, %(used)s, in a bucket."), ""),
    ("databases", "sizes"): (_("Main %(default)s, keys %(keys)s."), ""),
    ("queue", "in-time"): (_("%(waiting)s wait, %(running)s are being done."), ""),
    ("queue", "late"): (
        _("%(waiting)s wait, the oldest for %(oldest)s too long."),
        _("See that the worker runs, and what it is busy with."),
    ),
    ("dead", "none"): (_("Nothing."), ""),
    ("dead", "some"): (
        _("Jobs: %(dead)s."),
        _("Mend the cause, then let each begin anew, below."),
    ),
    ("mail", "goes"): (_("%(waiting)s wait. None was refused in the last day."), ""),
    ("mail", "bounced"): (
        _("%(waiting)s wait. %(bounced)s were refused for good in the last day."),
        _("Look at the mail server's log: some people are not told what they should be."),
    ),
    ("backup", "never"): (
        _("None is on record."),
        _("Set up safelight backup, every day, to another place."),
    ),
    ("backup", "fresh"): (_("Made %(at)s."), ""),
    ("backup", "old"): (_("The last was made %(at)s."), _("See why the daily run did not.")),
    ("backup", "failed"): (_("Failed %(at)s."), _("Run safelight backup and read what it says.")),
    ("drill", "never"): (
        _("None is on record."),
        _("Run safelight drill: a backup nobody has restored is a hope."),
    ),
    ("drill", "fresh"): (_("Done %(at)s."), ""),
    ("drill", "old"): (_("The last was %(at)s."), _("Run safelight drill.")),
    ("drill", "failed"): (_("Failed %(at)s."), _("Run safelight drill and read what it says.")),
    ("scrub", "never"): (
        _("Not everything was read again yet."),
        _("The worker reads some each day; safelight scrub reads all at once."),
    ),
    ("scrub", "fresh"): (_("Objects: %(objects)s, done %(at)s."), ""),
    ("scrub", "old"): (_("Objects: %(objects)s, done %(at)s."), _("Run safelight scrub.")),
    ("quarantine", "none"): (_("Nothing is kept back."), ""),
    ("quarantine", "some"): (
        _("Damaged and not given out: %(held)s."),
        _("Restore their packs from a backup, then run safelight scrub."),
    ),
    ("record", "placed"): (_("%(size)s in order, %(waiting)s wait for a moment."), ""),
    ("record", "waits"): (
        _("%(size)s in order, %(waiting)s wait, the oldest since %(at)s."),
        _("See that the worker runs. If it does, verify the record: a tip may be broken."),
    ),
    ("checkpoint", "never"): (_("None was signed yet."), _("The worker signs the first soon.")),
    ("checkpoint", "fresh"): (_("Signed %(at)s."), ""),
    ("checkpoint", "old"): (_("Signed %(at)s."), _("See that the worker runs.")),
    ("verification", "never"): (
        _("None is on record."),
        _("Verify the record on its page, or with safelight audit verify."),
    ),
    ("verification", "fresh"): (_("Whole, %(at)s."), ""),
    ("verification", "old"): (_("Whole, %(at)s."), _("Verify the record again.")),
    ("verification", "failed"): (
        _("Broken, %(at)s."),
        _("Stop the service, keep the data folder as it is, and compare with the witness."),
    ),
    ("witness", "never"): (
        _("Nobody outside keeps our checkpoints."),
        _("Set up a witness on another machine."),
    ),
    ("witness", "fresh"): (_("Signed with us %(at)s."), ""),
    ("witness", "old"): (_("Signed with us %(at)s."), _("See that the witness can be reached.")),
    ("witness", "failed"): (
        _("Refused %(at)s."),
        _("Treat it as an incident: the record here is not the one that it knows."),
    ),
}
MARKS: Final[Mapping[Mark, tuple[Promise, str, str]]] = {
    Mark.GOOD: (_("Good"), "circle-check", "good"),
    Mark.LOOK: (_("Look"), "triangle-alert", "look"),
    Mark.BAD: (_("Bad"), "octagon-alert", "bad"),
    Mark.UNKNOWN: (_("Not known"), "circle-question-mark", ""),
}
_BYTES: Final = frozenset({"used", "free", "total"})


@dataclass(frozen=True, slots=True)
class Line:
    """One gauge as it is shown."""

    key: str
    title: Promise
    mark: Mark
    sentence: str
    advice: str


def line_of(gauge: Gauge, *, at: datetime) -> Line:
    """Put a gauge into words."""
    sentence, advice = SAYINGS[gauge.key, gauge.code]
    return Line(
        gauge.key,
        TITLES[gauge.key],
        gauge.mark,
        str(sentence) % _figures(gauge.said, at=at),
        str(advice),
    )


def groups_of(found: list[Gauge], *, at: datetime) -> list[tuple[Promise, list[Line]]]:
    """Put all gauges into words, under their headings."""
    lines = {each.key: line_of(each, at=at) for each in found}
    return [(title, [lines[key] for key in keys]) for title, keys in GROUPS.items()]


def _figures(said: Mapping[str, Any], *, at: datetime) -> dict[str, str]:
    figures = {name: _figure(name, value, at=at) for name, value in said.items()}
    sizes: Mapping[str, int] = said.get("sizes", {})
    return figures | {alias: filesizeformat(size) for alias, size in sizes.items()}


def _figure(name: str, value: object, *, at: datetime) -> str:
    if isinstance(value, datetime):
        return said_moment(value, at=at)
    if isinstance(value, timedelta):
        return _lasted(value)
    if name in _BYTES and isinstance(value, int):
        return filesizeformat(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _lasted(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
