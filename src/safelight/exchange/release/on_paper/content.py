"""What does a recorded paper say, read back from its seals, and what do its two approve?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

import orjson

from safelight.exchange.consent.paper import Paper, paper_as_data, paper_from_data
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.terms_data import as_data, signing_digest, terms_from_data
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was agreed on paper, what is said of the paper, and the words both read."""

    terms: Terms
    paper: Paper
    html: str

    def digest(self, paper_id: UUID) -> bytes:
        """Return what the two approve: this record, these words, the whole scan."""
        return hashlib.sha256(
            b"consent-on-paper/v1\0"
            + paper_id.bytes
            + signing_digest(self.terms, self.html)
            + bytes.fromhex(self.paper.digest)
        ).digest()


def sealed_content(paper_id: UUID, content: Content) -> bytes:
    """Seal what a paper says."""
    said = {
        "terms": as_data(content.terms),
        "paper": paper_as_data(content.paper),
        "html": content.html,
    }
    ledger = ring().ledger_key(content.terms.vault_id)
    return seal(ledger, orjson.dumps(said), bound_to=f"paper|{paper_id}")


def content_of(row: SignedPaper) -> Content:
    """Open what a paper says."""
    ledger = ring().ledger_key(row.vault_id)
    opened = unseal(ledger, bytes(row.sealed_content), bound_to=f"paper|{row.id}")
    said = orjson.loads(opened)
    return Content(
        terms=terms_from_data(said["terms"]),
        paper=paper_from_data(said["paper"]),
        html=said["html"],
    )


def sealed_scan(paper_id: UUID, vault_id: UUID, scan: bytes) -> bytes:
    """Seal the scan as it came."""
    return seal(ring().ledger_key(vault_id), scan, bound_to=f"scan|{paper_id}")


def scan_in(row: SignedPaper) -> bytes:
    """Open the scan."""
    ledger = ring().ledger_key(row.vault_id)
    return unseal(ledger, bytes(row.sealed_scan), bound_to=f"scan|{row.id}")
