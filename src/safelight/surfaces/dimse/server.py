"""How do callers reach an association? Each by a thread, as many as there may be.

One port takes TLS and, from where a connection allows it, plain DICOM: the first byte
says which. Whoever takes long to come to the point gives way to those who come later.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from time import monotonic, sleep
from typing import Final

from django.conf import settings
from django.db import connections

from safelight.exchange.access.epoch import current_epoch
from safelight.exchange.access.systems import certificates_accepted
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.line import Line
from safelight.platform.peers.dimse.negotiation import abort
from safelight.surfaces.dimse.association import ACSE, Association

logger = logging.getLogger("safelight.dimse")
BACKLOG: Final = 512
_WAITING: Final = 256
"""So many callers of one process may be on their way to an association."""
_LOOK_EVERY: Final = 0.5  # seconds
_LET_PASS: Final = 0.005  # seconds that a less busy process is given to come forward
_FULL: Final = 1.0  # seconds to wait where no descriptor is left
_FAREWELL: Final = 15.0  # seconds
_HANDSHAKE: Final = b"\x16"
# TLS 1.2's; those of 1.3 are all sound (BCP 195).
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


@dataclass(frozen=True, slots=True)
class Share:
    """What a process tells the others of how busy it is, and asks of them."""

    add: Callable[[int], object] = lambda _: None
    is_busier: Callable[[], bool] = lambda: False


ALONE: Final = Share()


class Contexts:
    """The TLS context of the moment: whose certificates are taken changes with connections."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch: object = None
        self._context: ssl.SSLContext | None = None

    def now(self) -> ssl.SSLContext | None:
        """Return the context; None where there is no certificate of ours, or nobody to know."""
        if not settings.SAFELIGHT_DIMSE_TLS_CERT:
            return None
        epoch = current_epoch()
        with self._lock:
            if self._epoch != epoch:
                self._context, self._epoch = _context(certificates_accepted()), epoch
            return self._context


def _context(accepted: str) -> ssl.SSLContext | None:
    if not accepted:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.load_cert_chain(settings.SAFELIGHT_DIMSE_TLS_CERT, settings.SAFELIGHT_DIMSE_TLS_KEY)
    context.load_verify_locations(cadata=accepted)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Server:
    """Takes callers from sockets that other processes may listen at as well."""

    def __init__(self, listening: Sequence[socket.socket], share: Share = ALONE) -> None:
        self._listening = listening
        self._share = share
        self._contexts = Contexts()
        self._lock = threading.Lock()
        self._coming: OrderedDict[threading.Thread, socket.socket] = OrderedDict()
        self._here: dict[threading.Thread, Line] = {}
        self._is_told = threading.Event()
        for each in listening:
            each.setblocking(False)

    def serve(self) -> None:
        """Serve until `stop`; then let those that are being answered come to an end."""
        looking = select.poll()
        by_number = {each.fileno(): each for each in self._listening}
        for number in by_number:
            looking.register(number, select.POLLIN)
        passes = 0
        while not self._is_told.is_set():
            for number, _ in looking.poll(_LOOK_EVERY * 1000):
                if passes < 2 and self._share.is_busier():  # noqa: PLR2004 (twice is polite)
                    passes += 1
                    sleep(_LET_PASS)
                    continue
                passes = 0
                self._accept(by_number[number])
        self._part()

    def stop(self) -> None:
        """Take no more callers."""
        self._is_told.set()

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, source = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was quicker, or the caller has gone
        except OSError:
            sleep(_FULL)
            return
        thread = threading.Thread(
            target=self._attend, args=(connection, str(source[0])), name="association", daemon=True
        )
        with self._lock:
            if len(self._coming) >= _WAITING:
                _, oldest = self._coming.popitem(last=False)
                _end(oldest)
            self._coming[thread] = connection
            self._share.add(1)
        try:
            thread.start()
        except RuntimeError:  # no more threads
            self._forget(thread)
            connection.close()

    def _attend(self, connection: socket.socket, address: str) -> None:
        mine = threading.current_thread()
        over: Line | None = None
        try:
            until = monotonic() + ACSE
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            spoken, fingerprint = self._shaken(connection, until)
            over = Line(spoken)
            association = Association(over, address=address, fingerprint=fingerprint)
            with self._lock:
                self._here[mine] = over
            association.attend(within=until - monotonic(), on_accept=partial(self._arrived, mine))
        except ProtocolError as fault:
            with suppress(GoneError):
                if over is not None:
                    over.send(abort(fault.reason), within=1.0)
        except (GoneError, OSError):
            pass  # whoever it was has gone
        except Exception as error:  # noqa: BLE001 (its text may hold what was said)
            logger.error("an association ended: %s", type(error).__name__)  # noqa: TRY400
        finally:
            connections.close_all()
            self._forget(mine)
            if over is not None:
                over.close()
            connection.close()

    def _shaken(
        self, connection: socket.socket, until: float
    ) -> tuple[socket.socket, bytes | None]:
        """Return the connection as it is spoken on, and the certificate that was shown.

        Raises:
            OSError: it came to nothing.
        """
        connection.settimeout(max(0.001, until - monotonic()))
        if connection.recv(1, socket.MSG_PEEK) != _HANDSHAKE:
            return connection, None
        context = self._contexts.now()
        if context is None:
            raise GoneError
        spoken = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._coming[threading.current_thread()] = spoken
        try:
            spoken.do_handshake()
            shown = spoken.getpeercert(binary_form=True)
        except OSError:
            spoken.close()
            raise
        if not shown:
            spoken.close()
            raise GoneError
        return spoken, sha256(shown).digest()

    def _arrived(self, thread: threading.Thread) -> None:
        with self._lock:
            self._coming.pop(thread, None)

    def _forget(self, thread: threading.Thread) -> None:
        with self._lock:
            self._coming.pop(thread, None)
            self._here.pop(thread, None)
            self._share.add(-1)

    def _part(self) -> None:
        with self._lock:
            here, coming = dict(self._here), list(self._coming.values())
        for each in coming:
            _end(each)
        for over in here.values():
            over.hear_no_more()
        until = monotonic() + _FAREWELL
        for thread in here:
            thread.join(max(0.0, until - monotonic()))


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        # Not SSLSocket's own, which would go on in the clear.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
