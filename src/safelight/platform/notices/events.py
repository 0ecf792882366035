"""What is recorded about messages?"""

from __future__ import annotations

from enum import StrEnum


class NoticeEvent(StrEnum):
    """What became of a message. Values are stable codes."""

    SENT = "notice.sent"
    BOUNCED = "notice.bounced"
