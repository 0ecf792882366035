"""What a port that speaks TLS still agrees to, asked by greetings that no library would send.

A current library cannot offer what is over, so the greetings are written here, byte by byte
(RFC 5246, RFC 8446): SSL 3.0 to TLS 1.2, every suite that has a number, compression. What a
server agrees to stands in its own greeting; nothing that comes later is needed.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum


class Version(IntEnum):
    """A version, by the number that a greeting carries."""

    SSL_3_0 = 0x0300
    TLS_1_0 = 0x0301
    TLS_1_1 = 0x0302
    TLS_1_2 = 0x0303
    TLS_1_3 = 0x0304


SOUND_1_2 = {
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
    0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
}
"""Forward secret and authenticated: all that TLS 1.2 may agree to (BCP 195)."""
SOUND_1_3 = {0x1301, 0x1302, 0x1303}
# Every block in which suites have numbers, but for the two that are signals (00ff, 5600).
EVERY_SUITE = [
    *range(0x00FF),
    *range(0x1300, 0x1310),
    *range(0xC000, 0xC160),
    *range(0xCC00, 0xCCB0),
    *range(0xD000, 0xD010),
    *range(0xFE00, 0xFF00),
]
_SAFE_RENEGOTIATION = 0xFF01
_HANDSHAKE, _SERVER_HELLO = 22, 2
_DEFLATE = 1


@dataclass(frozen=True)
class Agreed:
    """What a server said in its greeting."""

    version: int
    suite: int
    compression: int
    extensions: frozenset[int]


def agreed(port: int, version: Version, suites: Collection[int]) -> Agreed | None:
    """Greet with one version and these suites; None where the server does not greet back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as talk:
        talk.sendall(_greeting(version, suites))
        try:
            kind, *_ = head = _exactly(talk, 5)
            body = _exactly(talk, int.from_bytes(head[3:5]))
        except (EOFError, ConnectionResetError):
            return None
    return _read(body) if kind == _HANDSHAKE and body[0] == _SERVER_HELLO else None


def suites_agreed_to(port: int, version: Version) -> set[int]:
    """Return every suite that a server agrees to; each is left out once it is found."""
    found: set[int] = set()
    while said := agreed(port, version, [each for each in EVERY_SUITE if each not in found]):
        assert said.suite not in found
        found.add(said.suite)
    return found


def _greeting(version: Version, suites: Collection[int]) -> bytes:
    spoken = min(version, Version.TLS_1_2).to_bytes(2)
    body = spoken + os.urandom(32) + _long(b"", 1)
    body += _long(b"".join(each.to_bytes(2) for each in suites), 2)
    body += _long(bytes([_DEFLATE, 0] if version < Version.TLS_1_3 else [0]), 1)
    if version > Version.SSL_3_0:
        body += _long(_extensions(version), 2)
    whole = b"\x01" + _long(body, 3)
    return bytes([_HANDSHAKE]) + min(spoken, b"\x03\x01") + _long(whole, 2)


def _extensions(version: Version) -> bytes:
    groups = _long(bytes.fromhex("0017 0018 0019"), 2)
    # ECDSA and RSA, with SHA-2 and with SHA-1.
    signatures = _long(bytes.fromhex("0403 0503 0603 0804 0805 0806 0401 0501 0601 0203 0201"), 2)
    found = {10: groups, 11: _long(b"\x00", 1), 13: signatures, _SAFE_RENEGOTIATION: b"\x00"}
    if version is Version.TLS_1_3:
        found |= {43: _long(version.to_bytes(2), 1), 51: _long(b"", 2)}
    return b"".join(number.to_bytes(2) + _long(said, 2) for number, said in found.items())


def _read(body: bytes) -> Agreed:
    at = 4 + 2 + 32
    at += 1 + body[at]
    suite, compression, at = int.from_bytes(body[at : at + 2]), body[at + 2], at + 3
    rest, named = body[at + 2 : at + 2 + int.from_bytes(body[at : at + 2])], {}
    while rest:
        size = int.from_bytes(rest[2:4])
        named[int.from_bytes(rest[:2])] = rest[4 : 4 + size]
        rest = rest[4 + size :]
    spoken = int.from_bytes(named.get(43, body[4:6]))
    return Agreed(spoken, suite, compression, frozenset(named))


def _long(data: bytes, digits: int) -> bytes:
    return len(data).to_bytes(digits) + data


def _exactly(talk: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        if not (piece := talk.recv(size - len(found))):
            raise EOFError
        found += piece
    return found
