"""In which states do the pages exist on which somebody says for whom a share is?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from safelight.exchange.consent.terms import RecipientKind
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.known import Known, OwnGroup
from safelight.records.accounts.registries import RegistryFacts
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Scene

_PUBLISHING: Final = ("institution", "group", "registry", "public")


def _who(at: datetime) -> dict[str, Any]:
    del at
    return {
        "choices": Choices(),
        "faults": {},
        "draft_id": DRAFT,
        "tab": "person",
        "tabs": ("person", "institution", "group", "registry"),
        "kinds": list(RecipientKind),
        "recent": [],
        "groups": [],
        "registries": [],
        "typed": {},
        "meant": "",
        "is_publishing": False,
    }


def _who_known(at: datetime) -> dict[str, Any]:
    known = [
        Known(consent_id=each.consent_id, recipient=each.terms.recipient, proved_at=at)
        for each in cast.shares(at)
    ]
    return _who(at) | {"recent": known}


def _who_slip(at: datetime) -> dict[str, Any]:
    return _who(at) | {
        "choices": Choices(name="Nora Example", address="nora@gmial.com", kind="family-or-friend"),
        "faults": {"address": "Is the part after the @ right?"},
        "meant": "nora@gmail.com",
        "typed": {"address_again": "nora@gmial.com"},
    }


def _who_institution(at: datetime) -> dict[str, Any]:
    return _who(at) | {
        "tab": "institution",
        "faults": {"institution": "We know no institution by exactly this name."},
        "typed": {"institution": "Example Hospitl"},
    }


def _groups_of_mine() -> list[OwnGroup]:
    people = ((UUID(int=71), "Nora Example"), (UUID(int=72), "Ben Example"))
    return [
        OwnGroup(group_id=UUID(int=70), name="My family", members=people),
        OwnGroup(group_id=UUID(int=73), name="Walking friends", members=()),
    ]


def _who_group(at: datetime) -> dict[str, Any]:
    return _who(at) | {"tab": "group", "groups": _groups_of_mine()}


def _who_no_group(at: datetime) -> dict[str, Any]:
    return _who(at) | {"tab": "group"}


def _who_registry(at: datetime) -> dict[str, Any]:
    registers = [
        RegistryFacts(
            organization_id=UUID(int=80 + number),
            name=name,
            purpose="To learn how nodules of the lung grow, from images of many people.",
            duties="It passes nothing on, and erases what is taken back within a week.",
        )
        for number, name in enumerate(("Example Lung Register", "Register of Rare Findings"))
    ]
    return _who(at) | {"tab": "registry", "registries": registers}


def _who_no_registry(at: datetime) -> dict[str, Any]:
    return _who(at) | {"tab": "registry", "tabs": _PUBLISHING, "is_publishing": True}


def _who_public(at: datetime) -> dict[str, Any]:
    return _who(at) | {
        "tab": "public",
        "tabs": _PUBLISHING,
        "is_publishing": True,
    }


def _groups(at: datetime) -> dict[str, Any]:
    del at
    return {"groups": _groups_of_mine(), "faults": {}, "name": ""}


def _group(at: datetime) -> dict[str, Any]:
    del at
    return {
        "group": _groups_of_mine()[0],
        "group_id": DRAFT,
        "faults": {"address": "Nobody here has proved this address."},
        "address": "nobody@people.example",
    }


def _who_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "address_again": "The two addresses are not the same.",
        "kind": "Choose who this is to you.",
    }
    return _who(at) | {
        "choices": Choices(name="Dr Ada Example", address="example@clinic.example"),
        "faults": faults,
    }


WHOM: Final = {
    "share-who": Scene("share/who.html", _who),
    "share-who-wrong": Scene("share/who.html", _who_wrong),
    "share-who-known": Scene("share/who.html", _who_known),
    "share-who-slip": Scene("share/who.html", _who_slip),
    "share-who-institution": Scene("share/who.html", _who_institution),
    "share-who-group": Scene("share/who.html", _who_group),
    "share-who-no-group": Scene("share/who.html", _who_no_group),
    "share-who-registry": Scene("share/who.html", _who_registry),
    "publish-who-no-registry": Scene("share/who.html", _who_no_registry),
    "publish-who-public": Scene("share/who.html", _who_public),
    "groups": Scene("groups.html", _groups),
    "group": Scene("group.html", _group),
}
