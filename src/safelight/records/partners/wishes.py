"""What does somebody fill in about a connection, and is it fit to be written?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from safelight.kernel.errors import InvalidFieldError
from safelight.records.partners import rules
from safelight.records.partners.certificates import one_certificate
from safelight.records.partners.kinds import ConnectionKind
from safelight.records.partners.models import Partner
from safelight.records.partners.segments import plain_segments
from safelight.records.partners.tokens import peer_token

LONGEST_NAME: Final = 120
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


def fitted(wish: ConnectionWish, partner: Partner | None) -> dict[str, object]:
    """Return the columns that a wish comes to.

    Raises:
        InvalidFieldError: something is missing or unfit.
    """
    name = " ".join(wish.name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidFieldError("name", "Give it a name of up to 120 letters.")
    if wish.kind not in set(ConnectionKind):
        raise InvalidFieldError("kind", "Choose how it speaks to us.")
    if not (wish.they_send or wish.they_ask or wish.we_send):
        raise InvalidFieldError("they_send", "Choose at least one direction.")
    if wish.kind == ConnectionKind.SAFELIGHT and (partner is None or wish.they_ask):
        unfit = "partner" if partner is None else "they_ask"
        raise InvalidFieldError(unfit, "Two Safelights of partners hand exams over.")
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
    # A system that sends to us may be called, too: it is told what of it is kept.
    is_called = wish.we_send or (wish.they_send and bool(wish.host.strip()))
    if is_called and not wish.is_plain and not pems["server_certificate"]:
        raise InvalidFieldError("server_certificate", "Paste the certificate it shows as server.")
    return {
        "called": called,
        "calling": calling,
        "host": rules.host(wish.host) if is_called else "",
        "port": rules.port(wish.port) if is_called else 0,
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
