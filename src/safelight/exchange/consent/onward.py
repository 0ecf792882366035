"""May what was shared be passed on like this? (L41, R09)

Judged against the terms of the consent that it rests on: an onward consent may
say less than its parent, never more. What the parent does not mention is not
agreed to. Pure rules: what is live at a moment is for `access` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from uuid import UUID

from safelight.exchange.consent.terms import Act, Audience, Further, Item, Terms


class OnwardRefusal(StrEnum):
    """Why something may not be passed on. Values are stable codes."""

    NOT_CONTEMPLATED = "further_release_not_contemplated"
    NOT_FURTHER_STILL = "passed_on_once_only"
    OTHER_CONSENT = "passed_on_under_another_consent"
    OTHER_RECIPIENT = "recipient_not_covered"
    OTHER_CLASS = "recipient_class_not_covered"
    OTHER_PURPOSE = "purpose_not_covered"
    OTHER_ITEMS = "items_not_covered"
    OTHER_PERMISSIONS = "permissions_not_covered"
    OTHER_DATES = "dates_not_covered"
    OTHER_SENSITIVE = "sensitive_not_covered"


def onward_refusal(child: Terms, parent: Terms, *, parent_id: UUID) -> OnwardRefusal | None:
    """Return the first reason why `child` goes beyond the consent it rests on, or None.

    `parent_id` names the consent whose terms `parent` are.
    """
    return next(onward_refusals(child, parent, parent_id=parent_id), None)


def onward_refusals(child: Terms, parent: Terms, *, parent_id: UUID) -> Iterator[OnwardRefusal]:
    """Yield every reason why `child` goes beyond the consent it rests on, the weightiest first."""
    if parent.further.kind is Further.NONE or parent.act is Act.ONWARD:
        yield OnwardRefusal.NOT_CONTEMPLATED
        return
    if child.further.kind is not Further.NONE:
        yield OnwardRefusal.NOT_FURTHER_STILL
    if (child.act, child.parent_id, child.vault_id) != (Act.ONWARD, parent_id, parent.vault_id):
        yield OnwardRefusal.OTHER_CONSENT
    yield from _about_recipient(child, parent)
    if child.purpose not in parent.further.purposes:
        yield OnwardRefusal.OTHER_PURPOSE
    if child.standing is not None or not all(_is_within(each, parent) for each in child.items):
        yield OnwardRefusal.OTHER_ITEMS
    if not child.permissions <= parent.permissions:
        yield OnwardRefusal.OTHER_PERMISSIONS
    if not parent.starts_at <= child.starts_at < child.ends_at <= parent.ends_at:
        yield OnwardRefusal.OTHER_DATES
    if not child.sensitive <= parent.sensitive:
        yield OnwardRefusal.OTHER_SENSITIVE


def _about_recipient(child: Terms, parent: Terms) -> Iterator[OnwardRefusal]:
    """Judge whom it goes to: one person, named or of a class that was named."""
    further, recipient = parent.further, child.recipient
    if further.kind is Further.NAMED:
        named = {one.address for one in further.named}
        if recipient.audience is not Audience.PERSON or recipient.address not in named:
            yield OnwardRefusal.OTHER_RECIPIENT
    elif recipient.audience is not Audience.PERSON or recipient.kind not in further.classes:
        yield OnwardRefusal.OTHER_CLASS


def _is_within(item: Item, parent: Terms) -> bool:
    """Say whether every object of an item lies in what the parent names of the same series."""
    for held in parent.items:
        if (held.study_id, held.series_id) == (item.study_id, item.series_id):
            single = all(each <= held.up_to or each in held.only for each in item.only)
            return single and item.up_to <= held.up_to
    return False
