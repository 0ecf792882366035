"""What may a recipient know of a share, before and after proving the address?

Before the proof: what for, until when, what may be done, and the address with
all but its ends hidden. Whose exams these are comes after the proof (P4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Form, Permission
from safelight.exchange.consent.text import PURPOSE_WORDS, purpose_in_words
from safelight.exchange.consent.unnamed import as_told
from safelight.exchange.release.models import GuestEntry
from safelight.exchange.release.sharing.entries import require_live
from safelight.exchange.release.sharing.proof import is_named
from safelight.exchange.release.signed import terms_of
from safelight.records.accounts.addresses import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A share as its recipient meets it. `giver` and `address` are empty before the proof.

    The receipt of a copy without a name names nobody.
    """

    purpose: str
    starts_at: datetime
    ends_at: datetime
    may_download: bool
    may_pass_on: bool
    masked_address: str
    asks_passphrase: bool
    is_your_account: bool
    is_waiting: bool
    giver: str
    recipient: str
    names_nobody: bool = False


def offer_of(entry: GuestEntry, party: Party, *, at: datetime) -> Offer:
    """Describe a share to the browser that showed its secret.

    Raises:
        ShareRevokedError, ShareExpiredError, ShareNotStartedError, ShareLockedError.
    """
    share = entry.share
    consent: Consent = require_live(share, at=at)
    terms = as_told(terms_of(consent))
    proved = entry.proved_at is not None
    waiting = share.needs_release and share.released_at is None
    return Offer(
        # A person's own words may say more than a stranger should read.
        purpose=purpose_in_words(terms) if proved else PURPOSE_WORDS[terms.purpose],
        starts_at=consent.starts_at,
        ends_at=consent.ends_at,
        may_download=Permission.DOWNLOAD in terms.permissions,
        may_pass_on=consent.may_pass_on,
        masked_address=masked(terms.recipient.address),
        asks_passphrase=bool(share.passphrase_hash),
        is_your_account=is_named(party, consent),
        is_waiting=proved and waiting,
        giver=terms.grantor_name if proved and not waiting else "",
        recipient=terms.recipient.name if proved else "",
        names_nobody=terms.form is Form.DEIDENTIFIED,
    )
