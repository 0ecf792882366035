"""Is this a title, an address or a network, and which agreements does a connection need?

Pure: nothing is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from safelight.kernel.errors import InvalidFieldError
from safelight.records.partners.kinds import BASES, AgreementKind

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_HOST: Final = re.compile(r"(?=.{1,253}$)[0-9a-z]([0-9a-z-]{0,61}[0-9a-z])?(\.[0-9a-z-]{1,63})*")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LONGEST_TITLE: Final = 16
_HIGHEST_PORT: Final = 65535
_MOST_NETWORKS: Final = 16
_EEA_NAMES: Final = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)
_ADEQUATE_NAMES: Final = "AD AR CH FO GB GG IL IM JE JP KR NZ UY"
_EEA: Final = frozenset(_EEA_NAMES.split())
# Countries that the European Commission found to protect personal data adequately. Where that
# holds for some recipients only (US, CA), it is not counted: then clauses are needed.
_ADEQUATE: Final = frozenset(_ADEQUATE_NAMES.split())


def needed_kinds(
    basis: str, *, country: str, holds_eea_data: bool, is_part2: bool, is_subcontractor: bool
) -> frozenset[AgreementKind]:
    """Return the kinds of agreement of which each must be in force (R28).

    Raises:
        InvalidFieldError: a connection cannot rest on that.
    """
    if basis not in set(BASES):
        raise InvalidFieldError("basis", "Choose the agreement that this rests on.")
    needed = {AgreementKind(basis)}
    if is_subcontractor and basis == AgreementKind.BAA:
        needed = {AgreementKind.SUBCONTRACTOR_BAA}
    if holds_eea_data and country not in _EEA | _ADEQUATE:
        needed.add(AgreementKind.STANDARD_CLAUSES)
    if is_part2:
        needed.add(AgreementKind.QUALIFIED_SERVICE)
    return frozenset(needed)


def title(field: str, text: str) -> str:
    """Return an application entity title as DICOM allows it (PS3.5 6.2, AE).

    Raises:
        InvalidFieldError: it is none.
    """
    text = text.strip(" ")
    printable = text.isascii() and text.isprintable() and "\\" not in text
    if not (1 <= len(text) <= _LONGEST_TITLE and printable):
        raise InvalidFieldError(field, "A title has 1 to 16 letters, and no backslash.")
    return text


def host(text: str) -> str:
    """Return a host name or an address in its one usual form.

    Numbers that some systems also take for addresses (0x7f.1, 2130706433) are no names here.

    Raises:
        InvalidFieldError: it is neither.
    """
    text = text.strip().lower().removesuffix(".")
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    last = text.rpartition(".")[2]
    if not _HOST.fullmatch(text) or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        raise InvalidFieldError("host", "Give a host name, or an address such as 192.0.2.7.")
    return text


def port(text: str) -> int:
    """Return a port's number.

    Raises:
        InvalidFieldError: it is none.
    """
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _HIGHEST_PORT):
        raise InvalidFieldError("port", "A port is a number from 1 to 65535.")
    return int(text)


def country(text: str) -> str:
    """Return a country's two letters (ISO 3166-1).

    Raises:
        InvalidFieldError: it has not two letters.
    """
    text = text.strip().upper()
    if not _COUNTRY.fullmatch(text):
        raise InvalidFieldError("country", "Give the country's two letters, such as DE or US.")
    return text


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that some texts name, such as 192.0.2.0/24 or one address.

    Raises:
        InvalidFieldError: one is none, or holds every address there is.
    """
    try:
        found = tuple(ip_network(each.strip()) for each in texts if each.strip())
    except ValueError:
        raise InvalidFieldError("networks", "Give networks such as 192.0.2.0/24.") from None
    if len(found) > _MOST_NETWORKS or any(each.prefixlen == 0 for each in found):
        raise InvalidFieldError("networks", "Name up to 16 networks, none of them everything.")
    return found


def lies_within(address: str, allowed: Sequence[Network]) -> bool:
    """Say whether an address lies in one of some networks; what is no address does not."""
    found = plain_address(address)
    return found is not None and any(
        found.version == each.version and found in each for each in allowed
    )


def plain_address(text: str) -> Address | None:
    """Return an address, an IPv4 one out of its IPv6 wrapping; None where it is none."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def may_be_plain(address: str, segments: Sequence[Network]) -> bool:
    """Say whether what goes to or comes from an address may go without TLS."""
    found = plain_address(address)
    return found is not None and (found.is_loopback or lies_within(address, segments))
