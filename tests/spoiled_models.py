"""Spoiled metadata with bulk data, as a program sends them; the same number, the same bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from fuzzing import chance, seeds
from objects import uid
from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource

MODELS = "application/dicom+json"
OCTETS = "application/octet-stream"
Value = tuple[str, str, bytes]
"""Content type, name and bytes of one part."""

_NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 7, 1e308, -1e-300, 2**31, 2**63, 2**64, 10**40, "", "x" * 70_000, "\0", "\\",
    "1.2.3", "../../x", "\u202e", "NaN", "AAAA", "A", [], {}, [[]], [None], [{}], [[[[1]]]], "SQ",
    {"Alphabetic": 5}, {"Alphabetic": "A" * 400, "Phonetic": []}, {"vr": "SQ", "Value": [{}]},
    {"vr": "UI", "Value": ["1.2"]}, float("nan"), float("inf"), "7FE00010",
    "\u5c71\u7530^\U0001f600",
)  # fmt: skip
_KEYS = (
    "00080005", "00080016", "00080018", "0020000D", "0020000d", "0020000E", "00280008", "00280010",
    "00280011", "00280100", "00020010", "7FE00010", "7fe00010", "FFFEE000", "00000000", "FFFFFFFF",
    "0010", "ZZZZZZZZ", "", "Value", "vr", "BulkDataURI", "InlineBinary", "00091001", "0008103e",
)  # fmt: skip
_VRS = (
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL",
    "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US",
    "UT", "UV", "XX", "s\u00e9",
)  # fmt: skip
_KINDS = (
    OCTETS, "image/jpeg", "image/jp2", "image/dicom-rle", "text/html", "", "image/", MODELS,
    "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.91", "x/y; transfer-syntax=9.9.9.9",
    "x/y; transfer-syntax=1.2.840.10008.1.2.2", "x/y; transfer-syntax=\xe9\xff", "x; =;;",
    "x/y; transfer-syntax=" + "1." * 200, 'image/jls; transfer-syntax="',
)  # fmt: skip


@cache
def sound_loads() -> tuple[tuple[dict[str, Any], tuple[Value, ...]], ...]:
    """Return the model of each seed, and the values that it only names."""
    found = []
    for data in seeds():
        source = BytesSource(data)
        header = index(source)
        model = to_json(header)
        named = [each for each in _leaves(model) if each.startswith("bulkdata/")]
        values: list[Value] = []
        if header.pixels is not None and header.pixels.encapsulated:
            fragment = header.pixels.fragments[-1]
            kind = f"x/y; transfer-syntax={header.transfer_syntax}"
            values.append((kind, "bulkdata/7fe00010", source.read(*fragment[:2])))
            named.remove("bulkdata/7fe00010")
        values += [(OCTETS, name, bulk_value(source, name)) for name in named]
        found.append((model, tuple(values)))
    return tuple(found)


def sound_load(number: int) -> tuple[dict[str, Any], list[Value]]:
    """Return a load of one object that nobody has sent yet."""
    model, values = sound_loads()[number % len(sound_loads())]
    fresh = {"vr": "UI", "Value": [uid(904, number)]}
    return copy.deepcopy(model) | {"00080018": fresh}, list(values)


def spoiled_load(number: int) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a request of one or two models of which something is wrong."""
    dice = chance("load", number)
    loads = [sound_load(2 * number + each) for each in range(dice.choice((1, 1, 2)))]
    models, values = [model for model, _ in loads], [each for _, more in loads for each in more]
    if dice.random() < 0.8:
        for _ in range(dice.choice((1, 1, 2, 4))):
            _spoil(models, dice)
    text = json.dumps(models).encode()
    if dice.random() < 0.2:
        text = _spoiled_text(text, dice)
    if not values or dice.random() < 0.1:
        return text, {"Content-Type": MODELS}
    if dice.random() < 0.4:
        _spoil_values(values, dice)
    parts = [(MODELS, "", text), *values]
    if dice.random() < 0.1:
        dice.shuffle(parts)
    return in_parts(parts)


def in_parts(parts: list[Value]) -> tuple[bytes, dict[str, str]]:
    body = b"".join(
        f"--tests\r\nContent-Type: {kind}\r\nContent-Location: {name}\r\n\r\n".encode("latin-1")
        + data
        + b"\r\n"
        for kind, name, data in parts
    )
    return body + b"--tests--\r\n", {
        "Content-Type": f'multipart/related; type="{MODELS}"; boundary=tests'
    }


def _leaves(node: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Yield every text in a model, in order."""
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list):
            yield from _leaves(each)
        elif isinstance(each, str):
            yield each


def _nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401 (JSON)
    """Yield every object and array that holds something."""
    if node:
        yield node
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list):
            yield from _nodes(each)


def _spoil(models: list[Any], dice: random.Random) -> None:
    """Let one thing anywhere in the models be wrong."""
    nodes = list(_nodes(models))
    if not nodes:
        return
    node = dice.choice(nodes)
    at = dice.choice(list(node) if isinstance(node, dict) else range(len(node)))
    what = dice.randrange(6)
    if what == 0:
        node[at] = dice.choice(_NASTY)
    elif what == 1:
        del node[at]
    elif what == 2 and isinstance(node, dict):
        node[dice.choice(_KEYS)] = node.pop(at) if dice.random() < 0.5 else node[at]
    elif what == 2:
        node += [node[at]] * dice.choice((1, 2, 300))
    elif what == 3 and isinstance(node, dict) and "vr" in node:
        node["vr"] = dice.choice(_VRS)
    elif what == 4:
        for _ in range(dice.choice((1, 30, 33, 40))):
            node[at] = {"vr": "SQ", "Value": [{"00091001": node[at]}]}
    else:
        node[at] = dice.choice(list(_leaves(models)) or [""])


def _spoiled_text(text: bytes, dice: random.Random) -> bytes:
    data = bytearray(text)
    at = dice.randrange(len(data))
    what = dice.randrange(4)
    if what == 0:
        data[at] = dice.randrange(256)
    elif what == 1:
        del data[at : at + dice.randint(1, 60)]
    elif what == 2:
        data[at:at] = dice.choice((b"[" * 2000, b'{"":' * 500, b"\xff\xfe", b"\\ud800", b"e999"))
    else:
        del data[at:]
    return bytes(data)


def _spoil_values(values: list[Value], dice: random.Random) -> None:
    """Let a value be missing, doubled, misnamed, of another kind, or not what was meant."""
    at = dice.randrange(len(values))
    kind, name, data = values[at]
    what = dice.randrange(6)
    if what == 0:
        del values[at]
    elif what == 1:
        values.append((kind, name, data[::-1]))
    elif what == 2:
        values[at] = kind, dice.choice((name.upper(), "", "../" + name, name + "\xe9")), data
    elif what == 3:
        values[at] = dice.choice(_KINDS), name, data
    elif what == 4:
        values[at] = kind, name, data[: dice.randrange(len(data) + 1)]
    else:
        values[at] = kind, name, data + dice.randbytes(dice.choice((1, 7, 5000)))
