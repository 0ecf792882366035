"""How does a connection come up, and with which cause does it not?"""

from __future__ import annotations

import socket
import ssl

from safelight.platform.peers.causes import Cause, UnreachableError


def reached(address: str, port: int, *, patience: float) -> socket.socket:
    """Connect within so many seconds, which each later step may take as well.

    Raises:
        UnreachableError: there is nobody.
    """
    try:
        plain = socket.create_connection((address, port), timeout=patience)
    except TimeoutError:
        raise UnreachableError(Cause.TIMED_OUT) from None
    except ConnectionRefusedError:
        raise UnreachableError(Cause.REFUSED) from None
    except OSError:
        raise UnreachableError(Cause.UNREACHABLE) from None
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def secured(plain: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """Shake hands as `context` asks; where that fails, the connection is closed.

    Raises:
        UnreachableError: it is somebody else, or nobody who speaks TLS.
    """
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError:
        cause = Cause.OTHER_CERTIFICATE
    except TimeoutError:
        cause = Cause.TIMED_OUT
    except (ssl.SSLError, OSError):
        cause = Cause.NO_TLS
    plain.close()
    raise UnreachableError(cause)
