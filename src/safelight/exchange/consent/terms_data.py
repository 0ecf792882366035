"""How are terms written so that they can be signed, kept and read again?

Version 2 of the shape. Version 1 knew one kind of recipient, no passing on and no results
to come; what it did not know reads as not agreed. The form of release is written only where
it is that of a copy: consents without it are about exams as they are.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.exchange.consent.terms import (
    FOR_ONESELF,
    NOT_FURTHER,
    SELF,
    Act,
    Audience,
    Authority,
    Form,
    Further,
    FurtherRelease,
    Item,
    Member,
    Named,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Standing,
    Terms,
)

SHAPE: Final = 2


def as_data(terms: Terms) -> dict[str, Any]:
    """Return the terms as plain data in one fixed shape."""
    return {
        "v": SHAPE,
        "act": terms.act.value,
        "vault": str(terms.vault_id),
        "grantor": {
            "account": str(terms.grantor_id),
            "name": terms.grantor_name,
            "authority": terms.authority.kind,
            "representative": _text(terms.authority.representative_id),
            "subject": _text(terms.authority.subject_account_id),
            "subject_name": terms.authority.subject_name,
        },
        "items": [_item_as_data(item) for item in terms.items],
        "recipient": _recipient_as_data(terms.recipient),
        "purpose": {"code": terms.purpose.value, "words": terms.purpose_words},
        "permissions": sorted(permission.value for permission in terms.permissions),
        "further_release": {
            "kind": terms.further.kind.value,
            "named": [{"name": one.name, "address": one.address} for one in terms.further.named],
            "classes": sorted(kind.value for kind in terms.further.classes),
            "purposes": sorted(purpose.value for purpose in terms.further.purposes),
        },
        "sensitive": sorted(each.value for each in terms.sensitive),
        "standing": {
            "patient": str(terms.standing.patient_id),
            "until": terms.standing.until.isoformat(),
        }
        if terms.standing
        else None,
        "starts_at": terms.starts_at.isoformat(),
        "ends_at": terms.ends_at.isoformat(),
        "most_openings": terms.most_openings,
        "second_check": terms.second_check.value,
        "parent": _text(terms.parent_id),
        "replaces": _text(terms.replaces_id),
        "statement": terms.statement_version,
    } | _form_as_data(terms)


def canonical(terms: Terms) -> bytes:
    """Write the terms as canonical JSON: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(as_data(terms), option=orjson.OPT_SORT_KEYS)


def signing_digest(terms: Terms, shown_html: str) -> bytes:
    """Return what the signature must cover: the terms and the very words shown (I3)."""
    return digest_of(canonical(terms), shown_html)


def digest_of(written_terms: bytes, shown_html: str) -> bytes:
    """Return the digest over terms as they were written and the words as they were shown."""
    return hashlib.sha256(
        b"consent/v1\0"
        + hashlib.sha256(written_terms).digest()
        + hashlib.sha256(shown_html.encode()).digest()
    ).digest()


def terms_from_data(data: dict[str, Any]) -> Terms:
    """Read terms back, of either version of the shape."""
    return Terms(
        act=Act(data.get("act", Act.SHARE)),
        vault_id=UUID(data["vault"]),
        grantor_id=UUID(data["grantor"]["account"]),
        grantor_name=data["grantor"]["name"],
        authority=_authority(data["grantor"]),
        items=tuple(_item(item) for item in data["items"]),
        recipient=_recipient(data["recipient"]),
        purpose=Purpose(data["purpose"]["code"]),
        purpose_words=data["purpose"]["words"],
        permissions=frozenset(Permission(name) for name in data["permissions"]),
        further=_further(data["further_release"]),
        sensitive=frozenset(Sensitive(each) for each in data.get("sensitive", ())),
        standing=_standing(data.get("standing")),
        starts_at=datetime.fromisoformat(data["starts_at"]),
        ends_at=datetime.fromisoformat(data["ends_at"]),
        most_openings=data.get("most_openings"),
        second_check=SecondCheck(data["second_check"]),
        parent_id=_id(data.get("parent", "")),
        replaces_id=_id(data.get("replaces", "")),
        statement_version=data["statement"],
        form=Form(data["form"]["kind"]) if "form" in data else Form.IDENTIFIED,
        profile=data["form"]["profile"] if "form" in data else "",
    )


def _form_as_data(terms: Terms) -> dict[str, Any]:
    if terms.form is Form.IDENTIFIED:
        return {}
    return {"form": {"kind": terms.form.value, "profile": terms.profile}}


def _item_as_data(item: Item) -> dict[str, Any]:
    return {
        "study": str(item.study_id),
        "series": str(item.series_id),
        "up_to": item.up_to,
        "only": list(item.only),
        "pictures": item.pictures,
        "digest": item.digest,
        "exam": item.exam_title,
        "series_title": item.series_title,
        "exam_on": item.exam_on,
        # Terms that were signed before reports were told apart must read as they did.
        **({"reports": item.reports} if item.reports else {}),
    }


def _item(data: dict[str, Any]) -> Item:
    return Item(
        study_id=UUID(data["study"]),
        series_id=UUID(data["series"]),
        up_to=data["up_to"],
        only=tuple(data.get("only", ())),
        pictures=data["pictures"],
        digest=data["digest"],
        exam_title=data["exam"],
        series_title=data["series_title"],
        exam_on=data["exam_on"],
        reports=data.get("reports", 0),
    )


def _recipient_as_data(recipient: Recipient) -> dict[str, Any]:
    own_words = {"exists_for": recipient.exists_for, "undertakes": recipient.undertakes}
    return {
        "name": recipient.name,
        "address": recipient.address,
        "kind": recipient.kind.value,
        "account": _text(recipient.account_id),
        "audience": recipient.audience.value,
        "organization": _text(recipient.organization_id),
        "group": _text(recipient.group_id),
        "members": [
            {"account": str(member.account_id), "name": member.name} for member in recipient.members
        ],
        "future_members": recipient.future_members,
        # Terms that were signed before there were registries must read as they did.
        **{name: words for name, words in own_words.items() if words},
    }


def _recipient(data: dict[str, Any]) -> Recipient:
    return Recipient(
        name=data["name"],
        address=data["address"],
        kind=RecipientKind(data["kind"]),
        account_id=_id(data["account"]),
        audience=Audience(data.get("audience", Audience.PERSON)),
        organization_id=_id(data.get("organization", "")),
        group_id=_id(data.get("group", "")),
        members=tuple(
            Member(account_id=UUID(each["account"]), name=each["name"])
            for each in data.get("members", ())
        ),
        future_members=data.get("future_members", False),
        exists_for=data.get("exists_for", ""),
        undertakes=data.get("undertakes", ""),
    )


def _authority(grantor: dict[str, Any]) -> Authority:
    if grantor.get("authority", SELF) == SELF:
        return FOR_ONESELF
    return Authority(
        kind=grantor["authority"],
        representative_id=_id(grantor["representative"]),
        subject_account_id=_id(grantor["subject"]),
        subject_name=grantor["subject_name"],
    )


def _further(data: dict[str, Any] | str) -> FurtherRelease:
    if isinstance(data, str):  # version 1 wrote the word "none"
        return NOT_FURTHER
    return FurtherRelease(
        kind=Further(data["kind"]),
        named=tuple(Named(name=one["name"], address=one["address"]) for one in data["named"]),
        classes=frozenset(RecipientKind(kind) for kind in data["classes"]),
        purposes=frozenset(Purpose(purpose) for purpose in data["purposes"]),
    )


def _standing(data: dict[str, Any] | None) -> Standing | None:
    if data is None:
        return None
    return Standing(patient_id=UUID(data["patient"]), until=datetime.fromisoformat(data["until"]))


def _text(identity: UUID | None) -> str:
    return str(identity) if identity is not None else ""


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
