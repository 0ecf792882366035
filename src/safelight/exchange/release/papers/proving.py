"""How does somebody prove what their report says, to others and without us?

With one more file of it: each line as it was handed over, its entries of the record with
the hashes that lead to a signed checkpoint, and a signature over all lines. It tells of
entries about this person's exams alone; of all others it holds hashes, which say nothing.
`verify_audit.py` reads it by itself, in the PDF that carries it, and in the zip.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from django.conf import settings

from safelight.exchange.consent.record import (
    consent_keys_beside,
    consent_signer,
    first_consent_key,
)
from safelight.platform.audit import verify_audit
from safelight.platform.audit.checkpoints import all_keys, keys_to_add
from safelight.platform.audit.export import public_key
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.offline.reports import line_digest
from safelight.platform.audit.proving import Places

VERSION: Final = 1
PROOF: Final = "disclosures-proof.json"
TABLE: Final = "disclosures.csv"
PAPER: Final = "disclosures.pdf"
_READ_ME: Final = """\
{paper} is the report, {table} the same as a table.

Each line of it stands in the record of what happened, which nobody can change unseen.
{proof} proves it. With Python 3.11, and asking nobody:

    python verify_audit.py disclosures.zip \\
        --key {key} \\
        --paper-key {paper_key}

Whoever does not trust this file takes the program and both keys from elsewhere:
{url}/receipts/record-verifier, /receipts/record-key and /receipts/key,
or from those who run the service.

What it proves: each line's act was recorded, at that time, and the record still held it
when the checkpoint was signed; that the words are those that the service wrote; and that
no line was changed or taken away since. What it does not: that the service listed
everything. Whoever holds the whole record (an auditor) can compare the two.
"""


def lines_proved(cells: list[dict[str, str]], places: Places, made_at: datetime) -> bytes:
    """Return the proof file of a report's lines. `cells["entries"]` names a line's places."""
    proofs = places.proofs()
    lines = [
        {"said": each, "entries": [proofs[int(seq)] for seq in each["entries"].split()]}
        for each in cells
    ]
    told: dict[str, Any] = {
        "type": "report",
        "v": VERSION,
        "checkpoint": places.checkpoint(),
        "signed": _signed(cells, made_at),
        "lines": lines,
        **keys_to_add(),
        **({"paper_keys": listed} if (listed := consent_keys_beside()) else {}),
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _signed(cells: list[dict[str, str]], made_at: datetime) -> str:
    """Sign what stands for each line, in order, as a C2SP note of the papers' key."""
    by = consent_signer()
    made = made_at.astimezone(UTC).isoformat()
    body = "\n".join([by.name, "report/1", made, *(line_digest(each) for each in cells)]) + "\n"
    return f"{body}\n{by.line_under(body)}"


def bundle(pdf: bytes, table: bytes, proof: bytes, made_at: datetime) -> bytes:
    """Return a report with all its files, what checks them, and how."""
    read_me = _READ_ME.format(
        paper=PAPER,
        table=TABLE,
        proof=PROOF,
        key=public_key(),
        paper_key=first_consent_key(),
        url=settings.SAFELIGHT_PUBLIC_URL,
    )
    files = {
        PAPER: pdf,
        TABLE: table,
        PROOF: proof,
        "verify_audit.py": record_verifier().encode(),
        "READ-ME.txt": read_me.encode(),
    }
    at = made_at.astimezone(UTC)
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            member = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            zipped.writestr(member, content)
    return written.getvalue()


def record_verifier() -> str:
    """Return the program that checks the record and what is proved from it, as one file."""
    return one_file(verify_audit)


def record_key() -> str:
    """Return the key that the record is signed with, as text. It is public."""
    return public_key()


def record_keys() -> str:
    """Return all keys that the record was ever signed with, each endorsed by the one before."""
    return all_keys()
