"""In which shapes do papers that patients signed go in and out?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from ninja import Field, Schema

from safelight.exchange.consent.paper import KnownBy, PaperState
from safelight.exchange.consent.terms import Purpose, RecipientKind, Sensitive
from safelight.surfaces.api.answers import ChallengeOut
from safelight.surfaces.api.forms import Asked, Id, Line, OutId

_LONGEST_SCAN: Final = 2_400_000
_MOST_SERIES: Final = 2000


class PaperOut(Schema):
    """One paper: of whom, for whom, and where it stands. Only what is live opens anything."""

    id: OutId
    state: PaperState
    patient: str
    recipient: str
    first: str
    second: str | None
    recorded_at: datetime
    lapses_at: datetime
    your_turn: bool = Field(description="It waits for you to confirm it.")
    consent: OutId | None


class PaperDetailOut(PaperOut):
    """One paper with the words that its two compare with it, and who saw it signed."""

    words_html: str
    digest: str = Field(description="SHA-256 of these words and the scan, in hexadecimal.")
    scan_digest: str
    signed_on: date
    seen_by: str
    seen_as: str
    known_by: KnownBy


class PaperAsked(Asked):
    """What stands on a paper, who saw it signed and how they knew the signer, and its scan."""

    series: list[Id] = Field(max_length=_MOST_SERIES)
    sensitive: list[Sensitive] = Field(default_factory=list)
    patient: Line
    name: Line
    address: Line
    kind: RecipientKind
    purpose: Purpose
    purpose_words: Line = ""
    may_download: bool = False
    ends_on: date
    signed_on: date
    seen_by: Line
    seen_as: Line
    known_by: KnownBy
    scan: str = Field(
        max_length=_LONGEST_SCAN,
        description="A PDF, JPEG or PNG in Base64, of up to 1.8 MB; a larger one by the page.",
    )


class ScanOut(Schema):
    """A scan as it came, in Base64."""

    kind: str
    data: str


class ComparedOut(Schema):
    """What the person must read beside the paper, word for word, before they sign it."""

    words_html: str
    digest: str
    challenge: ChallengeOut


class ConfirmedOut(Schema):
    """Where it stands now. The second is told the passphrase, this once, to pass on by voice."""

    state: PaperState
    consent: OutId | None
    share: OutId | None
    passphrase: str | None
