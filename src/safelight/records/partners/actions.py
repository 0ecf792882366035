"""How do partners and connections come to be, change, open and close?

Whoever is allowed to was asked above; `by` is their opaque name. What is added or changed
is a draft until somebody else opens it. Ending takes one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import Organization
from safelight.records.partners import rules
from safelight.records.partners.certificates import one_certificate
from safelight.records.partners.events import PartnerEvent
from safelight.records.partners.kinds import ConnectionKind, ConnectionState
from safelight.records.partners.models import Connection, Partner
from safelight.records.partners.segments import plain_segments
from safelight.records.partners.tokens import new_word, peer_token, word_token

_LONGEST_NAME: Final = 120
_LONGEST_TOKEN: Final = 4096
_CERTIFICATES: Final = (
    "client_certificate",
    "next_client_certificate",
    "server_certificate",
    "next_server_certificate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionWish:
    """What somebody filled in about a connection, as text, checked when it is written."""

    name: str
    kind: str = ConnectionKind.DIMSE
    they_send: bool = False
    they_ask: bool = False
    we_send: bool = False
    called: str = ""
    calling: str = ""
    host: str = ""
    port: str = ""
    url: str = ""
    token: str = field(default="", repr=False)
    networks: str = ""
    is_plain: bool = False
    client_certificate: str = ""
    next_client_certificate: str = ""
    server_certificate: str = ""
    next_server_certificate: str = ""
    basis: str = ""
    holds_eea_data: bool = False
    is_part2: bool = False


def add_partner(
    organization_id: UUID,
    name: str,
    country: str,
    *,
    by: str,
    at: datetime,
    through: UUID | None = None,
    session: str = "",
) -> Partner:
    """Add a partner of an institution.

    Raises:
        InvalidFieldError: the name or the country is unfit, or the one it works for unknown.
        StateConflictError: it is a partner already.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError("partner", "Give the partner's name, of up to 120 letters.")
    country = rules.country(country)
    above = _of_house(through, organization_id) if through is not None else None
    with transaction.atomic():
        place, _ = Organization.objects.get_or_create(
            same_name=name, defaults={"name": name, "created_at": at}
        )
        if place.pk == organization_id:
            raise InvalidFieldError("partner", "An institution is no partner of its own.")
        row, is_new = Partner.objects.get_or_create(
            organization_id=organization_id,
            counterpart_id=place.pk,
            defaults={
                "name": name,
                "country": country,
                "through": above,
                "added_by": by,
                "added_at": at,
            },
        )
        if not is_new:
            raise StateConflictError("This partner is there already.")
        record(
            PartnerEvent.PARTNER_ADDED,
            actor=by,
            session=session,
            subject=f"partner/{row.pk}",
            at=at,
        )
    return row


def add_connection(
    organization_id: UUID,
    partner: Partner | None,
    wish: ConnectionWish,
    *,
    by: str,
    at: datetime,
    session: str = "",
) -> Connection:
    """Add a connection as a draft.

    Raises:
        InvalidFieldError: something is missing or unfit.
    """
    fields = _fit(wish, partner)
    with transaction.atomic():
        fields.setdefault("peer_token", b"")
        row = Connection.objects.create(
            organization_id=organization_id, partner=partner, changed_by=by, changed_at=at, **fields
        )
        _note(PartnerEvent.CONNECTION_ADDED, row, by=by, session=session, at=at)
    return row


def change_connection(
    connection_id: UUID, wish: ConnectionWish, *, by: str, at: datetime, session: str = ""
) -> Connection:
    """Change a connection; from then on it is a draft, and lets nothing through.

    Raises:
        NotFoundError: there is none.
        InvalidFieldError: something is missing or unfit.
        StateConflictError: it is closed.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state == ConnectionState.CLOSED:
            raise StateConflictError("It is closed. Add another one.")
        if wish.kind != row.kind:
            row.peer_token = b""
        for name, value in _fit(wish, row.partner).items():
            setattr(row, name, value)
        row.state, row.changed_by, row.changed_at = ConnectionState.DRAFT, by, at
        row.opened_by, row.opened_at = "", None
        row.save()
        _note(PartnerEvent.CONNECTION_CHANGED, row, by=by, session=session, at=at)
    return row


def give_word(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> str:
    """Return a new word that a system shows us over the web; nobody can read it again.

    The one before is worth nothing from the commit on, and the connection is a draft.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is closed, or nobody comes by it over the web.
    """
    word = new_word()
    with transaction.atomic():
        row = _held(connection_id)
        comes = row.kind != ConnectionKind.DIMSE and (row.they_send or row.they_ask)
        if row.state == ConnectionState.CLOSED or not comes:
            raise StateConflictError("Nobody comes in by it over the web.")
        row.peer_token = word_token(word)
        row.state, row.changed_by, row.changed_at = ConnectionState.DRAFT, by, at
        row.opened_by, row.opened_at = "", None
        row.save()
        _note(PartnerEvent.WORD_GIVEN, row, by=by, session=session, at=at)
    return word


def open_connection(
    connection_id: UUID,
    *,
    by: str,
    at: datetime,
    session: str = "",
    as_of: datetime | None = None,
) -> None:
    """Open a draft, or one that was suspended, as somebody who did not change it.

    `as_of` is when what they read was changed last: what changed since they have not read.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is open or closed, the same person changed it, or it changed since.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state not in {ConnectionState.DRAFT, ConnectionState.SUSPENDED}:
            raise StateConflictError
        if row.changed_by == by:
            raise StateConflictError("Somebody else must open what you changed.")
        if as_of is not None and row.changed_at != as_of:
            raise StateConflictError("It was changed since you read it. Read it again.")
        row.state, row.opened_by, row.opened_at = ConnectionState.OPEN, by, at
        row.save(update_fields=["state", "opened_by", "opened_at"])
        _note(PartnerEvent.CONNECTION_OPENED, row, by=by, session=session, at=at)


def suspend_connection(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> None:
    """Let nothing through for now. Somebody else must open it again.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is not open.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state != ConnectionState.OPEN:
            raise StateConflictError
        row.state, row.changed_by, row.changed_at = ConnectionState.SUSPENDED, by, at
        row.save(update_fields=["state", "changed_by", "changed_at"])
        _note(PartnerEvent.CONNECTION_SUSPENDED, row, by=by, session=session, at=at)


def close_connection(connection_id: UUID, *, by: str, at: datetime, session: str = "") -> None:
    """Let nothing through ever again.

    Raises:
        NotFoundError: there is none.
        StateConflictError: it is closed already.
    """
    with transaction.atomic():
        row = _held(connection_id)
        if row.state == ConnectionState.CLOSED:
            raise StateConflictError
        row.state = ConnectionState.CLOSED
        row.save(update_fields=["state"])
        _note(PartnerEvent.CONNECTION_CLOSED, row, by=by, session=session, at=at)


def note_test(
    connection_id: UUID, outcome: str, *, by: str, at: datetime, session: str = ""
) -> None:
    """Keep what an echo test found."""
    with transaction.atomic():
        row = _held(connection_id)
        row.tested_at, row.test_outcome = at, outcome
        row.save(update_fields=["tested_at", "test_outcome"])
        _note(PartnerEvent.CONNECTION_TESTED, row, by=by, session=session, reason=outcome, at=at)


def _fit(wish: ConnectionWish, partner: Partner | None) -> dict[str, object]:
    """Return the columns that a wish comes to."""
    name = " ".join(wish.name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError("name", "Give it a name of up to 120 letters.")
    if wish.kind not in set(ConnectionKind):
        raise InvalidFieldError("kind", "Choose how it speaks to us.")
    if not (wish.they_send or wish.they_ask or wish.we_send):
        raise InvalidFieldError("they_send", "Choose at least one direction.")
    if wish.kind == ConnectionKind.SAFELIGHT and (partner is None or wish.they_ask):
        field = "partner" if partner is None else "they_ask"
        raise InvalidFieldError(field, "Two Safelights of partners hand exams over.")
    pems = {each: one_certificate(each, getattr(wish, each)) for each in _CERTIFICATES}
    spoken = _dimse(wish, pems) if wish.kind == ConnectionKind.DIMSE else _web(wish, pems)
    return {
        "name": name,
        "kind": wish.kind,
        "they_send": wish.they_send,
        "they_ask": wish.they_ask,
        "we_send": wish.we_send,
        "is_plain": wish.is_plain,
        **pems,
        **spoken,
        **_needs(wish, partner),
    }


def _dimse(wish: ConnectionWish, pems: dict[str, str]) -> dict[str, object]:
    called, calling = rules.title("called", wish.called), rules.title("calling", wish.calling)
    inward = wish.they_send or wish.they_ask
    allowed = rules.networks(wish.networks.split())
    if inward and not allowed:
        raise InvalidFieldError("networks", "Say from which networks it comes.")
    if wish.is_plain:
        if any(pems.values()):
            raise InvalidFieldError("is_plain", "With a certificate it is not plain.")
        _require_private(allowed)
    elif inward and not pems["client_certificate"]:
        raise InvalidFieldError("client_certificate", "Paste the certificate it shows us.")
    if wish.we_send and not wish.is_plain and not pems["server_certificate"]:
        raise InvalidFieldError("server_certificate", "Paste the certificate it shows as server.")
    return {
        "called": called,
        "calling": calling,
        "host": rules.host(wish.host) if wish.we_send else "",
        "port": rules.port(wish.port) if wish.we_send else 0,
        "url": "",
        "token": "",
        "networks": "\n".join(str(each) for each in allowed),
        "peer_token": peer_token(called, calling),
    }


def _web(wish: ConnectionWish, pems: dict[str, str]) -> dict[str, object]:
    scheme, _, rest = wish.url.strip().partition("://")
    address = rest.partition("/")[0]
    if wish.is_plain:
        raise InvalidFieldError("is_plain", "Only DIMSE can go without TLS.")
    if wish.we_send:
        name, _, port = address.partition(":")
        fine = scheme == "https" and not set("@?#\\") & set(rest)
        if not fine:
            raise InvalidFieldError("url", "Give an address that begins with https://")
        rules.host(name)
        rules.port(port or "443")
        if not pems["server_certificate"]:
            raise InvalidFieldError("server_certificate", "Paste the certificate it shows.")
    allowed = rules.networks(wish.networks.split())
    if (wish.they_send or wish.they_ask) and not allowed:
        raise InvalidFieldError("networks", "Say from which networks it comes.")
    return {
        "called": "",
        "calling": "",
        "host": "",
        "port": 0,
        "url": wish.url.strip() if wish.we_send else "",
        "token": _token(wish.token) if wish.we_send else "",
        "networks": "\n".join(str(each) for each in allowed),
    }


def _token(text: str) -> str:
    """Return a bearer token as it stands in a header (RFC 6750 2.1)."""
    text = text.strip()
    if len(text) > _LONGEST_TOKEN or not (text.isascii() and text.isprintable()) or " " in text:
        raise InvalidFieldError("token", "A token is one word.")
    return text


def _require_private(allowed: tuple[rules.Network, ...]) -> None:
    """Let pass networks that lie wholly where nothing needs TLS."""
    segments = plain_segments()
    for each in allowed:
        ends = (str(each.network_address), str(each.broadcast_address))
        if not all(rules.may_be_plain(end, segments) for end in ends):
            message = "Without TLS only this machine and declared private segments are allowed."
            raise InvalidFieldError("networks", message)


def _needs(wish: ConnectionWish, partner: Partner | None) -> dict[str, object]:
    if partner is None:
        return {"basis": "", "needs": "", "holds_eea_data": False, "is_part2": False}
    needed = rules.needed_kinds(
        wish.basis,
        country=partner.country,
        holds_eea_data=wish.holds_eea_data,
        is_part2=wish.is_part2,
        is_subcontractor=partner.through_id is not None,
    )
    return {
        "basis": wish.basis,
        "needs": " ".join(sorted(needed)),
        "holds_eea_data": wish.holds_eea_data,
        "is_part2": wish.is_part2,
    }


def _of_house(partner_id: UUID, organization_id: UUID) -> Partner:
    row = Partner.objects.filter(pk=partner_id, organization_id=organization_id).first()
    if row is None:
        raise InvalidFieldError("through", "Choose one of your partners.")
    return row


def _held(connection_id: UUID) -> Connection:
    row = Connection.objects.select_for_update().filter(pk=connection_id).first()
    if row is None:
        raise NotFoundError
    return row


def _note(
    event: PartnerEvent,
    row: Connection,
    *,
    by: str,
    session: str,
    at: datetime,
    reason: str = "",
) -> None:
    record(
        event,
        actor=by,
        session=session,
        subject=f"connection/{row.pk}",
        reason=reason or row.kind,
        at=at,
    )
