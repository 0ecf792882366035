"""What in the record is worth counting, for which rule, and about whom?

Pure: an entry and what is known of it in, the little that rules count out. A sighting
says `key` (whom the rule is about), `what` (which of the things that rule counts) and
`other` (what is told apart: an account, a patient, an address that was tried). All of
them are ids or keyed tokens; no address and no name is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.exchange.access.events import AccessEvent
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.release.events import ReleaseEvent
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.thresholds import Code
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.watching import Happened
from safelight.records.accounts.events import AccountEvent
from safelight.records.imaging.events import ImagingEvent

INSTANCE: Final = "instance"
# Not what is signed: both factors prove at that very moment who it is.
_SENSITIVE: Final = frozenset(
    {
        ReleaseEvent.DOWNLOADED,
        AccountEvent.PASSWORD_CHANGED,
        AccountEvent.FACTOR_ADDED,
        AccountEvent.FACTOR_REMOVED,
        AccountEvent.TOKEN_CREATED,
    }
)
_POWERS: Final = frozenset(
    {AccountEvent.STAFF_APPOINTED, AccountEvent.STAFF_DISMISSED, "mode.changed"}
)
_POWERS_BEGIN: Final = ("key.", "config.", "retention.", "destination.")
_GLASS: Final = "break-glass.opened"
_REVIEWED: Final = frozenset({"break-glass.reviewed", "elevation.reviewed"})
_UNJUSTIFIED: Final = "unjustified"
# The verifier found a fault, a witness would not sign, or holds a larger size than ours.
_TRAIL_BROKEN: Final = frozenset(
    {WatchEvent.TRAIL_VERIFIED, "checkpoint.witness-refused", "checkpoint.rolled-back"}
)
_BACKUP_FAILED: Final = "backup.failed"
_HOSTILE: Final = frozenset(
    {
        *("unpacks-too-far", "overlapping-entries", "forged-size", "link-or-device", "odd-name"),
        *("inflate-too-large", "pixel-flood", "too-deep", "polyglot", "archive-in-archive"),
    }
)
_CRASHED: Final = "crashed"
_REMOVALS: Final = frozenset(
    {ImagingEvent.STUDY_REMOVED, ImagingEvent.SERIES_REMOVED, ImagingEvent.INSTANCE_REMOVED}
)
_DAMAGED: Final = frozenset(
    {ImagingEvent.OBJECT_QUARANTINED, ImagingEvent.PACK_MISSING, ImagingEvent.KEY_MISSING}
)
_LINK_TRIES: Final = frozenset({ReleaseEvent.DENIED, ReceiveEvent.REQUEST_DENIED})
_LINK_CHECKS: Final = frozenset({ReleaseEvent.SHARE_CODE_WRONG, ReceiveEvent.SENDER_CHECK_WRONG})
_LINK_OPENED: Final = frozenset({ReleaseEvent.SHARE_SECRET_SHOWN, ReceiveEvent.REQUEST_OPENED})
SHOW_SECRET: Final = "show-secret"  # noqa: S105 (what was tried)
_UNKNOWN_PEER: Final = "unknown-peer"
_SYSTEM: Final = "connection/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that one rule counts."""

    rule: Code
    key: str
    what: str
    other: str
    at: datetime
    seq: int
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What must be looked up to understand an entry; `decoys` since when each is one."""

    network_of: Callable[[str], str]
    patient_of: Callable[[str], str]
    decoys: Mapping[str, datetime]


def sightings_in(happened: Happened, known: Known) -> Iterator[Sighting]:
    """Yield what the rules count of one entry."""

    def seen(rule: Code, key: str, what: str, other: str = "", weight: int = 0) -> Sighting:
        return Sighting(
            rule=rule,
            key=key,
            what=what,
            other=other or key,
            at=happened.at,
            seq=happened.seq,
            weight=weight or happened.times,
        )

    for part in (_of_sign_in, _of_access, _of_peers, _of_links, _of_arrivals, _of_powers):
        yield from part(happened, known, seen)
    for name in (happened.subject, happened.session, happened.actor):
        if name in known.decoys and happened.at > known.decoys[name]:
            yield seen(Code.CANARY, name, "touched", happened.kind)
            break


_Seen = Callable[..., Sighting]


def _of_sign_in(happened: Happened, known: Known, seen: _Seen) -> Iterator[Sighting]:
    kind, network = happened.kind, known.network_of(happened.origin)
    if kind == AccountEvent.SIGN_IN_REFUSED:
        if network:
            yield seen(Code.SPRAYING, network, "failed", happened.subject)
        if happened.subject.startswith("account/"):
            yield seen(Code.GUESSING, happened.subject, "failed")
    elif kind == AccountEvent.CODE_REFUSED:
        yield seen(Code.GUESSING, happened.actor, "failed")
    elif kind == AccountEvent.SIGNED_IN:
        yield seen(Code.GUESSING, happened.actor, "entered")
    elif kind == AccountEvent.DEVICE_NEW:
        yield seen(Code.NEW_DEVICE, happened.actor, "new")
    if kind in _SENSITIVE and happened.outcome == Outcome.OK:
        yield seen(Code.NEW_DEVICE, happened.actor, "act", kind)


def _of_access(happened: Happened, known: Known, seen: _Seen) -> Iterator[Sighting]:
    kind, who = happened.kind, happened.actor
    if kind in {ReleaseEvent.LOOKED, ReleaseEvent.DOWNLOADED}:
        yield seen(Code.MASS_ACCESS, who, "patient", known.patient_of(happened.subject))
        if kind == ReleaseEvent.DOWNLOADED:
            yield seen(Code.MASS_ACCESS, who, "copy", happened.subject)
    elif kind == ReleaseEvent.DOWNLOAD_ENDED:
        yield seen(Code.DESTRUCTION, INSTANCE, "egress", weight=max(1, happened.size))
    elif kind == ReleaseEvent.BUDGET_SPENT:
        yield seen(Code.MASS_ACCESS, who, "stopped")
    elif kind in {AccessEvent.MISSED, ReleaseEvent.DENIED} and _is_probe(happened):
        key = who if who != "anonymous" else known.network_of(happened.origin)
        if key:
            # An exam that is refused is a miss of its address too, and counted once.
            what = "path" if kind == AccessEvent.MISSED else "missed"
            yield seen(Code.PROBING, key, what, happened.subject)


def _of_peers(happened: Happened, known: Known, seen: _Seen) -> Iterator[Sighting]:
    kind, who = happened.kind, happened.actor
    network = known.network_of(happened.origin)
    if kind == AccessEvent.ASKED_EVERYTHING:
        # No system of a hospital asks for all there is; a program in the making may, once.
        what = "strange" if who.startswith(_SYSTEM) else "everything"
        yield seen(Code.PEERS, who, what, happened.reason)
    elif kind == AccessEvent.UNKNOWN_CALLER and network:
        yield seen(Code.PEERS, network, "rejected")
    elif kind == AccessEvent.CONNECTION_REFUSED and network:
        yield seen(Code.PEERS, network, "rejected")
        if happened.reason == _UNKNOWN_PEER:
            yield seen(Code.PEERS, network, "strange")


def _is_probe(happened: Happened) -> bool:
    return happened.subject.startswith("aim/") and happened.reason != SHOW_SECRET


def _of_links(happened: Happened, known: Known, seen: _Seen) -> Iterator[Sighting]:
    kind, link = happened.kind, happened.subject
    network = known.network_of(happened.origin)
    if kind in _LINK_TRIES and happened.reason == SHOW_SECRET:
        if link.startswith("aim/") and network:
            yield seen(Code.LINKS, network, "unknown", link)
        elif "/" in link:
            yield seen(Code.LINKS, link, "wrong")
    elif kind in _LINK_CHECKS:
        yield seen(Code.LINKS, link, "wrong")
    elif kind in _LINK_OPENED and network:
        yield seen(Code.LINKS, link, "network", network)


def _of_arrivals(happened: Happened, _known: Known, seen: _Seen) -> Iterator[Sighting]:
    if happened.kind == ReceiveEvent.REFUSED and happened.reason in _HOSTILE:
        yield seen(Code.HOSTILE, happened.actor, "hostile", happened.reason)
    elif happened.kind == ReceiveEvent.REFUSED and happened.reason == _CRASHED:
        yield seen(Code.HOSTILE, happened.actor, "crashed")
    elif happened.kind == ReceiveEvent.SET_ASIDE:
        yield seen(Code.CONFLICTS, happened.actor, "contradicted", weight=max(1, happened.count))


def _of_powers(happened: Happened, _known: Known, seen: _Seen) -> Iterator[Sighting]:
    kind, who = happened.kind, happened.actor
    if kind == _GLASS:
        yield seen(Code.BREAK_GLASS, who, "broken", happened.subject)
    elif kind in _REVIEWED and happened.reason == _UNJUSTIFIED:
        # About the access: the actor is whoever reviewed it.
        yield seen(Code.BREAK_GLASS, happened.subject, "unjustified")
    elif kind in _POWERS or kind.startswith(_POWERS_BEGIN):
        yield seen(Code.POWER, who, "changed", kind)
    elif kind in _REMOVALS or (
        kind == ReleaseEvent.DENIED and happened.reason == "removals-too-fast"
    ):
        yield seen(Code.DESTRUCTION, who, "removed")
    elif kind == _BACKUP_FAILED:
        yield seen(Code.DESTRUCTION, INSTANCE, "backup-failed")
    elif kind in _DAMAGED:
        yield seen(Code.DESTRUCTION, INSTANCE, "damaged", happened.subject)
    elif kind == WatchEvent.DATABASE_TOUCHED:
        yield seen(Code.DATABASE, INSTANCE, "touched", happened.subject)
    elif kind in _TRAIL_BROKEN and happened.outcome == Outcome.FAILED:
        yield seen(Code.TRAIL, INSTANCE, "broken", kind)
