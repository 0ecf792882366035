"""What does a message say? Its template's words, and the few facts that they need.

A subject is the same for everybody: it may be read on a locked screen. No text has
a place for a name, a part of the body, an institution or a date of an exam; those
are on the page behind the link, after sign-in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from safelight.platform.notices.errors import NoticeRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

TEMPLATES = Path(__file__).parent / "templates"

# The only facts there are, and how long each may be.
FACTS = {
    "change": 40,
    "code": 40,
    "device": 120,
    "factor": 40,
    "home": 200,
    "link": 500,
    "page": 300,
    "when": 40,
}


@cache
def _parts(template: str) -> tuple[str, Template]:
    path = TEMPLATES / f"{template}.txt"
    if not template.replace("-", "").isalpha() or not path.is_file():
        raise NoticeRefusedError(f"there is no message called {template!r}")
    subject, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    return subject.removeprefix("Subject: ").strip(), Template(body)


def facts_of(template: str, context: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that a template takes from `context`, cleaned.

    Raises:
        NoticeRefusedError: no such template, a fact is missing, too long, or none
            that a message may hold.
    """
    _, body = _parts(template)
    if unknown := context.keys() - FACTS.keys():
        raise NoticeRefusedError(f"{template} cannot say {', '.join(sorted(unknown))}")
    known = _of_instance() | {name: _clean(name, value) for name, value in context.items()}
    if missing := set(body.get_identifiers()) - known.keys():
        raise NoticeRefusedError(f"{template} needs {', '.join(sorted(missing))}")
    if too_long := [name for name, value in known.items() if len(value) > FACTS.get(name, 200)]:
        raise NoticeRefusedError(f"{template}: {', '.join(too_long)} is too long")
    return {name: known[name] for name in body.get_identifiers()}


def message(
    template: str, facts: Mapping[str, str], *, to: str, notice_id: UUID, at: datetime
) -> EmailMessage:
    """Write the message. The same notice has the same Message-ID each time it is sent."""
    subject, body = _parts(template)
    host = urlsplit(settings.SAFELIGHT_PUBLIC_URL).hostname or "localhost"
    made = EmailMessage(policy=SMTP)
    made["Subject"] = subject
    made["From"] = getattr(settings, "SAFELIGHT_EMAIL_FROM", "") or f"no-reply@{host}"
    made["To"] = to
    made["Date"] = format_datetime(at.astimezone(UTC))
    made["Message-ID"] = f"<{notice_id.hex}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body.substitute(facts), cte="8bit")
    return made


def template_names() -> list[str]:
    """Return the names of all messages there are."""
    return sorted(path.stem for path in TEMPLATES.glob("*.txt"))


def _of_instance() -> dict[str, str]:
    return {"home": settings.SAFELIGHT_PUBLIC_URL, "operator": settings.SAFELIGHT_OPERATOR}


def _clean(name: str, value: str) -> str:
    # What a browser says of itself may hold anything; a message is read by people.
    shown = "".join(letter for letter in str(value) if letter.isprintable())
    if name == "device":
        return shown[: FACTS[name]]
    if name == "when":
        return _readable(shown)
    return shown


def _readable(when: str) -> str:
    try:
        at = datetime.fromisoformat(when).astimezone(UTC)
    except ValueError:
        raise NoticeRefusedError("`when` is not a time as ISO 8601 writes it") from None
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
