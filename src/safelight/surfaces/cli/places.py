"""Which addresses does a family listen at, and who in it?"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import typer


@dataclass(frozen=True, slots=True)
class Beside:
    """A member beside the web processes that listens somewhere else."""

    name: str
    sockets: Sequence[socket.socket]
    act: Callable[[], object]


def address(listen: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter("give HOST:PORT", param_hint="--listen")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, where in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
    except OSError:
        return False
    return True


def bound(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of a host, for the family to listen at.

    Raises:
        OSError: one is taken, or not this machine's.
    """
    made = []
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for kind, _, protocol, _, where in dict.fromkeys(found):
        one = socket.socket(kind, socket.SOCK_STREAM, protocol)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        made.append(one)
    return made
