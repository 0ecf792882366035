"""How is a share prepared, step by step, before anything is shared?

A draft belongs to one account and is sealed. Every step may be done again; the
choices are judged as a whole when the text is shown, and again when it is
signed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.link_secrets import new_passphrase
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.handwriting import handwriting_from_text
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.onward import OnwardRefusal
from safelight.exchange.consent.terms import Act, Audience, Further, SecondCheck
from safelight.exchange.release.refused import refuse_release
from safelight.exchange.release.sharing.authority import require_undisputed
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import Study

SIGNED_ALREADY: Final = "This was signed already. Start a new share instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person has chosen so far, as they typed it.

    `instance_ids` are single objects chosen from series that are not shared
    whole; days are ISO dates; numbers and ids are text until they are judged.
    `beside` are earlier consents to the same recipient that are to stay; `handwriting`
    is a drawn signature in its canonical form.
    `copying_id` is the making of copies without a name that take the place of the exams,
    `send_over` the connection over which a copy goes as soon as it is signed.
    """

    study_ids: tuple[str, ...] = ()
    series_ids: tuple[str, ...] = ()
    name: str = ""
    address: str = ""
    kind: str = ""
    purpose: str = ""
    purpose_words: str = ""
    may_download: bool = False
    starts_on: str = ""
    ends_on: str = ""
    second_check: str = ""
    act: str = Act.SHARE
    audience: str = Audience.PERSON
    organization_id: str = ""
    group_id: str = ""
    future_members: bool = False
    instance_ids: tuple[str, ...] = ()
    further: str = Further.NONE
    further_named: tuple[tuple[str, str], ...] = ()
    further_classes: tuple[str, ...] = ()
    further_purposes: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    standing_until: str = ""
    most_openings: str = ""
    replaces_id: str = ""
    beside: tuple[str, ...] = ()
    parent_id: str = ""
    request_id: str = ""
    copying_id: str = ""
    send_over: str = ""
    passphrase: str = field(default="", repr=False)
    handwriting: str = field(default="", repr=False)


def start_draft(party: Party, study_id: UUID, *, at: datetime) -> ConsentDraft:
    """Begin to share an exam.

    Raises:
        FurtherReleaseError: it was only shown to this party; the attempt is on record.
        NotFoundError: it is not this party's to share.
        StateConflictError: those who act for the same person are in dispute.
    """
    decision = decide(party, Action.PREPARE, study_id, at=at)
    require_undisputed([decision])
    if not decision.allowed:
        refuse_release(party, study_id, OnwardRefusal.NOT_CONTEMPLATED, at=at)
    return new_draft(party, study_id, Choices(), at=at)


def new_draft(party: Party, study_id: UUID, choices: Choices, *, at: datetime) -> ConsentDraft:
    """Write down a draft about one exam that begins with these choices."""
    study = Study.objects.get(pk=study_id)
    draft_id = new_id()
    choices = replace(choices, study_ids=(str(study_id),))
    return ConsentDraft.objects.create(
        id=draft_id,
        account_id=party.account,
        vault_id=study.vault_id,
        sealed_choices=_sealed(draft_id, choices),
        changed_at=at,
    )


def find_draft(party: Party, draft_id: UUID) -> tuple[ConsentDraft, Choices]:
    """Return a draft that is still open and this party's own.

    Raises:
        NotFoundError: it is somebody else's, or there is none.
        StateConflictError: it was signed already.
    """
    if standing_refusal(party, Action.PREPARE) is not None:
        raise NotFoundError
    draft = ConsentDraft.objects.filter(pk=draft_id, account_id=party.account).first()
    if draft is None:
        raise NotFoundError
    if draft.consent_id is not None:
        raise StateConflictError(SIGNED_ALREADY)
    opened = unseal(
        ring().instance_key("drafts"), bytes(draft.sealed_choices), bound_to=f"draft|{draft.id}"
    )
    chosen: dict[str, Any] = orjson.loads(opened)
    return draft, Choices(**{name: _as_chosen(value) for name, value in chosen.items()})


def choose(draft: ConsentDraft, choices: Choices, *, at: datetime, **changes: object) -> Choices:
    """Keep changed choices; what was shown before must be shown again, and drawn again.

    Raises:
        InvalidFieldError: what was drawn is no signature.
    """
    drawn = str(changes.pop("handwriting", ""))
    changed = replace(choices, **changes)  # type: ignore[arg-type]  # fields are named by the pages
    changed = replace(changed, handwriting=handwriting_from_text(drawn).text if drawn else "")
    if changed.second_check == SecondCheck.PASSPHRASE and not changed.passphrase:
        # An empty one would let in whoever leaves the field empty.
        changed = replace(changed, passphrase=new_passphrase())
    ConsentDraft.objects.filter(pk=draft.pk).update(
        sealed_choices=_sealed(draft.id, changed),
        changed_at=at,
        presented_at=None,
        sealed_presented=None,
    )
    return changed


def drop_draft(draft: ConsentDraft) -> bool:
    """Forget a draft whose author decided not to share; False where it was signed or dropped."""
    unsigned = ConsentDraft.objects.filter(pk=draft.pk, consent_id__isnull=True)
    dropped, _ = unsigned.delete()
    return dropped > 0


def _as_chosen(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """Read back what JSON has no tuples for."""
    return tuple(map(_as_chosen, value)) if isinstance(value, list) else value


def _sealed(draft_id: UUID, choices: Choices) -> bytes:
    return seal(
        ring().instance_key("drafts"), orjson.dumps(asdict(choices)), bound_to=f"draft|{draft_id}"
    )
