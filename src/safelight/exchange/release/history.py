"""What became of one consent, from its signing to its end, in order?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.release.models import Disclosure, Look, Share

_COPIES: Final = ("download", "transfer")


class Step(StrEnum):
    """One thing that happened to a consent. Values are stable codes."""

    GRANTED = "granted"
    VERIFIED = "recipient-verified"
    LET_IN = "let-in"
    LOCKED = "locked"
    DECLINED = "declined"
    LOOKED = "looked"
    DOWNLOADED = "downloaded"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ENDED = "ended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step, when, and how many pictures it was about, where it was about any."""

    at: datetime
    step: Step
    pictures: int | None = None


def history_of(consent: Consent, *, at: datetime) -> list[Stage]:
    """Return what happened under a consent, the oldest first."""
    happened = [*_marked(consent, at), *_used(consent)]
    return sorted(happened, key=lambda stage: stage.at)


def _marked(consent: Consent, at: datetime) -> Iterator[Stage]:
    share = Share.objects.filter(consent_id=consent.id).first()
    moments = [
        (Step.GRANTED, consent.granted_at),
        *_pauses(consent),
        (Step.ENDED, consent.revoked_at),
    ]
    if consent.revoked_at is None and consent.ends_at <= at:
        moments.append((Step.EXPIRED, consent.ends_at))
    if share is not None:
        moments += [
            (Step.VERIFIED, share.verified_at),
            (Step.LET_IN, share.released_at),
            (Step.LOCKED, share.locked_at),
            (Step.DECLINED, share.declined_at),
        ]
    for step, moment in moments:
        if moment is not None:
            yield Stage(at=moment, step=step)


def _pauses(consent: Consent) -> list[tuple[Step, datetime | None]]:
    kept = list(ConsentPause.objects.filter(consent=consent))
    if not kept:
        return [(Step.SUSPENDED, consent.suspended_at)]
    return [
        moment
        for pause in kept
        for moment in ((Step.SUSPENDED, pause.since), (Step.RESUMED, pause.ended_at))
    ]


def _used(consent: Consent) -> Iterator[Stage]:
    for visit in Look.objects.filter(consent_id=consent.id, is_glimpse=False):
        yield Stage(at=visit.opened_at, step=Step.LOOKED, pictures=visit.pictures)
    copies = Disclosure.objects.filter(consent_id=consent.id, channel__in=_COPIES)
    for copy in copies:
        yield Stage(at=copy.at, step=Step.DOWNLOADED, pictures=copy.pictures)
