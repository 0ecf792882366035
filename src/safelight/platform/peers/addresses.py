"""To which address does a name lead, and may we connect there? (security S14)

A name is resolved once, and the connection goes to that address. Addresses that are not
public lead into our own network: only those that an operator allowed are taken, whatever
the name says at the next question.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from safelight.platform.peers.causes import Cause, UnreachableError

Resolve = Callable[[str, int], list[str]]
_EMBEDDED: Final = ("ipv4_mapped", "sixtofour")


def address_of(
    host: str,
    port: int,
    allowed: Sequence[IPv4Network | IPv6Network],
    *,
    resolve: Resolve | None = None,
) -> str:
    """Return the one address to connect to.

    All that a name leads to must be allowed: one that also leads inward is refused.

    Raises:
        UnreachableError: there is no such name, or it leads where nothing may.
    """
    found = (resolve or _resolved)(host, port)
    if not found:
        raise UnreachableError(Cause.NAME_UNKNOWN)
    for each in found:
        if not may_connect(each, allowed):
            raise UnreachableError(Cause.ADDRESS_FORBIDDEN)
    return found[0]


def may_connect(text: str, allowed: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Say whether an address is public, or in a network that an operator allowed."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = next((each for name in _EMBEDDED if (each := getattr(address, name, None))), None)
    address = inner or address
    if any(address.version == each.version and address in each for each in allowed):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def may_be_plain(text: str, segments: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Say whether a connection to an address may go without TLS."""
    address = ip_address(text.partition("%")[0])
    return address.is_loopback or any(
        address.version == each.version and address in each for each in segments
    )


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(each[4][0]) for each in found))
