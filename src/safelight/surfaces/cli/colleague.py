"""How does a second person at an operator's machine say yes as themselves?

They type their own password and the code of their own app: what is signed is this one act.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import typer

from safelight.surfaces.cli.main import fail

if TYPE_CHECKING:
    from safelight.exchange.access.connecting import Hand
    from safelight.exchange.access.facts import Party

_MEANING = "I have checked this, and somebody else prepared it"


def sign_as(email: str, deed: str) -> Hand:
    """Let a colleague of the desk sign one act, and return them as the one who does it."""
    from safelight.exchange.access.connecting import hand_of
    from safelight.kernel.errors import ExpectedError

    try:
        return hand_of(signed_by(email, deed, _MEANING))
    except ExpectedError as refused:
        fail(str(refused))


def signed_by(email: str, deed: str, meaning: str) -> Party:
    """Let somebody sign one act, and return them as the decision point sees them."""
    from django.db import transaction

    from safelight.exchange.access.parties import party_of
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError
    from safelight.kernel.ids import new_id
    from safelight.records.accounts.actors import actor_of_account
    from safelight.records.accounts.addresses import normalised
    from safelight.records.accounts.authorization.actions import (
        begin,
        confirm_with_password_and_code,
        consume,
    )
    from safelight.records.accounts.queries import account_to_sign_in

    password = typer.prompt(f"Password of {email}", hide_input=True)
    code = typer.prompt("Code of their app")
    at, session, digest = clock.now(), new_id(), hashlib.sha256(deed.encode()).digest()
    try:
        account = account_to_sign_in(normalised(email))
        if account is None:
            fail("there is no such account.")
        challenge = begin(account, session_id=session, digest=digest, meaning=meaning, at=at)
        signed = confirm_with_password_and_code(
            challenge.pk, account=account, session_id=session, password=password, code=code, at=at
        )
        with transaction.atomic():
            consume(signed.pk, account=account, session_id=session, digest=digest, at=at)
        return party_of(actor_of_account(account))
    except ExpectedError as refused:
        fail(str(refused))
