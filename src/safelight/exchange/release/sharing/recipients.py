"""Which one recipient do the choices name: a person, a desk, a group, an institution?

An institution or a group is found by its id only, which its own page or its
exact name gave; there is no searching for people (trap 17). What a page or a
program calls the public is refused here: identifiable pictures go to somebody
in particular (R08).
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from safelight.exchange.consent.terms import Audience, Member, Recipient, RecipientKind
from safelight.exchange.release.errors import UnboundedAudienceError
from safelight.exchange.release.sharing.drafts import Choices
from safelight.kernel.errors import InvalidFieldError
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import (
    Group,
    GroupMember,
    Membership,
    Organization,
    Role,
)
from safelight.records.accounts.registries import registry

PUBLIC: Final = "public"
_WHICH: Final = "Choose who can look."


def recipient_of(choices: Choices, *, grantor_id: UUID, faults: dict[str, str]) -> Recipient | None:
    """Return the recipient that is chosen, or None with the faults named.

    Raises:
        UnboundedAudienceError: the public was chosen.
    """
    if choices.audience == PUBLIC:
        raise UnboundedAudienceError
    if choices.audience not in set(Audience):
        faults["audience"] = _WHICH
        return None
    audience = Audience(choices.audience)
    if audience is Audience.PERSON:
        return _person(choices, faults)
    if audience is Audience.GROUP:
        return _group(choices, grantor_id, faults)
    return _institution(choices, audience, faults)


def _person(choices: Choices, faults: dict[str, str]) -> Recipient | None:
    try:
        address = normalised(choices.address)
    except InvalidFieldError:
        address = choices.address.strip()
    if choices.kind not in set(RecipientKind):
        faults["kind"] = "Choose who this is to you."
        return None
    kind = RecipientKind(choices.kind)
    return Recipient(name=choices.name.strip(), address=address, kind=kind)


def _group(choices: Choices, grantor_id: UUID, faults: dict[str, str]) -> Recipient | None:
    row = Group.objects.filter(pk=_id(choices.group_id), ended_at__isnull=True).first()
    if row is None:
        faults["group"] = _WHICH
        return None
    members = GroupMember.objects.select_related("account").filter(group=row, ended_at__isnull=True)
    return Recipient(
        name=row.name,
        address="",
        kind=RecipientKind.OTHER if row.organization_id is None else RecipientKind.CLINICIAN,
        audience=Audience.GROUP,
        group_id=row.pk,
        members=tuple(
            Member(account_id=each.account_id, name=each.account.name)
            for each in members.order_by("since", "pk")
            if each.account_id != grantor_id
        ),
        future_members=choices.future_members,
    )


def _institution(choices: Choices, audience: Audience, faults: dict[str, str]) -> Recipient | None:
    row = Organization.objects.filter(pk=_id(choices.organization_id)).first()
    register = registry(row.pk) if row is not None and audience is Audience.REGISTRY else None
    if row is None or (audience is Audience.REGISTRY and register is None):
        faults["organization"] = _WHICH
        return None
    there = Membership.objects.select_related("account").filter(
        organization=row, state=Membership.State.ACTIVE
    )
    if audience is not Audience.ORGANIZATION:
        there = there.filter(role=Role.IMAGING_DESK)
    people = {each.account_id: each.account.name for each in there.order_by("since", "pk")}
    return Recipient(
        name=row.name,
        address="",
        kind=RecipientKind.CLINICIAN,
        audience=audience,
        organization_id=row.pk,
        members=tuple(Member(account_id=each, name=name) for each, name in people.items()),
        future_members=True,
        exists_for=register.purpose if register is not None else "",
        undertakes=register.duties if register is not None else "",
    )


def _id(text: str) -> UUID:
    """Read an id; what is none is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
