"""Where do hospitals' systems call by DICOM, and which processes answer them?"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from types import FrameType
from typing import Any, Final

from safelight.surfaces.cli.listening import Shares
from safelight.surfaces.cli.main import fail
from safelight.surfaces.cli.places import Beside, address, bound, is_free, is_loopback

_SERVER: Final = "safelight.surfaces.dimse.server"


def calling(asked: str, processes: int) -> Iterator[Beside]:
    """Yield the members of the family that answer DICOM at one port, if it is wanted.

    They listen together, and whoever has fewer callers takes the next.
    """
    if not asked:
        return
    from django.conf import settings

    host, port = address(asked)
    is_told = settings.SAFELIGHT_DIMSE_TLS_CERT or settings.SAFELIGHT_DIMSE_PLAIN_SEGMENTS
    if not is_loopback(host) and not is_told:
        fail(
            "without TLS it answers DICOM on this machine only. Set dimse_tls_cert and "
            "dimse_tls_key, or declare the private segments of your devices."
        )
    if not is_free(host, port):
        fail(f"port {port} of {host} is taken, or not this machine's. Choose another: --dimse.")
    server = import_module(_SERVER)
    sockets = bound(host, port)
    for each in sockets:
        each.listen(server.BACKLOG)
    shares = Shares(processes)
    for process in range(processes):
        act = partial(_answer, server, sockets, shares, process)
        yield Beside(f"DICOM process {process + 1}", sockets, act)


def _answer(
    server: Any,  # noqa: ANN401 (a module: surfaces do not know one another)
    sockets: Sequence[socket.socket],
    shares: Shares,
    process: int,
) -> None:
    share = server.Share(
        add=partial(shares.add, process),
        is_busier=partial(shares.has_more_than_another, process),
    )
    answering = server.Server(sockets, share)

    def stop(_number: int, _frame: FrameType | None) -> None:
        answering.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    shares.come(process)
    answering.serve()
