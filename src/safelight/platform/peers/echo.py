"""Does another system answer a C-ECHO, and if not, why?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from pynetdicom import AE
from pynetdicom.association import Association

from safelight.platform.peers.addresses import Resolve, address_of, may_be_plain
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.pinned import pinned_context

_VERIFICATION: Final = "1.2.840.10008.1.1"
PATIENCE: Final = 10.0
_CALLING_UNKNOWN: Final = 3  # PS3.8 table 9-21, by the service user
_CALLED_UNKNOWN: Final = 7
_SUCCESS: Final = 0x0000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where another system listens, its title and ours, and the certificates it may show.

    `allowed` are the private networks where it may be, `plain` those that need no TLS.
    """

    host: str
    port: int
    called: str
    calling: str
    pins: tuple[bytes, ...] = ()
    is_plain: bool = False
    allowed: Sequence[IPv4Network | IPv6Network] = field(default=())
    plain: Sequence[IPv4Network | IPv6Network] = field(default=())
    cert: str = ""
    key: str = ""


def echo(server: Server, *, patience: float = PATIENCE, resolve: Resolve | None = None) -> Cause:
    """Ask it for an answer, and say what came of it."""
    try:
        address = address_of(server.host, server.port, server.allowed, resolve=resolve)
        if server.is_plain and not may_be_plain(address, server.plain):
            return Cause.ADDRESS_FORBIDDEN
        context = None if server.is_plain else _context(server)
        _knock(address, server.port, context, patience)
        return _asked(server, address, context, patience)
    except UnreachableError as unreachable:
        return unreachable.cause


def _context(server: Server) -> ssl.SSLContext:
    if not server.pins:
        raise UnreachableError(Cause.OTHER_CERTIFICATE)
    return pinned_context(server.pins, server.cert, server.key)


def _knock(address: str, port: int, context: ssl.SSLContext | None, patience: float) -> None:
    """Connect once and shake hands: of what goes wrong in an association little is told.

    Raises:
        UnreachableError: there is nobody, or somebody else.
    """
    try:
        with socket.create_connection((address, port), timeout=patience) as line:
            if context is not None:
                context.wrap_socket(line).close()
    except ssl.SSLCertVerificationError:
        raise UnreachableError(Cause.OTHER_CERTIFICATE) from None
    except TimeoutError:
        raise UnreachableError(Cause.TIMED_OUT) from None
    except ssl.SSLError:
        raise UnreachableError(Cause.NO_TLS) from None
    except ConnectionRefusedError:
        raise UnreachableError(Cause.REFUSED) from None
    except OSError:
        raise UnreachableError(Cause.UNREACHABLE) from None


def _asked(server: Server, address: str, context: ssl.SSLContext | None, patience: float) -> Cause:
    entity = AE(ae_title=server.calling)
    entity.acse_timeout = entity.dimse_timeout = patience
    entity.network_timeout = entity.connection_timeout = patience
    entity.add_requested_context(_VERIFICATION)
    association = entity.associate(
        address,
        server.port,
        ae_title=server.called,
        tls_args=(context, server.host) if context is not None else None,
    )
    if not association.is_established:
        _let_go(association)
        if not association.is_rejected:
            return Cause.ASSOCIATION_REFUSED
        told = association.acceptor.primitive
        return {
            _CALLING_UNKNOWN: Cause.CALLING_TITLE_REFUSED,
            _CALLED_UNKNOWN: Cause.CALLED_TITLE_REFUSED,
        }.get((told and told.diagnostic) or 0, Cause.ASSOCIATION_REFUSED)
    try:
        status = association.send_c_echo()
    except (RuntimeError, ValueError):
        return Cause.NO_ECHO
    finally:
        association.release()
    return Cause.ANSWERED if status and status.Status == _SUCCESS else Cause.NO_ECHO


def _let_go(association: Association) -> None:
    """Close the socket that the library leaves open after a refusal."""
    line = association.dul.socket
    if line is not None and line.socket is not None:
        line.socket.close()
