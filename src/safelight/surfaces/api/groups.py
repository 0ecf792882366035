"""Whom does a closed list of the caller's hold, and who comes and goes?"""

from __future__ import annotations

from datetime import datetime

from ninja import Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.access.rolls import Roll, roll_of, rolls_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Line, OutId
from safelight.surfaces.api.routes import told

router = Router()


class MemberOut(Schema):
    """One person of a list."""

    account: OutId
    name: str
    since: datetime


class GroupOut(Schema):
    """One closed list that you manage."""

    id: OutId
    name: str
    created_at: datetime
    members: list[MemberOut]


class GroupAsked(Asked):
    """A list to begin."""

    name: Line


class MemberAsked(Asked):
    """Somebody to put on a list, by the exact address they have proved."""

    address: Line


@router.get("groups", response=list[GroupOut], **told(Action.READ_ACTIVITY))
def list_groups(request: Called) -> list[GroupOut]:
    """List the groups you manage."""
    return [_group(each) for each in rolls_of(request.auth)]


@router.get("groups/{group_id}", response=GroupOut, **told(Action.READ_ACTIVITY, NotFoundError))
def read_group(request: Called, group_id: str) -> GroupOut:
    """Return one group you manage, and who is on it."""
    return _group(roll_of(request.auth, from_text(group_id)))


@router.post("groups", response={201: GroupOut}, **told(Action.SHARE, in_person=True))
def begin_group(request: Called, asked: GroupAsked) -> Status[GroupOut]:
    """Begin a closed list; you are on it from the start."""
    made = make_group(request.auth, asked.name, at=clock.now())
    return Status(201, _group(roll_of(request.auth, made.pk)))


@router.post(
    "groups/{group_id}/members",
    response=GroupOut,
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def admit_to_group(request: Called, group_id: str, asked: MemberAsked) -> GroupOut:
    """Put somebody on a list. They get only what was given to members to come."""
    admit_member(request.auth, from_text(group_id), asked.address, at=clock.now())
    return _group(roll_of(request.auth, from_text(group_id)))


@router.delete(
    "groups/{group_id}/members/{account_id}",
    response={204: None},
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def dismiss_from_group(request: Called, group_id: str, account_id: str) -> None:
    """Take somebody off a list; what the group was given is closed to them at once."""
    dismiss_member(request.auth, from_text(group_id), from_text(account_id), at=clock.now())


def _group(roll: Roll) -> GroupOut:
    return GroupOut(
        id=roll.group_id,
        name=roll.name,
        created_at=roll.created_at,
        members=[
            MemberOut(account=each.account_id, name=each.name, since=each.since)
            for each in roll.members
        ],
    )
