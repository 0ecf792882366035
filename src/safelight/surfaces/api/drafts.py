"""How does a program prepare a share? Nothing is shared by anything here."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.handwriting import MOST_STROKES, handwriting_from_strokes
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.rules import MOST_OPENINGS
from safelight.exchange.consent.terms import (
    Further,
    Purpose,
    RecipientKind,
    SecondCheck,
    Sensitive,
)
from safelight.exchange.release.choosing_form import give_up
from safelight.exchange.release.errors import FurtherReleaseError
from safelight.exchange.release.sharing.drafts import (
    Choices,
    choose,
    find_draft,
    start_draft,
)
from safelight.exchange.release.sharing.extending import start_extension
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.copies import MadeCopyOut, made_copy_out
from safelight.surfaces.api.forms import Asked, Id, Line, OutId, id_of
from safelight.surfaces.api.routes import told

router = Router()
_MOST_EXAMS: Final = 100
_MOST_SERIES: Final = 2000
_MOST_OBJECTS: Final = 10_000
_MOST_NAMED: Final = 20


class AudienceAsked(StrEnum):
    """For whom: somebody in particular. The public is refused by name."""

    PERSON = "person"
    DESK = "desk"
    GROUP = "group"
    ORGANIZATION = "organization"
    REGISTRY = "registry"
    PUBLIC = "public"


class ActAsked(StrEnum):
    """What is done. To pass on what others shared is begun at the exam."""

    SHARE = "share"
    PUBLISH = "publish"


class NamedAsked(Asked):
    """Somebody to whom it may be passed on."""

    name: Line
    address: Line


class Chosen(Asked):
    """What is chosen so far; what is left out stays as it is, null takes it back.

    `series` are taken whole as they stand, `objects` singly. Days are whole days in UTC.
    """

    exams: list[Id] | None = Field(None, min_length=1, max_length=_MOST_EXAMS)
    series: list[Id] | None = Field(None, max_length=_MOST_SERIES)
    objects: list[Id] | None = Field(None, max_length=_MOST_OBJECTS)
    act: ActAsked | None = None
    audience: AudienceAsked | None = None
    name: Line | None = None
    address: Line | None = None
    kind: RecipientKind | None = None
    organization: Id | None = None
    group: Id | None = None
    future_members: bool | None = None
    purpose: Purpose | None = None
    purpose_words: Line | None = None
    may_download: bool | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    second_check: SecondCheck | None = None
    further: Further | None = None
    further_named: list[NamedAsked] | None = Field(None, max_length=_MOST_NAMED)
    further_classes: list[RecipientKind] | None = None
    further_purposes: list[Purpose] | None = None
    sensitive: list[Sensitive] | None = None
    standing_until: date | None = None
    most_openings: int | None = Field(None, ge=1, le=MOST_OPENINGS)
    replaces: Id | None = None
    handwriting: list[list[int]] | None = Field(
        None,
        max_length=MOST_STROKES,
        description=(
            "A signature drawn on a field of 1000 by 300, each stroke as x, y, x, y. It goes with "
            "the proof and is none; any other change takes it away."
        ),
    )


class Begun(Chosen):
    """A draft to begin: of which exams, and what else is chosen already."""

    exams: list[Id] = Field(min_length=1, max_length=_MOST_EXAMS)


class DraftOut(Schema):
    """A share being prepared, as it was chosen so far; it is judged when it is presented."""

    id: OutId
    changed_at: datetime
    presented_at: datetime | None = Field(description="Null: present it before it is confirmed.")
    exams: list[str]
    series: list[str]
    objects: list[str]
    act: str
    audience: str
    name: str
    address: str
    kind: str | None
    organization: str | None
    group: str | None
    future_members: bool
    purpose: str | None
    purpose_words: str
    may_download: bool
    starts_on: str | None
    ends_on: str | None
    second_check: str | None
    further: str
    further_named: list[NamedAsked]
    further_classes: list[str]
    further_purposes: list[str]
    sensitive: list[str]
    standing_until: str | None
    most_openings: int | None
    replaces: str | None
    parent: str | None = Field(description="The consent it rests on, where it is passed on.")
    request: str | None = Field(description="The question it answers, where it was asked for.")
    is_drawn: bool = Field(description="Whether a drawn signature goes with it.")
    copy_without_name: MadeCopyOut | None = Field(
        description="The copy that is shared; null where the exams are shared as they are."
    )


_IDS: Final = {"exams": "study_ids", "series": "series_ids", "objects": "instance_ids"}
_ID: Final = {"organization": "organization_id", "group": "group_id", "replaces": "replaces_id"}
_RESTS: Final = {"parent": "parent_id", "request": "request_id"}
_PLAIN: Final = Choices()


@router.post(
    "drafts",
    response={201: DraftOut},
    **told(Action.PREPARE, NotFoundError, StateConflictError, FurtherReleaseError),
)
def begin_draft(request: Called, begun: Begun) -> Status[DraftOut]:
    """Begin to prepare a share of exams of yours."""
    party, at = request.auth, clock.now()
    draft = start_draft(party, from_text(begun.exams[0]), at=at)
    _, choices = find_draft(party, draft.id)
    chosen = choose(draft, choices, at=at, **_changes(begun))
    return Status(201, draft_out(party, draft, chosen))


@router.get(
    "drafts/{draft_id}",
    response=DraftOut,
    **told(Action.PREPARE, NotFoundError, StateConflictError),
)
def read_draft(request: Called, draft_id: str) -> DraftOut:
    """Read a draft of yours that is not signed yet."""
    return draft_out(request.auth, *find_draft(request.auth, from_text(draft_id)))


@router.patch(
    "drafts/{draft_id}",
    response=DraftOut,
    **told(Action.PREPARE, NotFoundError, StateConflictError),
)
def change_draft(request: Called, draft_id: str, chosen: Chosen) -> DraftOut:
    """Change what is chosen. What was presented before must be presented again."""
    draft, choices = find_draft(request.auth, from_text(draft_id))
    choose(draft, choices, at=clock.now(), **_changes(chosen))
    return draft_out(request.auth, *find_draft(request.auth, draft.id))


@router.delete(
    "drafts/{draft_id}",
    response={204: None},
    **told(Action.PREPARE, NotFoundError, StateConflictError),
)
def refuse_draft(request: Called, draft_id: str) -> None:
    """Decide not to share. Nothing was shared, and nothing is kept of it."""
    give_up(request.auth, from_text(draft_id), at=clock.now())


@router.post(
    "consents/{consent_id}/extend",
    response={201: DraftOut},
    **told(Action.PREPARE, NotFoundError, StateConflictError, FurtherReleaseError),
)
def extend_consent(request: Called, consent_id: str) -> Status[DraftOut]:
    """Begin a consent like one you gave; the old one ends when the new one is signed."""
    draft = start_extension(request.auth, from_text(consent_id), at=clock.now())
    return Status(201, draft_out(request.auth, *find_draft(request.auth, draft.id)))


def _changes(chosen: Chosen) -> dict[str, object]:
    """Return what a request changes, in the words of the drafts."""
    said = chosen.model_dump(exclude_unset=True)
    changes: dict[str, object] = {}
    for name, value in said.items():
        kept = _IDS.get(name) or _ID.get(name) or name
        changes[kept] = getattr(_PLAIN, kept) if value is None else _kept(name, value)
    if changes.get("second_check", SecondCheck.PASSPHRASE) != SecondCheck.PASSPHRASE:
        changes["passphrase"] = ""
    return changes


def _kept(name: str, value: Any) -> object:  # noqa: ANN401 (whatever the field holds)
    """Return one value as the drafts keep it."""
    if name == "handwriting":
        return handwriting_from_strokes(value).text
    if name in _IDS:
        return tuple(id_of(each) for each in value)
    if name in _ID:
        return id_of(value)
    if name == "further_named":
        return tuple((each["name"], each["address"]) for each in value)
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def draft_out(party: Party, draft: ConsentDraft, choices: Choices) -> DraftOut:
    """Return a draft as a program reads it."""
    told_ids: dict[str, Any] = {
        name: [to_text(UUID(each)) for each in getattr(choices, kept)]
        for name, kept in _IDS.items()
    }
    told_id: dict[str, Any] = {
        name: to_text(UUID(text)) if (text := getattr(choices, kept)) else None
        for name, kept in (_ID | _RESTS).items()
    }
    return DraftOut(
        id=draft.id,
        changed_at=draft.changed_at,
        presented_at=draft.presented_at,
        **told_ids,
        **told_id,
        act=choices.act,
        audience=choices.audience,
        name=choices.name,
        address=choices.address,
        kind=choices.kind or None,
        future_members=choices.future_members,
        purpose=choices.purpose or None,
        purpose_words=choices.purpose_words,
        may_download=choices.may_download,
        starts_on=choices.starts_on or None,
        ends_on=choices.ends_on or None,
        second_check=choices.second_check or None,
        further=choices.further,
        further_named=[
            NamedAsked(name=name, address=address) for name, address in choices.further_named
        ],
        further_classes=list(choices.further_classes),
        further_purposes=list(choices.further_purposes),
        sensitive=list(choices.sensitive),
        standing_until=choices.standing_until or None,
        most_openings=int(choices.most_openings) if choices.most_openings else None,
        is_drawn=bool(choices.handwriting),
        copy_without_name=made_copy_out(party, choices),
    )
