"""How are the terms of a consent told to a program?"""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from safelight.exchange.consent.terms import (
    Act,
    Audience,
    Form,
    Further,
    FurtherRelease,
    Item,
    Permission,
    Purpose,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Terms,
)
from safelight.surfaces.api.forms import OutId


class ItemOut(Schema):
    """One series that is covered: up to an arrival, or single objects only.

    Of the `pictures`, `reports` are documents.
    `digest` is the SHA-256 over the digests of the covered data sets, in order of arrival.
    """

    exam: OutId
    series: OutId
    exam_title: str
    series_title: str
    exam_on: str
    pictures: int
    reports: int
    up_to: int
    only: list[int]
    digest: str


class RecipientOut(Schema):
    """The one recipient that is named. `members` are who could look when it was agreed."""

    audience: Audience
    name: str
    address: str
    kind: RecipientKind
    organization: OutId | None
    group: OutId | None
    members: list[str]
    future_members: bool


class NamedOut(Schema):
    """Somebody to whom it may be passed on."""

    name: str
    address: str


class FurtherOut(Schema):
    """To whom the recipient may pass it on, and for what."""

    kind: Further
    named: list[NamedOut]
    classes: list[RecipientKind]
    purposes: list[Purpose]


class TermsOut(Schema):
    """Everything that a signature covers."""

    act: Act
    giver: str
    authority: str
    on_behalf_of: str
    items: list[ItemOut]
    recipient: RecipientOut
    purpose: Purpose
    purpose_words: str
    permissions: list[Permission]
    further_release: FurtherOut
    sensitive: list[Sensitive]
    standing_until: datetime | None
    starts_at: datetime
    ends_at: datetime
    most_openings: int | None
    second_check: SecondCheck
    parent: OutId | None
    replaces: OutId | None
    statement_version: str
    form: Form
    profile: str


def terms_out(terms: Terms) -> TermsOut:
    """Return the terms as a program reads them."""
    return TermsOut(
        act=terms.act,
        giver=terms.grantor_name,
        authority=terms.authority.kind,
        on_behalf_of=terms.authority.subject_name,
        items=[_item(item) for item in terms.items],
        recipient=RecipientOut(
            audience=terms.recipient.audience,
            name=terms.recipient.name,
            address=terms.recipient.address,
            kind=terms.recipient.kind,
            organization=terms.recipient.organization_id,
            group=terms.recipient.group_id,
            members=[member.name for member in terms.recipient.members],
            future_members=terms.recipient.future_members,
        ),
        purpose=terms.purpose,
        purpose_words=terms.purpose_words,
        permissions=sorted(terms.permissions),
        further_release=further_out(terms.further),
        sensitive=sorted(terms.sensitive),
        standing_until=terms.standing.until if terms.standing else None,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        most_openings=terms.most_openings,
        second_check=terms.second_check,
        parent=terms.parent_id,
        replaces=terms.replaces_id,
        statement_version=terms.statement_version,
        form=terms.form,
        profile=terms.profile,
    )


def further_out(further: FurtherRelease) -> FurtherOut:
    """Return to whom something may be passed on, as a program reads it."""
    return FurtherOut(
        kind=further.kind,
        named=[NamedOut(name=one.name, address=one.address) for one in further.named],
        classes=sorted(further.classes),
        purposes=sorted(further.purposes),
    )


def _item(item: Item) -> ItemOut:
    return ItemOut(
        exam=item.study_id,
        series=item.series_id,
        exam_title=item.exam_title,
        series_title=item.series_title,
        exam_on=item.exam_on,
        pictures=item.pictures,
        reports=item.reports,
        up_to=item.up_to,
        only=list(item.only),
        digest=item.digest,
    )
