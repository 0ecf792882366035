"""How does a person get a message, if and only if the act took place?

The message waits in the act's own transaction, sealed; a job sends it afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from safelight.kernel.ids import new_id
from safelight.platform.notices.envelope import Envelope
from safelight.platform.notices.errors import NoticeRefusedError
from safelight.platform.notices.jobs import deliver
from safelight.platform.notices.message import facts_of
from safelight.platform.notices.models import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


@transaction.atomic
def send(
    template: str, *, to: str, context: Mapping[str, str], at: datetime, about: str = ""
) -> UUID:
    """Let the message `template` wait for delivery to the address `to`; return its id.

    `context` holds the template's facts (message.FACTS); "home" is always known.
    `about` is an opaque id ("account/<id>") for the record of its sending.

    Raises:
        NoticeRefusedError: see `facts_of`; or `to` is not one address.
    """
    if to.count("@") != 1 or any(sign.isspace() or sign in ",;<>" for sign in to):
        raise NoticeRefusedError("this is not one address")
    notice_id = new_id()
    Notice.objects.create(
        notice_id=notice_id,
        template=template,
        about=about,
        sealed=Envelope(to, facts_of(template, context)).sealed(notice_id),
        created_at=at,
    )
    deliver.enqueue(notice_id=notice_id)
    return notice_id
