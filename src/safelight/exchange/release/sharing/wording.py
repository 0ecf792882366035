"""How do a person's choices become terms that can be shown and signed?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.rules import faults as unfit
from safelight.exchange.consent.terms import (
    DEFAULT_TERM,
    FOR_ONESELF,
    NOT_FURTHER,
    Act,
    Authority,
    Further,
    FurtherRelease,
    Item,
    Named,
    Permission,
    Purpose,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Standing,
    Terms,
)
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.people import address_of_account, name_of
from safelight.exchange.release.sharing.authority import authority_of, require_undisputed
from safelight.exchange.release.sharing.copying import form_of, with_copies
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.items import items_of
from safelight.exchange.release.sharing.onward import (
    Parent,
    parent_of,
    require_covered,
    resting_on,
)
from safelight.exchange.release.sharing.recipients import recipient_of
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.records.accounts.addresses import normalised
from safelight.records.imaging.models import Study


def own_studies(party: Party, choices: Choices, *, at: datetime) -> list[Study]:
    """Return the chosen studies, each of which must be this party's to share."""
    ids = [UUID(each) for each in choices.study_ids]
    action = Action.PASS_ON if choices.act == Act.ONWARD else Action.PREPARE
    decisions = decide_all(party, action, ids, at=at)
    require_undisputed(decisions.values())
    if not all(decision.allowed for decision in decisions.values()):
        raise NotFoundError
    return list(Study.objects.filter(pk__in=ids).order_by("id"))


def authority_in(
    party: Party, studies: list[Study], choices: Choices, faults: dict[str, str], *, at: datetime
) -> Authority:
    """Say in whose name it is done; who passes on does so as the recipient they are."""
    if choices.act == Act.ONWARD:
        return FOR_ONESELF
    return authority_of(party, studies, faults, at=at)


def items_from_choices(
    studies: list[Study], choices: Choices, parent: Parent | None = None
) -> tuple[Item, ...]:
    """Describe what is chosen as it stands now, within what may be passed on under `parent`."""
    return items_of(
        studies,
        frozenset(UUID(each) for each in choices.series_ids),
        frozenset(UUID(each) for each in choices.instance_ids),
        within=parent.parts if parent is not None else None,
    )


def terms_from_choices(
    party: Party, draft: ConsentDraft, choices: Choices, *, statement_version: str, at: datetime
) -> Terms:
    """Judge the choices as a whole and write them as terms.

    Raises:
        NotFoundError: one of the exams is not this party's to share.
        StateConflictError: those who act for the same person are in dispute.
        FurtherReleaseError: it goes beyond the consent under which it is passed on.
        UnboundedAudienceError: it was to be published to nobody in particular.
        TermsNotFitError: something is missing or wrong; it names each part.
    """
    choices = with_copies(party, choices)
    studies = own_studies(party, choices, at=at)
    parent = parent_of(party, choices, at=at)
    account_id = party.account
    faults: dict[str, str] = {}
    recipient = recipient_of(choices, grantor_id=account_id, faults=faults)
    authority = authority_in(party, studies, choices, faults, at=at)
    starts_at, ends_at = _dates(choices, at, faults)
    if choices.act not in set(Act):
        faults["act"] = "Choose whether to share or to publish."
    if choices.purpose not in set(Purpose):
        faults["purpose"] = "Choose what it is for."
    if choices.second_check not in set(SecondCheck):
        faults["second_check"] = "Choose how a mistyped address is kept out."
    further = _further(choices, faults)
    form, profile = form_of(studies, faults)
    sensitive = _sensitive(studies, choices, faults)
    standing = _standing(studies, choices, faults)
    most_openings = _number(choices.most_openings, "most_openings", faults)
    if {study.vault_id for study in studies} != {draft.vault_id}:
        faults["items"] = "Exams from different places are shared one place at a time."
    if faults or recipient is None:
        raise TermsNotFitError(faults)
    terms = Terms(
        act=Act(choices.act),
        vault_id=draft.vault_id,
        grantor_id=account_id,
        grantor_name=name_of(account_id),
        authority=authority,
        items=items_from_choices(studies, choices, parent),
        recipient=recipient,
        purpose=Purpose(choices.purpose),
        purpose_words=choices.purpose_words.strip(),
        permissions=_permissions(choices),
        further=further,
        sensitive=sensitive,
        standing=standing,
        starts_at=starts_at,
        ends_at=ends_at,
        most_openings=most_openings,
        second_check=SecondCheck(choices.second_check),
        replaces_id=UUID(choices.replaces_id) if choices.replaces_id else None,
        statement_version=statement_version,
        form=form,
        profile=profile,
    )
    terms = resting_on(parent, terms)
    own_address = frozenset({address_of_account(account_id)})
    if found := unfit(terms, grantor_addresses=own_address, at=at):
        raise TermsNotFitError(found)
    require_covered(party, parent, terms, at=at)
    return terms


def _permissions(choices: Choices) -> frozenset[Permission]:
    downloading = {Permission.DOWNLOAD} if choices.may_download else set()
    return frozenset({Permission.VIEW} | downloading)


def _further(choices: Choices, faults: dict[str, str]) -> FurtherRelease:
    """Read to whom it may be passed on; what is left out is not agreed to."""
    if choices.further == Further.NONE:
        return NOT_FURTHER
    known = choices.further in set(Further) and set(choices.further_classes) <= set(RecipientKind)
    if not known or not set(choices.further_purposes) <= set(Purpose):
        faults["further"] = "Choose whether and to whom it may be passed on."
        return NOT_FURTHER
    named = []
    for name, address in choices.further_named:
        try:
            named.append(Named(name=name.strip(), address=normalised(address)))
        except InvalidFieldError:
            faults["further"] = "Give a name and one complete e-mail address for each."
    return FurtherRelease(
        kind=Further(choices.further),
        named=tuple(named),
        classes=frozenset(RecipientKind(each) for each in choices.further_classes),
        purposes=frozenset(Purpose(each) for each in choices.further_purposes),
    )


def _sensitive(
    studies: list[Study], choices: Choices, faults: dict[str, str]
) -> frozenset[Sensitive]:
    """Return the classes that are included: each that the exams hold must be ticked by itself."""
    marked = classes_of(study.id for study in studies)
    held = frozenset(kind for kinds in marked.values() for kind in kinds)
    if not set(choices.sensitive) <= set(Sensitive):
        faults["sensitive"] = "Tick each kind of sensitive information by itself."
        return frozenset()
    ticked = frozenset(Sensitive(each) for each in choices.sensitive)
    if held - ticked:
        faults["sensitive"] = (
            "These exams hold information of a kind that is not shared unless you tick it."
        )
    return held & ticked


def _standing(studies: list[Study], choices: Choices, faults: dict[str, str]) -> Standing | None:
    if not choices.standing_until:
        return None
    patients = {study.patient_id for study in studies}
    if len(patients) != 1:
        faults["standing"] = "Results to come can be shared for one patient at a time."
        return None
    try:
        last = date.fromisoformat(choices.standing_until)
    except ValueError:
        faults["standing"] = "Give the last day as a date."
        return None
    return Standing(patient_id=patients.pop(), until=_end_of(last))


def _number(text: str, name: str, faults: dict[str, str]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        faults[name] = "Give a number."
        return None
    return int(text)


def _dates(choices: Choices, at: datetime, faults: dict[str, str]) -> tuple[datetime, datetime]:
    """Read the first and last day; the share ends when the last day is over (UTC)."""
    starts_at, ends_at = at, at + DEFAULT_TERM
    try:
        if choices.starts_on and date.fromisoformat(choices.starts_on) != at.date():
            starts_at = datetime.combine(date.fromisoformat(choices.starts_on), time(), UTC)
    except ValueError:
        faults["starts"] = "Give the first day as a date."
    try:
        ends_at = _end_of(date.fromisoformat(choices.ends_on) if choices.ends_on else ends_at)
    except ValueError:
        faults["ends"] = "Give the last day as a date."
    return starts_at, ends_at


def _end_of(day: date) -> datetime:
    """Return the last second of a day; a moment stands for its day."""
    midnight = datetime.combine(date(day.year, day.month, day.day), time(), UTC)
    return midnight + timedelta(days=1, seconds=-1)
