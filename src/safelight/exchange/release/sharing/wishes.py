"""What does somebody wish the owner of an exam to agree to, and how does the ceremony begin so?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson

from safelight.exchange.consent.models import ConsentRequest
from safelight.exchange.consent.terms import Further, Purpose, RecipientKind, SecondCheck
from safelight.exchange.release.people import address_of_account, name_of
from safelight.exchange.release.sharing.drafts import Choices
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.addresses import normalised

LONGEST_NOTE: Final = 500
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the asker would like the owner to agree to; `pass_to` are name and address, or empty.

    `series_ids` are those that the asker sees now.
    """

    purpose: str
    note: str = field(default="", repr=False)
    may_download: bool = False
    ends_on: str = ""
    series_ids: tuple[str, ...] = ()
    pass_to: tuple[str, str] = field(default=("", ""), repr=False)


def judged(wish: Wish, at: datetime) -> Wish:
    """Return a wish in its one form.

    Raises:
        InvalidFieldError: something is missing or wrong.
    """
    if wish.purpose not in set(Purpose) - {Purpose.OTHER}:
        raise InvalidFieldError("purpose", "Choose what it is for.")
    if len(wish.note) > LONGEST_NOTE:
        raise InvalidFieldError("note", f"Use at most {LONGEST_NOTE} letters.")
    try:
        in_future = date.fromisoformat(wish.ends_on) >= at.date()
    except ValueError:
        in_future = False
    if not in_future:
        raise InvalidFieldError("ends_on", "Give a last day that is still to come.")
    name, address = (part.strip() for part in wish.pass_to)
    if address and not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError(
            "pass_name", "Give the name of the person it is to be passed on to."
        )
    try:
        address = normalised(address) if address else ""
    except InvalidFieldError as wrong:
        raise InvalidFieldError("pass_address", str(wrong)) from None
    return Wish(
        purpose=wish.purpose,
        note=wish.note.strip(),
        may_download=wish.may_download,
        series_ids=wish.series_ids,
        ends_on=wish.ends_on,
        pass_to=(name, address) if address else ("", ""),
    )


def choices_of(row: ConsentRequest) -> Choices:
    """Fill in what was asked for; the asker's own address was proved by their account."""
    wish = wish_of(row)
    return Choices(
        series_ids=wish.series_ids,
        name=name_of(row.asker_id),
        address=address_of_account(row.asker_id),
        kind=RecipientKind.CLINICIAN,
        purpose=wish.purpose,
        may_download=wish.may_download,
        ends_on=wish.ends_on,
        second_check=SecondCheck.WAIVED,
        further=Further.NAMED if wish.pass_to[1] else Further.NONE,
        further_named=(wish.pass_to,) if wish.pass_to[1] else (),
        further_purposes=(wish.purpose,) if wish.pass_to[1] else (),
        request_id=str(row.id),
    )


def sealed_wish(request_id: UUID, wish: Wish) -> bytes:
    """Seal a wish for the row of its request; it opens nowhere else."""
    key = ring().instance_key("requests")
    return seal(key, orjson.dumps(asdict(wish)), bound_to=f"request|{request_id}")


def wish_of(row: ConsentRequest) -> Wish:
    """Open what a request asks for."""
    key = ring().instance_key("requests")
    said = orjson.loads(unseal(key, bytes(row.sealed_wish), bound_to=f"request|{row.id}"))
    name, address = said.pop("pass_to")
    return Wish(pass_to=(name, address), series_ids=tuple(said.pop("series_ids")), **said)
