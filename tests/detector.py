"""Is any of these words in those bytes, however it is written there?"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import orjson
import zstandard
from django.db import connections

Hits = dict[str, set[str | bytes]]
_WORD = 8  # the shortest form that is looked for, in bytes
_DEPTH = 4
_CODES = ("utf-8", "utf-16-le", "utf-16-be")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
_BASE64_URL = re.compile(rb"[A-Za-z0-9_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_ZSTD = b"\x28\xb5\x2f\xfd"
_LARGEST = 1 << 26


def forms(seed: str | bytes) -> set[bytes]:
    """Return the ways in which a seed may be written."""
    if isinstance(seed, bytes):
        plain = {seed}
    else:
        cased = {seed, seed.lower(), seed.upper(), seed.title()}
        cased |= {each[::-1] for each in cased}
        plain = {
            each.encode(code) for each in cased for code in ("utf-8", "utf-16-le", "utf-16-be")
        }
    found = set(plain)
    for each in plain:
        found |= {each[::-1], each.hex().encode(), each.hex().upper().encode()}
        for before in range(3):
            found |= _in_base64(each, before)
    return found


def _in_base64(data: bytes, before: int) -> set[bytes]:
    """Return the letters that stand for `data` alone, with `before` bytes of a group before it."""
    first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
    padded = bytes(before) + data
    return {base64.b64encode(padded)[first:last], base64.urlsafe_b64encode(padded)[first:last]}


class Detector:
    """Looks for every form of every seed at once."""

    def __init__(self, seeds: Iterable[str | bytes]) -> None:
        """Prepare to look for seeds of at least 8 letters."""
        self._forms: dict[int, list[tuple[bytes, str | bytes]]] = {}
        for seed in seeds:
            for form in forms(seed):
                assert len(form) >= _WORD, f"too short to be told from chance: {seed!r}"
                start = int.from_bytes(form[:_WORD], "little")
                self._forms.setdefault(start, []).append((form, seed))
        self._starts = np.array(sorted(self._forms), dtype=np.uint64)

    def search(self, data: bytes) -> set[str | bytes]:
        """Return the seeds that are in some bytes as they are."""
        found: set[str | bytes] = set()
        for shift in range(_WORD):
            count = (len(data) - shift) // _WORD
            if count <= 0:
                continue
            words = np.frombuffer(data, dtype="<u8", count=count, offset=shift)
            near = np.searchsorted(self._starts, words)
            near[near == len(self._starts)] = 0
            for place in np.flatnonzero(self._starts[near] == words):
                at = int(place) * _WORD + shift
                for form, seed in self._forms[int(words[place])]:
                    if data.startswith(form, at):
                        found.add(seed)
        return found

    def search_unpacked(self, value: object) -> set[str | bytes]:
        """Return the seeds in a value, or in anything that can be unpacked from it."""
        found: set[str | bytes] = set()
        for data in unpacked(value):
            found |= self.search(data)
        return found

    def search_files(self, folder: Path, *, leave_out: Iterable[Path] = ()) -> Hits:
        """Return, by file, the seeds in all files below a folder, and in their names."""
        found = {}
        left_out = tuple(leave_out)
        for path in folder.rglob("*"):
            if any(path.is_relative_to(each) for each in left_out):
                continue
            hits = self.search(str(path.relative_to(folder)).encode())
            if path.is_file():
                hits |= self.search(path.read_bytes())
            if hits:
                found[str(path.relative_to(folder))] = hits
        return found

    def search_rows(self) -> Hits:
        """Return, by column, the seeds in all rows of all databases, unpacked."""
        found: Hits = {}
        for alias in ("default", "keys"):
            with connections[alias].cursor() as cursor:
                for table in connections[alias].introspection.table_names(cursor):
                    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own tables)
                    columns = [column[0] for column in cursor.description]
                    for row in cursor.fetchall():
                        for column, value in zip(columns, row, strict=True):
                            if hits := self.search_unpacked(value):
                                found.setdefault(f"{table}.{column}", set()).update(hits)
        return found


def unpacked(value: object, depth: int = _DEPTH) -> Iterator[bytes]:
    """Yield a value as bytes, and everything that can be decoded or inflated from it."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, memoryview | bytearray):
        value = bytes(value)
    if not isinstance(value, bytes):
        return
    yield value
    if depth:
        for inner in _inside(value):
            yield from unpacked(inner, depth - 1)


def _inside(data: bytes) -> Iterator[object]:
    for pattern, decode in (
        (_BASE64, base64.b64decode),
        (_BASE64_URL, base64.urlsafe_b64decode),
        (_HEX, binascii.unhexlify),
    ):
        for match in pattern.finditer(data):
            text = match[0].rstrip(b"=")
            try:
                yield decode(text + b"=" * (-len(text) % 4) if pattern is not _HEX else text)
            except ValueError:
                continue
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            yield zlib.decompressobj(bits).decompress(data, _LARGEST)
        except zlib.error:
            continue
    if data.startswith(_ZSTD):
        yield zstandard.ZstdDecompressor().stream_reader(data).read(_LARGEST)
    if data[:1] in {b"{", b"["}:
        try:
            yield from _leaves(orjson.loads(data))
        except orjson.JSONDecodeError:
            return


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
