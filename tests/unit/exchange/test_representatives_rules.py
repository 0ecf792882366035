"""What may each kind of representative do, with each scope, and when not?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Final

import pytest

from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Mandate, Party, PartyKind, StudyFacts
from safelight.exchange.access.mandates import mandate_of
from safelight.exchange.access.rules import decide
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Representative, RepresentativeKind

LOOK, SHARE, MANAGE, RIGHTS = "look", "share", "manage", "rights"

# Written by hand: what each scope alone lets somebody do. Looking is part of every scope.
LETS: Final = {
    LOOK: {Action.VIEW},
    SHARE: {Action.VIEW, Action.PREPARE, Action.SHARE, Action.READ_ACTIVITY},
    MANAGE: {Action.VIEW, Action.DOWNLOAD, Action.REMOVE, Action.READ_ACTIVITY},
    RIGHTS: {Action.VIEW, Action.DOWNLOAD, Action.READ_ACTIVITY},
}
SCOPES: Final = [
    frozenset(each for each, ticked in zip((SHARE, MANAGE, RIGHTS), ticks, strict=True) if ticked)
    for ticks in product((False, True), repeat=3)
]
NOW: Final = clock.now()
AN_HOUR: Final = timedelta(hours=1)


def acting(kind: RepresentativeKind, scope: frozenset[str], until: datetime | None) -> Mandate:
    """Return what the row of such a representative comes to."""
    return mandate_of(
        Representative(
            kind=kind,
            may_share=SHARE in scope,
            may_manage=MANAGE in scope,
            may_use_rights=RIGHTS in scope,
            asked_at=NOW,
            starts_at=NOW - AN_HOUR,
            ends_on=until.isoformat() if until else "",
        )
    )


def person(kind: PartyKind = PartyKind.INDIVIDUAL) -> Party:
    return Party(
        kind=kind,
        account_id=new_id(),
        consent_id=new_id(),
        second_factor=True,
        active=True,
        statement_accepted=True,
    )


def exam(*mandates: Mandate) -> StudyFacts:
    owner = new_id()
    return StudyFacts(
        study_id=new_id(),
        vault_id=new_id(),
        filed=True,
        owner_account=owner,
        custodian_account=owner,
        custodian_organization=None,
        party_treats_patient=False,
        grants=(),
        mandates=mandates,
    )


@pytest.mark.parametrize("kind", list(RepresentativeKind))
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope)) or LOOK)
@pytest.mark.parametrize("action", list(Action))
def test_each_kind_may_do_what_its_scope_says(
    kind: RepresentativeKind, scope: frozenset[str], action: Action
) -> None:
    lets = set().union(*(LETS[each] for each in {LOOK} | scope))
    study = exam(acting(kind, scope, NOW + AN_HOUR))
    answer = decide(person(), study, action, at=NOW)
    assert answer.allowed == (action in lets)
    if answer.allowed:
        assert answer.reason == Reason.REPRESENTATIVE
        assert answer.representative_id == study.mandates[0].representative_id
        assert answer.until == NOW + AN_HOUR
        assert answer.scope.whole
        assert not decide(person(), study, action, at=NOW + AN_HOUR).allowed
        assert not decide(person(), study, action, at=NOW - 2 * AN_HOUR).allowed


@pytest.mark.parametrize("action", list(Action))
def test_what_was_asked_for_in_confidence_is_there_for_none_of_them(action: Action) -> None:
    everything = acting(RepresentativeKind.PARENT, frozenset({SHARE, MANAGE, RIGHTS}), None)
    study = replace(exam(everything), is_in_confidence=True)
    answer = decide(person(), study, action, at=NOW)
    stranger = decide(person(), exam(), action, at=NOW)
    assert (answer.allowed, answer.reason) == (False, stranger.reason)


@pytest.mark.parametrize("action", list(Action))
def test_a_dispute_ends_new_disclosures_and_nothing_else(action: Action) -> None:
    everything = acting(RepresentativeKind.PARENT, frozenset({SHARE, MANAGE, RIGHTS}), None)
    study = exam(everything)
    before = decide(person(), study, action, at=NOW)
    during = decide(person(), replace(study, is_in_dispute=True), action, at=NOW)
    if action in {Action.SHARE, Action.PREPARE}:
        assert (during.allowed, during.reason) == (False, Reason.IN_DISPUTE)
    else:
        assert during == before


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.REPORT])
def test_the_owners_own_rights_are_untouched(action: Action) -> None:
    study = exam(acting(RepresentativeKind.PARENT, frozenset(), None))
    owner = replace(person(), account_id=study.owner_account)
    said = {
        decide(owner, each, action, at=NOW).reason
        for each in (
            study,
            replace(study, is_in_dispute=True),
            replace(study, is_in_confidence=True),
        )
    }
    assert said == {Reason.OWNER}


@pytest.mark.parametrize("kind", [PartyKind.PROVIDER, PartyKind.GUEST, PartyKind.ANONYMOUS])
def test_only_people_who_act_for_themselves_act_for_others(kind: PartyKind) -> None:
    study = exam(acting(RepresentativeKind.PROXY, frozenset({SHARE, MANAGE, RIGHTS}), None))
    assert not any(decide(person(kind), study, action, at=NOW).allowed for action in Action)


def test_of_two_authorities_the_one_that_lasts_longer_counts() -> None:
    short = acting(RepresentativeKind.HELPER, frozenset({SHARE}), NOW + AN_HOUR)
    long = acting(RepresentativeKind.PROXY, frozenset(), None)
    study = exam(short, long)
    assert decide(person(), study, Action.VIEW, at=NOW).until is None
    assert decide(person(), study, Action.SHARE, at=NOW).until == NOW + AN_HOUR


def test_keeping_the_exam_of_somebody_else_does_not_make_it_ones_own() -> None:
    keeper = new_id()
    kept = replace(exam(), owner_account=keeper, custodian_account=keeper, is_of_another=True)
    me = replace(person(), account_id=keeper)
    assert not any(decide(me, kept, action, at=NOW).allowed for action in Action)
    claimed = replace(kept, owner_account=new_id())
    assert claimed.owner == claimed.owner_account


def test_nobody_who_acts_removes_what_an_institution_keeps() -> None:
    rights = acting(RepresentativeKind.PROXY, SCOPES[-1], NOW + AN_HOUR)
    kept = replace(exam(rights), custodian_account=None, custodian_organization=new_id())
    assert decide(person(), kept, Action.VIEW, at=NOW).allowed
    assert decide(person(), kept, Action.REMOVE, at=NOW).reason == Reason.CUSTODIAN_KEEPS
    over = NOW + AN_HOUR
    assert decide(person(), kept, Action.REMOVE, at=over).reason != Reason.CUSTODIAN_KEEPS
