"""Does a report of who looked say what the record says, line by line, and nothing less?"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from safelight.platform.audit.offline.proofs import check_entries, signed_root
from safelight.platform.audit.offline.trail import BrokenTrailError, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safelight.platform.audit.offline.keys import PublicKey

_REPORT = {"type", "v", "checkpoint", "signed", "lines"}
_KEYS = {"keys", "paper_keys"}
_KEYS_IN_PDF = re.compile(rb"^%keys ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_IN_PDF = re.compile(rb"^%proof ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_LAST_LINE = re.compile(rb"%safelight-signature ([\w-]{1,80}) ([0-9a-f]{128})\n\Z")
_MOST_BYTES = 1 << 28

# With which act, beside a look, something left by a channel.
_ACTS = {"download": "study.downloaded", "transfer": "transfer.begun"}


class BrokenReportError(BrokenTrailError):
    """A report is not what was handed over; `seq` is the line, 0 for the whole."""

    def __str__(self) -> str:
        return f"line {self.seq} of the report: {self.reason}"


def line_digest(said: dict[str, str]) -> str:
    """Return what stands for one line of a report where it is signed."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_report(
    data: bytes, key: PublicKey, papers: PublicKey | None, witness: PublicKey | None
) -> str:
    """Verify a report, and return in words what it proves. Raises BrokenTrailError."""
    if not data.startswith(b"PK"):
        return _checked(_report_in(data, papers), key, papers, witness)
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        read = {each.filename: files.read(each) for each in files.infolist()}
    report = _report_in(read.get("disclosures-proof.json", b""), papers)
    said = _checked(report, key, papers, witness)
    _check_table(read.get("disclosures.csv", b"").decode(), report["lines"])
    if _report_in(read.get("disclosures.pdf", b""), papers) != report:
        raise BrokenReportError(0, "the PDF is another report")
    return f"{said}the table and the PDF hold the same lines\n"


def _report_in(data: bytes, papers: PublicKey | None) -> dict[str, Any]:
    if data.startswith(b"%PDF"):
        last = _LAST_LINE.search(data[-300:])
        signed = data[: -len(last[0])] if last else b""
        if papers is not None and not (
            last is not None and _is_paper_of(papers, last[1].decode(), signed, last[2].decode())
        ):
            raise BrokenReportError(0, "the PDF was changed after it was signed")
        packed = base64.b64decode(b"".join(_IN_PDF.findall(signed)))
        data = zlib.decompressobj().decompress(packed, _MOST_BYTES) if packed else b""
    try:
        said: dict[str, Any] = json.loads(data)
        if (said["type"], said["v"], set(said) - _KEYS) == ("report", 1, _REPORT):
            return said
    except (ValueError, KeyError, TypeError):
        pass
    raise BrokenReportError(0, "it carries no proof")


def _is_paper_of(papers: PublicKey, name: str, signed: bytes, signature: str) -> bool:
    listed = base64.b64decode(b"".join(_KEYS_IN_PDF.findall(signed)))
    by = (joined(papers, listed.decode()) if listed else papers).named(name)
    return by is not None and by.is_signed(by.public, signed, bytes.fromhex(signature))


def _checked(
    report: dict[str, Any], key: PublicKey, papers: PublicKey | None, witness: PublicKey | None
) -> str:
    note, lines, without = report["checkpoint"], report["lines"], []
    if "keys" in report:
        key = joined(key, report["keys"])
    if papers is not None and "paper_keys" in report:
        papers = joined(papers, report["paper_keys"])
    if papers is not None:
        _check_signed(report["signed"], lines, papers)
    size, root = signed_root(note, key, witness) if note else (0, b"")
    for number, line in enumerate(lines, start=1):
        try:
            check_entries(line["entries"], size, root)
            is_true = _fits(line["said"], line["entries"])
        except (BrokenTrailError, ValueError, KeyError, TypeError, AttributeError):
            is_true = False
        if not is_true:
            raise BrokenReportError(number, "the record does not say so")
        if len(line["entries"]) < int(line["said"]["count"]):
            without.append(number)
    told = (
        f"proved: {len(lines) - len(without)} of {len(lines)} lines are in the record of {size}\n"
    )
    if without:
        told += f"NOT proved, their entries are too new or too old: lines {without}\n"
    if papers is None:
        return f"{told}names and other words are NOT checked: give --paper-key\n"
    return f"{told}words, and that no line is missing: as signed by {papers.name}\n"


def _check_signed(note: str, lines: list[dict[str, Any]], papers: PublicKey) -> None:
    try:
        by = papers.signer_of(note)
        _name, sort, made, *digests = note.rpartition("\n\n")[0].split("\n")
        sort = "" if by.is_over(made) else sort
    except (ValueError, binascii.Error):
        sort = ""
    if sort != "report/1":
        raise BrokenReportError(0, "its list of lines is not signed by the papers' key")
    found = (line_digest(line["said"]) for line in lines)
    for number, (one, other) in enumerate(zip_longest(digests, found), start=1):
        if one != other:
            raise BrokenReportError(number, "not as it was handed over")


def _fits(said: dict[str, str], entries: list[dict[str, Any]]) -> bool:
    first, last = (datetime.fromisoformat(said[name]) for name in ("date", "last_date"))
    acts = {"study.looked-at", _ACTS.get(said["channel"], "")}
    told = [json.loads(each["entry"]) for each in entries]
    times = [datetime.fromisoformat(each["at"]) for each in told]
    if len(told) == int(said["count"]) and (min(times), max(times)) != (first, last):
        return False
    return (
        said["entries"].split() == [str(each["seq"]) for each in entries]
        and all(each["kind"] in acts and each["outcome"] == "ok" for each in told)
        and all(first <= at <= last for at in times)
    )


def _check_table(table: str, lines: list[dict[str, Any]]) -> None:
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    pairs: Iterable[tuple[Any, Any]] = zip_longest(rows, lines, fillvalue={})
    for number, (row, line) in enumerate(pairs, start=1):
        # Before what a spreadsheet would take for a formula stands one mark.
        bare = [
            {name: str(text).removeprefix("'") for name, text in cells.items()}
            for cells in (row, line.get("said", {}))
        ]
        if bare[0] != bare[1]:
            raise BrokenReportError(number, "another in the table")
