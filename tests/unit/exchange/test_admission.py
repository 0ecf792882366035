"""What is somebody told who may not ask at all just now?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from safelight.exchange.access.admission import require_in_person, require_standing
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import NOBODY, Party, PartyKind
from safelight.kernel.errors import ExpectedError

member = Party(
    kind=PartyKind.INDIVIDUAL,
    account_id=UUID(int=1),
    second_factor=True,
    active=True,
    statement_accepted=True,
)
guest = Party(kind=PartyKind.GUEST, share_id=UUID(int=2), consent_id=UUID(int=3))
token = replace(member, token_scopes=frozenset({"exchange:read"}))


@pytest.mark.parametrize(
    ("party", "code", "status"),
    [
        pytest.param(NOBODY, "auth_required", 401, id="nobody"),
        pytest.param(guest, "auth_required", 401, id="a guest of one share"),
        pytest.param(replace(member, second_factor=False), "stepup_required", 403, id="half in"),
        pytest.param(replace(member, active=False), "account_limited", 403, id="limited"),
        pytest.param(
            replace(member, statement_accepted=False),
            "policy_acceptance_required",
            403,
            id="statement not accepted",
        ),
        pytest.param(token, "token_omits_scope", 403, id="a token of another scope"),
    ],
)
def test_whoever_may_not_ask_is_told_what_is_missing(party: Party, code: str, status: int) -> None:
    with pytest.raises(ExpectedError) as refused:
        require_standing(party, Action.PREPARE)

    assert (refused.value.code, refused.value.status) == (code, status)


def test_whoever_may_ask_passes() -> None:
    require_standing(member, Action.PREPARE)
    require_standing(token, Action.READ_ACTIVITY)
    require_in_person(member)


@pytest.mark.parametrize("scope", ["exchange:read", "exchange:write", "dicomweb:delete"])
def test_no_token_counts_as_a_person(scope: str) -> None:
    with pytest.raises(ExpectedError) as refused:
        require_in_person(replace(member, token_scopes=frozenset({scope})))

    assert refused.value.code == "token_omits_scope"


def test_a_person_without_both_factors_is_not_here_in_person() -> None:
    with pytest.raises(ExpectedError) as refused:
        require_in_person(replace(member, second_factor=False))

    assert refused.value.code == "stepup_required"
