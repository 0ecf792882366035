"""How does the privacy official publish a version, as tests need it?"""

from __future__ import annotations

from datetime import datetime

from acting import approve
from powers import Runner, make_runner
from safelight.exchange.access.parties import session_id
from safelight.governance.compliance.drafting import (
    Content,
    begin_draft,
    enter_review,
    publish,
    write_draft,
)
from safelight.governance.compliance.models import StatementVersion
from safelight.kernel import clock
from safelight.records.accounts.authorization.actions import SignatureRecord, begin, consume
from safelight.records.accounts.models import StaffRole

NEW_WORDS = "# Our promise\n\nYour pictures are yours. We also keep a list of **machines**.\n"


def make_official() -> Runner:
    """Return the privacy official."""
    return make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)


def publish_next(
    official: Runner,
    *,
    is_material: bool = True,
    grace_days: int = 0,
    effective_at: datetime | None = None,
    **texts: str,
) -> StatementVersion:
    """Write, have reviewed and publish the next version."""
    at = clock.now()
    begin_draft(official.party, at=at)
    content = Content(
        texts={"en": NEW_WORDS} | texts,
        summary="It names the machines.",
        is_material=is_material,
        grace_days=grace_days,
    )
    write_draft(official.party, content, at=at)
    for role in ("risk", "counsel"):
        enter_review(official.party, role, "Rita Reviewer", at.date(), "Read it whole.", at=at)
    signature = _signed(official)
    now = clock.now()
    return publish(official.party, effective_at or now, signature, at=now)


def _signed(official: Runner) -> SignatureRecord:
    digest, where = b"0" * 32, session_id(official.party)
    asked = begin(
        official.person.account,
        session_id=where,
        digest=digest,
        meaning="I publish",
        at=clock.now(),
    )
    given = approve(official.person, official.party, asked.pk)
    return consume(
        given, account=official.person.account, session_id=where, digest=digest, at=clock.now()
    )
