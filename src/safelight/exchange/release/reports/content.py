"""What does a report that is written here say, and what does its author sign?"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

import orjson

from safelight.exchange.release.reports.models import WrittenReport
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring

_BLANK: Final = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A report's title, its words, and by whom; a paper that was handed in has no words.

    `paper_digest` is the SHA-256 of the PDF before it was signed.
    """

    title: str
    words: str
    author: str
    place: str
    paper_digest: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The words as they were set: parted where a line was left blank."""
        parts = (each.strip("\n") for each in _BLANK.split(self.words.replace("\r\n", "\n")))
        return tuple(filter(None, parts))

    def as_signed(self) -> str:
        """Return the text that is signed: all of it, and the paper by its digest."""
        return f"{self.title}\n\n{self.words}\n\nSHA-256 of the paper: {self.paper_digest}"

    def digest(self, report_id: UUID) -> bytes:
        """Return what its author approves: this report, these words, this paper."""
        said = hashlib.sha256(self.as_signed().encode()).digest()
        return hashlib.sha256(b"report/v1\0" + report_id.bytes + said).digest()


def sealed_content(report_id: UUID, study_id: UUID, content: Content) -> bytes:
    """Seal what a report says under its study's key."""
    key = ring().study_key(study_id)
    return seal(key, orjson.dumps(asdict(content)), bound_to=f"report|{report_id}")


def content_of(row: WrittenReport) -> Content:
    """Open what a report says.

    Raises:
        KeyDestroyedError: the exam was erased.
    """
    key = ring().study_key(row.study_id)
    opened = unseal(key, bytes(row.sealed_content), bound_to=f"report|{row.id}")
    return Content(**orjson.loads(opened))


def sealed_paper(report_id: UUID, study_id: UUID, pdf: bytes) -> bytes:
    """Seal a draft's paper."""
    return seal(ring().study_key(study_id), pdf, bound_to=f"report-paper|{report_id}")


def paper_of(row: WrittenReport) -> bytes:
    """Open a draft's paper."""
    key = ring().study_key(row.study_id)
    return unseal(key, bytes(row.sealed_paper), bound_to=f"report-paper|{row.id}")
