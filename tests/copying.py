"""How does an owner share a copy without a name, step by step?"""

from __future__ import annotations

from uuid import UUID

from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.copying import ask_for_copy
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.wording import own_studies
from safelight.kernel import clock
from story import Story


def draft_of_a_copy(story: Story, *, looked_at: bool = False, **changes: object) -> UUID:
    """Prepare a share of a copy, which is made at once."""
    draft_id = story.draft(**changes)
    draft, choices = find_draft(story.party, draft_id)
    at = clock.now()
    studies = own_studies(story.party, choices, at=at)
    ask_for_copy(story.party, draft, choices, studies, looked_at=looked_at, at=at)
    return draft_id


def signed(story: Story, draft_id: UUID) -> Shared:
    """Sign what a draft says."""
    presented = present(story.party, draft_id, statement_version="1", at=clock.now())
    return confirm(story.party, draft_id, story.approve(presented.challenge_id), at=clock.now())
