"""How does a new version of the statement come to be?

A draft is written, read by risk management and by counsel, and published by the privacy
official, confirmed at that moment. A review is of one content: a later change voids it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from safelight.exchange.access.actions import STATEMENT, bind
from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.compliance import statements
from safelight.governance.compliance.errors import NotReviewedError
from safelight.governance.compliance.events import ComplianceEvent
from safelight.governance.compliance.models import (
    Draft,
    DraftText,
    Review,
    StatementText,
    StatementVersion,
)
from safelight.governance.compliance.queries import published_text
from safelight.governance.compliance.rules import (
    DEFAULT_LOCALE,
    MOST_GRACE_DAYS,
    binds_at,
    content_sha256,
)
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.records.accounts.authorization.actions import SignatureRecord
from safelight.records.accounts.models import StaffRole

MOST_CHARACTERS: Final = 60_000
_MOST_SUMMARY: Final = 240
_MOST_NAME: Final = 120
_NUMBERED: Final = "This is version {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a draft says: a text for each language, and what is said of the change."""

    texts: Mapping[str, str]
    summary: str
    is_material: bool
    grace_days: int


def open_draft(party: Party, *, at: datetime) -> Draft | None:
    """Return the draft that is open, if any; that it was read is on record.

    Raises:
        NotFoundError: this party is not the privacy official.
    """
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    draft = Draft.objects.filter(state=Draft.State.OPEN).first()
    with transaction.atomic():
        _note(ComplianceEvent.DRAFT_READ, party, draft, at=at)
    return draft


@transaction.atomic
def begin_draft(party: Party, *, at: datetime) -> Draft:
    """Begin a draft from the newest version's texts.

    Raises:
        StateConflictError: one is open already.
    """
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    take_turn("statement-draft")
    if Draft.objects.filter(state=Draft.State.OPEN).exists():
        raise StateConflictError
    newest = StatementVersion.objects.latest("number")
    draft = Draft.objects.create(begun_by=party.name, begun_at=at, changed_at=at, summary="")
    locales = [each.locale for each in newest.texts.all()] or [DEFAULT_LOCALE]
    for locale in locales:
        text = published_text(newest, locale).text
        # A statement that says its own number says the right one from the start.
        text = text.replace(_NUMBERED.format(newest.number), _NUMBERED.format(newest.number + 1))
        DraftText.objects.create(draft=draft, locale=locale, text=text)
    _note(ComplianceEvent.DRAFT_WRITTEN, party, draft, at=at)
    return draft


@transaction.atomic
def write_draft(party: Party, content: Content, *, at: datetime) -> Draft:
    """Write the open draft anew. Reviews of what it said before count no more.

    Raises:
        InvalidFieldError: something in it cannot be taken; nothing is changed.
        NotFoundError: none is open.
    """
    draft = _the_open_one(party)
    _check(content)
    draft.summary, draft.is_material = content.summary.strip(), content.is_material
    draft.grace_days, draft.changed_at = content.grace_days, at
    draft.save()
    draft.texts.all().delete()
    for locale, text in content.texts.items():
        DraftText.objects.create(draft=draft, locale=locale, text=_tidy(text))
    _note(ComplianceEvent.DRAFT_WRITTEN, party, draft, at=at)
    return draft


@transaction.atomic
def enter_review(
    party: Party, role: str, name: str, reviewed_on: date, note: str, *, at: datetime
) -> Review:
    """Put down that somebody reviewed what the draft says now.

    Raises:
        InvalidFieldError: role, name or day is missing, or the day lies ahead; or the draft
            itself is not fit to be reviewed.
        NotFoundError: no draft is open.
    """
    draft = _the_open_one(party)
    _check(_said(draft))
    if role not in Review.Role.values:
        raise InvalidFieldError("role", "Say whether it was risk management or counsel.")
    if not name.strip() or len(name) > _MOST_NAME:
        raise InvalidFieldError("name", "Say who reviewed it, in 120 letters at most.")
    if not note.strip():
        raise InvalidFieldError("note", "Say what they looked at and what they said.")
    if reviewed_on > at.date():
        raise InvalidFieldError("reviewed_on", "That day is not over yet.")
    review = Review.objects.create(
        draft=draft,
        role=role,
        name=name.strip(),
        reviewed_on=reviewed_on,
        note=note.strip(),
        content_sha256=content_of(draft),
        entered_by=party.name,
        entered_at=at,
    )
    _note(ComplianceEvent.DRAFT_REVIEWED, party, draft, reason=role, at=at)
    return review


@transaction.atomic
def drop_draft(party: Party, *, at: datetime) -> None:
    """Give the open draft up. Raises NotFoundError where none is open."""
    draft = _the_open_one(party)
    Draft.objects.filter(pk=draft.pk).update(state=Draft.State.DROPPED)
    _note(ComplianceEvent.DRAFT_DROPPED, party, draft, at=at)


def publish(
    party: Party, effective_at: datetime, signature: SignatureRecord, *, at: datetime
) -> StatementVersion:
    """Publish the open draft as the next version, in effect from an instant on.

    `signature` is the official's own of just this content and instant.

    Raises:
        NotReviewedError: risk management or counsel has not reviewed this content.
        InvalidFieldError: the instant lies in the past, or before an earlier version's.
        NotFoundError: none is open.
    """
    with transaction.atomic():
        take_turn("statement-draft")
        draft = _the_open_one(party)
        require_reviewed(draft)
        _check(_said(draft))
        newest = StatementVersion.objects.latest("number")
        if effective_at < max(at, newest.effective_at):
            raise InvalidFieldError("effective_at", "It takes effect from now on at the earliest.")
        texts = _said(draft).texts
        version = StatementVersion.objects.create(
            number=newest.number + 1,
            sha256=statements.sha256_of(texts[DEFAULT_LOCALE]),
            effective_at=effective_at,
            summary=draft.summary,
            is_material=draft.is_material,
            grace_days=draft.grace_days,
        )
        for locale, text in texts.items():
            StatementText.objects.create(
                version=version, locale=locale, text=text, sha256=statements.sha256_of(text)
            )
        if version.is_material:
            bind(STATEMENT, version.number, since=binds_at(effective_at, version.grace_days))
        Draft.objects.filter(pk=draft.pk).update(state=Draft.State.PUBLISHED, version=version)
        record(
            ComplianceEvent.STATEMENT_PUBLISHED,
            actor=party.name,
            session=party.session,
            subject=f"statement/{version.pk}",
            reason="material" if version.is_material else "not-material",
            detail={"number": version.number, "authorization": str(signature.authorization_id)},
            at=at,
        )
    return version


def require_reviewed(draft: Draft) -> None:
    """Let pass a draft that both have reviewed as it is. Raises NotReviewedError."""
    if {each.role for each in reviews_that_count(draft)} != set(Review.Role.values):
        raise NotReviewedError


def reviews_that_count(draft: Draft) -> list[Review]:
    """Return the reviews of what a draft says now."""
    return list(draft.reviews.filter(content_sha256=content_of(draft)).order_by("entered_at"))


def content_of(draft: Draft) -> str:
    """Return the hash of all that a draft says now."""
    said = _said(draft)
    return content_sha256(said.texts, said.summary, said.grace_days, is_material=said.is_material)


def _the_open_one(party: Party) -> Draft:
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    draft = Draft.objects.select_for_update().filter(state=Draft.State.OPEN).first()
    if draft is None:
        raise NotFoundError
    return draft


def _said(draft: Draft) -> Content:
    return Content(
        texts={each.locale: each.text for each in draft.texts.all()},
        summary=draft.summary,
        is_material=draft.is_material,
        grace_days=draft.grace_days,
    )


def _check(content: Content) -> None:
    if not content.summary.strip() or len(content.summary) > _MOST_SUMMARY:
        raise InvalidFieldError("summary", "Say what changed, in 240 letters at most.")
    if not 0 <= content.grace_days <= MOST_GRACE_DAYS:
        raise InvalidFieldError("grace_days", f"From 0 to {MOST_GRACE_DAYS} days.")
    if DEFAULT_LOCALE not in content.texts:
        raise InvalidFieldError("text", "The text in the default language is missing.")
    for text in content.texts.values():
        if not text.strip().startswith("# ") or len(text) > MOST_CHARACTERS:
            raise InvalidFieldError("text", "A text begins with '# ' and its title.")


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip() + "\n"


def _note(
    kind: ComplianceEvent, party: Party, draft: Draft | None, *, at: datetime, reason: str = ""
) -> None:
    record(
        kind,
        actor=party.name,
        session=party.session,
        subject=f"statement-draft/{draft.pk}" if draft else "",
        reason=reason,
        at=at,
    )
