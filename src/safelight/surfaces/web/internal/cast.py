"""Who and what stands on the internal pages? Made-up people, exams and shares."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.exchange.consent.terms import (
    Item,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Terms,
)
from safelight.exchange.release.board import Lamp, Seer, SharedWith
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.viewing.overview import ExamDetail, ExamSummary, SeriesSummary

OWNER: Final = "Patient Example"
VAULT: Final = UUID(int=1)
A_DAY: Final = timedelta(days=1)
DARK: Final = Lamp(people=0, exams=0, next_end=None)


def lamp(at: datetime) -> Lamp:
    """Return a lamp that is on."""
    return Lamp(people=3, exams=2, next_end=at + 2 * A_DAY)


def exam(
    number: int, title: str, *, at: datetime, parts: tuple[tuple[str, int], ...], people: int = 0
) -> ExamSummary:
    """Return an exam; `parts` are titles and numbers of pictures, 0 for a document."""
    return ExamSummary(
        study_id=UUID(int=100 + number),
        study_uid=f"2.25.{number}",
        title=title,
        on=date(2026, 4, 28) - timedelta(days=97 * number),
        received_at=at - 3 * A_DAY,
        series=tuple(
            SeriesSummary(
                series_id=UUID(int=1000 * number + place),
                series_uid=f"2.25.{number}.{place}",
                title=part,
                modality="CT" if pictures else "DOC",
                pictures=max(pictures, 1),
                middle_instance_uid=f"2.25.{number}.{place}.1",
                middle_frame=1,
                has_pixels=pictures > 0,
            )
            for place, (part, pictures) in enumerate(parts)
        ),
        people=people,
        given=people,
        way="owner",
        until=None,
    )


def exams(at: datetime) -> list[ExamSummary]:
    """Return six exams, the first two shared."""
    chest = (("Overview", 2), ("Lung view", 118), ("Soft tissue", 120), ("Report", 0))
    return [
        exam(0, "Chest CT", at=at, parts=chest, people=2),
        exam(1, "Right knee X-ray", at=at, parts=(("Front", 3),), people=1),
        exam(2, "Head CT", at=at, parts=(("Brain", 64), ("Report", 0))),
        exam(3, "Lower back MRI", at=at, parts=(("From the side", 120),)),
        exam(4, "Chest X-ray", at=at, parts=(("Front", 2),)),
        exam(5, "Belly ultrasound", at=at, parts=(("Liver", 31),)),
    ]


def detail(at: datetime) -> ExamDetail:
    """Return all of the first exam, as its owner sees it."""
    return ExamDetail(
        summary=exams(at)[0],
        patient_name=OWNER,
        birth_date=date(1974, 5, 4),
        described="CT THORAX NATIV",
        may_share=True,
        may_download=True,
        may_remove=True,
    )


def terms(
    name: str,
    kind: RecipientKind,
    about: ExamSummary,
    *,
    at: datetime,
    since: int,
    days: int,
    may_download: bool = False,
) -> Terms:
    """Return what was agreed `since` days ago for `days` days."""
    series = about.series[-2] if len(about.series) > 1 else about.series[0]
    starts_at = at - since * A_DAY
    return Terms(
        vault_id=VAULT,
        grantor_id=UUID(int=2),
        grantor_name=OWNER,
        items=(
            Item(
                study_id=about.study_id,
                series_id=series.series_id,
                up_to=series.pictures,
                pictures=series.pictures,
                digest="0" * 64,
                exam_title=about.title,
                series_title=series.title,
                exam_on=f"{about.on.day} {about.on:%B %Y}" if about.on else "",
            ),
        ),
        recipient=Recipient(
            name=name, address=f"{name.rsplit(maxsplit=1)[-1].lower()}@clinic.example", kind=kind
        ),
        purpose=Purpose.SECOND_OPINION,
        purpose_words="",
        permissions=frozenset({Permission.VIEW, Permission.DOWNLOAD})
        if may_download
        else frozenset({Permission.VIEW}),
        starts_at=starts_at,
        ends_at=starts_at + days * A_DAY,
        second_check=SecondCheck.PASSPHRASE,
        statement_version="1",
    )


def shared(
    number: int,
    agreed: Terms,
    *,
    at: datetime,
    opened: bool = True,
    waits: bool = False,
    locked: bool = False,
    ended: bool = False,
) -> SharedWith:
    """Return a share as its giver sees it."""
    proved = opened or waits
    return SharedWith(
        consent_id=UUID(int=500 + number),
        share_id=UUID(int=600 + number),
        terms=agreed,
        granted_at=agreed.starts_at,
        ended_at=at - A_DAY if ended else None,
        verified_at=agreed.starts_at + A_DAY if proved else None,
        waits_for_you=waits,
        is_locked=locked,
        was_taken_back=ended,
        was_declined=False,
        openings=3 if opened else 0,
        last_opened_at=at - timedelta(hours=2) if opened else None,
    )


def shares(at: datetime) -> list[SharedWith]:
    """Return three live shares: one opened, one invited, one with downloads."""
    chest, knee = exams(at)[:2]
    doctor, family = RecipientKind.CLINICIAN, RecipientKind.FAMILY_OR_FRIEND
    return [
        shared(1, terms("Dr Ada Example", doctor, chest, at=at, since=9, days=30), at=at),
        shared(
            2,
            terms("Nora Example", family, chest, at=at, since=1, days=31),
            at=at,
            opened=False,
        ),
        shared(
            3,
            terms("Ben Example", doctor, knee, at=at, since=28, days=30, may_download=True),
            at=at,
        ),
    ]


def happenings(at: datetime) -> list[Happening]:
    """Return what people did with these exams."""
    chest, knee = exams(at)[:2]
    deeds = (
        ("Dr Ada Example", False, "looked", chest, 24, timedelta(hours=2)),
        ("Nora Example", True, "shared", chest, 120, timedelta(hours=20)),
        ("Ben Example", False, "downloaded", knee, 3, timedelta(days=2)),
        ("Dr Dan Example", True, "took-back", chest, 120, timedelta(days=9)),
        (OWNER, True, "looked", knee, 3, timedelta(days=40)),
    )
    return [
        Happening(
            at=at - ago,
            who=who,
            is_you=is_you,
            did=did,
            study_id=about.study_id,
            pictures=count,
            consent_id=None if is_you else UUID(int=501),
            consent_at=None if is_you else at - 9 * A_DAY,
        )
        for who, is_you, did, about, count, ago in deeds
    ]


def seers(at: datetime) -> list[Seer]:
    """Return who can see the first exam."""
    owner = Seer(name=OWNER, way="owner", since=None, until=None, consent_id=None)
    return [owner] + [
        Seer(
            name=each.terms.recipient.name,
            way="consent",
            since=each.terms.starts_at,
            until=each.terms.ends_at,
            consent_id=each.consent_id,
        )
        for each in shares(at)[:2]
    ]
