"""How are code extensions decoded? (PS3.5 section 6.1.2.5)

Two code elements are tracked, as ISO 2022 defines them: G0 for bytes below 0x80
and G1 for the others. An escape sequence changes one of them if the data set
declares its character set; delimiters put both back to the first set.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

SINGLE_BYTE: Final = {
    6: "ascii",
    13: "shift_jis",
    100: "iso8859_1",
    101: "iso8859_2",
    109: "iso8859_3",
    110: "iso8859_4",
    126: "iso8859_7",
    127: "iso8859_6",
    138: "iso8859_8",
    144: "iso8859_5",
    148: "iso8859_9",
    166: "iso8859_11",
    203: "iso8859_15",
}
"""The codec of each single-byte character set, by ISO-IR registration number."""


class _Set(NamedTuple):
    """What an escape sequence designates.

    `number`: the declared registration that allows it. `prefix`: what the codec
    needs before the bytes of a two-byte G0 set.
    """

    number: int
    high: bool
    codec: str
    prefix: bytes = b""


_DESIGNATIONS: Final = {
    b"(B": _Set(6, high=False, codec="ascii"),
    b"(J": _Set(13, high=False, codec="ascii"),
    b")I": _Set(13, high=True, codec="shift_jis"),
    b"-A": _Set(100, high=True, codec="iso8859_1"),
    b"-B": _Set(101, high=True, codec="iso8859_2"),
    b"-C": _Set(109, high=True, codec="iso8859_3"),
    b"-D": _Set(110, high=True, codec="iso8859_4"),
    b"-F": _Set(126, high=True, codec="iso8859_7"),
    b"-G": _Set(127, high=True, codec="iso8859_6"),
    b"-H": _Set(138, high=True, codec="iso8859_8"),
    b"-L": _Set(144, high=True, codec="iso8859_5"),
    b"-M": _Set(148, high=True, codec="iso8859_9"),
    b"-T": _Set(166, high=True, codec="iso8859_11"),
    b"-b": _Set(203, high=True, codec="iso8859_15"),
    b"$B": _Set(87, high=False, codec="iso2022_jp_2", prefix=b"\x1b$B"),
    b"$(D": _Set(159, high=False, codec="iso2022_jp_2", prefix=b"\x1b$(D"),
    b"$)C": _Set(149, high=True, codec="euc_kr"),
    b"$)A": _Set(58, high=True, codec="gb2312"),
}

_ESCAPE: Final = 0x1B
_FIRST_HIGH: Final = 0x80
_RUNS: Final = re.compile(rb"\x1b(?:\$?[()-].|\$B)?|[^\x1b\x80-\xff]+|[\x80-\xff]+", re.DOTALL)
_TEXT_DELIMITERS: Final = re.compile(rb"([\t\n\f\r\\])")
_NAME_DELIMITERS: Final = re.compile(rb"([\t\n\f\r\\^=])")


def decode_extended(value: bytes, numbers: tuple[int, ...], *, person: bool) -> str:
    """Decode text that may hold escape sequences.

    `numbers` are the declared ISO-IR registrations, the initial one first.
    Anything undeclared or impossible becomes U+FFFD, an escape character too.
    """
    state = _State(numbers, _NAME_DELIMITERS if person else _TEXT_DELIMITERS)
    return "".join(state.decode(run) for run in _RUNS.findall(value))


class _State:
    """The sets in G0 and G1 at one place in a text."""

    __slots__ = ("_allowed", "_delimiters", "_first", "_high", "_low")

    def __init__(self, numbers: tuple[int, ...], delimiters: re.Pattern[bytes]) -> None:
        self._allowed = {6, *numbers}
        self._delimiters = delimiters
        self._first = SINGLE_BYTE.get(numbers[0], "ascii") if numbers else "ascii"
        self._reset()

    def _reset(self) -> None:
        self._low = _DESIGNATIONS[b"(B"]
        self._high = self._first

    def decode(self, run: bytes) -> str:
        """Decode one run: an escape sequence, low bytes or high bytes."""
        if run[0] == _ESCAPE:
            return self._designate(run[1:])
        if run[0] >= _FIRST_HIGH:
            return run.decode(self._high, "replace")
        if self._low.prefix:
            return (self._low.prefix + run).decode(self._low.codec, "replace")
        if self._delimiters.search(run):
            self._reset()
        return run.decode("ascii")

    def _designate(self, sequence: bytes) -> str:
        chosen = _DESIGNATIONS.get(sequence)
        if chosen is None or chosen.number not in self._allowed:
            return REPLACEMENT + sequence.decode("ascii", "replace")
        if chosen.high:
            self._high = chosen.codec
        else:
            self._low = chosen
        return ""
