"""What may each actor do with a copy without a name? Written by hand, apart from the code.

That somebody was shown a copy gives them no say over it, and nobody names an exam that is no copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from copying import draft_of_a_copy, signed
from matrix.expected import BRING_BACK, CHANGE, REMOVE
from matrix.need import Need
from safelight.exchange.release.remove import remove
from safelight.kernel import clock
from safelight.records.imaging.models import StudyCopy
from story import Story

_THERE: Final = {"owner": {REMOVE}, "helper who manages": {REMOVE}}
COPIES: Final[dict[str, dict[str, set[str]]]] = {
    "never shared": _THERE,
    "shared": _THERE,
    "removed": {"owner": {BRING_BACK}, "helper who manages": {BRING_BACK}},
    "no copy": {},
}
DELETES: Final = "dicomweb:delete"
COPIES_API: Final = {
    "PUT /drafts/{draft_id}/copy": Need("draft", CHANGE, "exchange:write"),
    "DELETE /drafts/{draft_id}/copy": Need("draft", CHANGE, "exchange:write"),
    "DELETE /copies/{copy_id}": Need("copy", REMOVE, DELETES),
    "POST /copies/{copy_id}/bring-back": Need("copy", BRING_BACK, DELETES),
}


def put_copies(story: Story) -> Iterator[tuple[str, UUID]]:
    """Bring one copy into each state, and say which exam it is."""
    yield "no copy", story.study_id
    for state in ("never shared", "shared", "removed"):
        draft_id = draft_of_a_copy(story)
        copy = StudyCopy.objects.latest("made_at").study_id
        if state == "shared":
            signed(story, draft_id)
        if state == "removed":
            remove(story.party, copy, at=clock.now())
        yield state, copy
