"""What does a message command, and what is answered? (PS3.7 6.3, annex E)

A command set is a few short elements in implicit little endian. Read without anything
that could be made to work hard, since nothing of it is believed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from safelight.platform.peers.dimse import faults
from safelight.platform.peers.dimse.faults import ProtocolError

LARGEST: Final = 16 << 10
C_STORE: Final = 0x0001
C_GET: Final = 0x0010
C_FIND: Final = 0x0020
C_MOVE: Final = 0x0021
C_ECHO: Final = 0x0030
N_EVENT_REPORT: Final = 0x0100
N_ACTION: Final = 0x0130
C_CANCEL: Final = 0x0FFF
ANSWER: Final = 0x8000
NO_DATA_SET: Final = 0x0101

GROUP_LENGTH: Final = 0x0000
AFFECTED_CLASS: Final = 0x0002
REQUESTED_CLASS: Final = 0x0003
FIELD: Final = 0x0100
MESSAGE_ID: Final = 0x0110
ANSWERED_ID: Final = 0x0120
DESTINATION: Final = 0x0600
PRIORITY: Final = 0x0700
DATA_SET_TYPE: Final = 0x0800
STATUS: Final = 0x0900
COMMENT: Final = 0x0902
AFFECTED_INSTANCE: Final = 0x1000
REQUESTED_INSTANCE: Final = 0x1001
EVENT_TYPE: Final = 0x1002
ACTION_TYPE: Final = 0x1008
REMAINING: Final = 0x1020
COMPLETED: Final = 0x1021
FAILED: Final = 0x1022
WARNING: Final = 0x1023
MOVE_ORIGINATOR: Final = 0x1030
MOVE_MESSAGE_ID: Final = 0x1031

_ELEMENT: Final = struct.Struct("<HHI")
_SHORT: Final = struct.Struct("<H")
_LONGEST_COMMENT: Final = 64


@dataclass(frozen=True, slots=True)
class Command:
    """A command set: its values by the element numbers of group 0000."""

    values: dict[int, bytes]

    def number(self, element: int) -> int | None:
        """Return a value of VR US; None where there is none."""
        value = self.values.get(element)
        return _SHORT.unpack(value)[0] if value is not None and len(value) == _SHORT.size else None

    def text(self, element: int) -> str:
        """Return a value of VR UI or AE, without its padding."""
        return self.values.get(element, b"").decode("latin-1").strip("\0 ")

    @property
    def field(self) -> int:
        """What it commands."""
        return self.number(FIELD) or 0

    @property
    def message_id(self) -> int:
        """By what number its answer names it."""
        return self.number(MESSAGE_ID) or 0

    @property
    def has_data_set(self) -> bool:
        """Whether a data set follows."""
        return self.number(DATA_SET_TYPE) not in {None, NO_DATA_SET}


def read(text: bytes) -> Command:
    """Read a command set.

    Raises:
        ProtocolError: it is none.
    """
    values: dict[int, bytes] = {}
    at = 0
    while at < len(text):
        if at + _ELEMENT.size > len(text):
            raise ProtocolError(faults.BAD_VALUE)
        group, element, length = _ELEMENT.unpack_from(text, at)
        at += _ELEMENT.size
        if group or at + length > len(text):
            raise ProtocolError(faults.BAD_VALUE)
        values[element] = text[at : at + length]
        at += length
    if FIELD not in values:
        raise ProtocolError(faults.BAD_VALUE)
    return Command(values)


def written(values: Mapping[int, int | str]) -> bytes:
    """Write a command set: numbers as US, texts as UI, AE or LO."""
    body = b"".join(_written(element, values[element]) for element in sorted(values))
    return _ELEMENT.pack(0, GROUP_LENGTH, 4) + struct.pack("<I", len(body)) + body


def answer(
    command: Command,
    status: int,
    *,
    comment: str = "",
    data_set: bool = False,
    counts: Mapping[int, int] | None = None,
) -> bytes:
    """Write the answer to a command, with the counts of sub-operations by their elements."""
    values: dict[int, int | str] = {
        FIELD: command.field | ANSWER,
        ANSWERED_ID: command.message_id,
        DATA_SET_TYPE: 0x0001 if data_set else NO_DATA_SET,
        STATUS: status,
    }
    for asked, told in _NAMED:
        if asked in command.values:
            values[told] = command.text(asked)
    for kind in (ACTION_TYPE, EVENT_TYPE):
        if (number := command.number(kind)) is not None:
            values[kind] = number
    if comment:
        values[COMMENT] = comment[:_LONGEST_COMMENT]
    return written(values | dict(counts or {}))


_NAMED: Final = (
    (AFFECTED_CLASS, AFFECTED_CLASS),
    (REQUESTED_CLASS, AFFECTED_CLASS),
    (AFFECTED_INSTANCE, AFFECTED_INSTANCE),
    (REQUESTED_INSTANCE, AFFECTED_INSTANCE),
)


def _written(element: int, value: int | str) -> bytes:
    if isinstance(value, int):
        held = _SHORT.pack(value)
    else:
        held = value.encode("ascii", "replace")
        padding = b" " if element in {COMMENT, DESTINATION, MOVE_ORIGINATOR} else b"\0"
        held += padding * (len(held) % 2)
    return _ELEMENT.pack(0, element, len(held)) + held
