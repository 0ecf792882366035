"""May this party do this with this study?

Pure rules over loaded facts. The order of the checks is that of requirements
7.5, and the first one that fails is the reason on record. Whatever is not
expressly allowed here is refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from safelight.exchange.access.decision import (
    EVERYTHING,
    NO_PART,
    Action,
    Decision,
    Part,
    Reason,
    Scope,
)
from safelight.exchange.access.facts import Grant, Party, PartyKind, Power, StudyFacts
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Permission

TOKEN_SCOPE = {
    Action.VIEW: "dicomweb:read",
    Action.DOWNLOAD: "dicomweb:read",
    Action.REMOVE: "dicomweb:delete",
    Action.READ_ACTIVITY: "exchange:read",
    Action.PREPARE: "exchange:write",
}
_NEEDED_PERMISSION = {Action.VIEW: Permission.VIEW, Action.DOWNLOAD: Permission.DOWNLOAD}
# Any one of these lets a representative do it. A copy is a right, and part of looking after.
_NEEDED_POWER = {
    Action.VIEW: frozenset(Power),
    Action.DOWNLOAD: frozenset({Power.MANAGE, Power.RIGHTS}),
    Action.PREPARE: frozenset({Power.SHARE}),
    Action.SHARE: frozenset({Power.SHARE}),
    Action.REMOVE: frozenset({Power.MANAGE}),
    Action.READ_ACTIVITY: frozenset({Power.SHARE, Power.MANAGE, Power.RIGHTS}),
}
# What stays to whoever declines a new statement: their own exams, to see, take and remove.
_LEFT_TO_THE_LIMITED = frozenset(
    {Action.VIEW, Action.DOWNLOAD, Action.REMOVE, Action.READ_ACTIVITY}
)
_NEVER = datetime.max.replace(tzinfo=UTC)
_NEW_DISCLOSURE = frozenset({Action.PREPARE, Action.SHARE})


def decide(party: Party, study: StudyFacts | None, action: Action, *, at: datetime) -> Decision:
    """Answer for one party and one study. `study` is None when there is no such study."""
    if standing := standing_refusal(party, action):
        return _no(standing)
    if party.is_limited:
        return _while_limited(party, study, action, at=at)
    if study is None or not study.filed or _is_out_of_bounds(party, study):
        return _no(Reason.NOT_HERE)
    return _by_ground(party, study, action, at=at)


def _by_ground(party: Party, study: StudyFacts, action: Action, *, at: datetime) -> Decision:
    """Answer by what connects the party with the study."""
    if party.kind is PartyKind.SYSTEM:
        return _by_connection(party, study, action, at=at)
    if action is Action.REPORT:
        # Neither its owner nor a recipient writes what the house's clinicians say of it.
        return _by_care(party, study, at=at) or _no(Reason.NO_RELATION)
    if party.kind is not PartyKind.GUEST:
        if _owns(party, study):
            return _as_owner(party, study, action)
        if answer := _by_relation(party, study, action, at=at):
            return answer
    if action is Action.PASS_ON:
        return _by_passing_on(party, study, at=at)
    if action not in _NEEDED_PERMISSION:
        related = study.may_be_in_care or bool(study.grants)
        return _no(Reason.ONWARD_RELEASE if related else Reason.NO_RELATION)
    return _by_consent(party, study, action, at=at)


def while_recovering(decision: Decision) -> Decision:
    """Leave of an answer what holds while it is not known whose access has ended: the owner's."""
    if not decision.allowed or decision.reason == Reason.OWNER:
        return decision
    return _no(Reason.RECOVERING)


def standing_refusal(party: Party, action: Action) -> Reason | None:
    """Return why this party may not act at all just now, whatever the study."""
    if party.kind is PartyKind.GUEST:
        return None if party.consent_id is not None else Reason.NOT_SIGNED_IN
    if party.kind is PartyKind.ANONYMOUS or party.account_id is None:
        return Reason.NOT_SIGNED_IN
    if party.token_scopes is not None:
        if TOKEN_SCOPE.get(action) not in party.token_scopes:
            return Reason.TOKEN_OMITS_SCOPE
    elif not party.second_factor:
        return Reason.SECOND_FACTOR_MISSING
    if not party.active:
        return Reason.ACCOUNT_NOT_ACTIVE
    if party.is_limited and action in _LEFT_TO_THE_LIMITED:
        return None
    if not party.statement_accepted:
        return Reason.STATEMENT_NOT_ACCEPTED
    return None


def _while_limited(
    party: Party, study: StudyFacts | None, action: Action, *, at: datetime
) -> Decision:
    """Answer for who has not accepted the statement that binds now.

    What is their own stays theirs, and nobody is put out of an emergency that runs (R01). The
    answer is the same of what is not here, so that it says nothing of anybody else's exam.
    """
    refused = _no(Reason.STATEMENT_NOT_ACCEPTED)
    if study is None or not study.filed or _is_out_of_bounds(party, study):
        return refused
    if _owns(party, study):
        return _as_owner(party, study, action)
    running = tuple(each for each in study.timed if each.is_emergency)
    if action is not Action.VIEW or party.only_own or not running:
        return refused
    within = _by_timed_access(party, replace(study, timed=running), at=at)
    return within if within is not None and within.allowed else refused


def _is_out_of_bounds(party: Party, study: StudyFacts) -> bool:
    """Say whether the address that is asked is about somebody else's exams."""
    return party.only is not None and study.study_id not in party.only


def _owns(party: Party, study: StudyFacts) -> bool:
    """Say whether the party is the person it is about, or keeps it in their own vault."""
    return party.kind is PartyKind.INDIVIDUAL and party.account_id == study.owner


def _as_owner(party: Party, study: StudyFacts, action: Action) -> Decision:
    """Answer for whose it is."""
    # A custodian keeps its records: the owner's copy is theirs to erase, not this (E28).
    if action is Action.REMOVE and study.custodian_organization is not None:
        return _no(Reason.CUSTODIAN_KEEPS)
    return Decision(allowed=True, reason=Reason.OWNER, scope=EVERYTHING, until=party.until)


def _by_connection(party: Party, study: StudyFacts, action: Action, *, at: datetime) -> Decision:
    """Answer for a connected system: of its institution's exams, its own system reads them all.

    A partner's reads what consents give to the partner. Neither decides about anything.
    """
    if party.serves is None or study.custodian_organization != party.serves:
        return _no(Reason.NO_RELATION)
    if action not in _NEEDED_PERMISSION:
        return _no(Reason.ONWARD_RELEASE)
    if party.is_own:
        return Decision(allowed=True, reason=Reason.OWN_SYSTEM, scope=EVERYTHING, until=party.until)
    return _by_consent(party, study, action, at=at)


def _by_relation(
    party: Party, study: StudyFacts, action: Action, *, at: datetime
) -> Decision | None:
    """Answer for who treats the patient, acts for them, or has hours; None where none does."""
    if party.only_own:
        return _no(Reason.TOKEN_OMITS_SCOPE)
    if action in {Action.VIEW, Action.DOWNLOAD} and (treats := _by_care(party, study, at=at)):
        return treats if action is Action.VIEW else _no(Reason.ONWARD_RELEASE)
    if answer := _by_mandate(party, study, action, at=at):
        return answer
    return _by_timed_access(party, study, at=at) if action is Action.VIEW else None


def _by_mandate(
    party: Party, study: StudyFacts, action: Action, *, at: datetime
) -> Decision | None:
    """Answer for somebody who acts for the patient; None where that says nothing.

    What a minor asked for in confidence is not there for any of them. Two who
    disagree may both still look, but nothing new leaves until it is settled (E8).
    """
    if party.kind is not PartyKind.INDIVIDUAL or study.is_in_confidence:
        return None
    live = [
        mandate
        for mandate in study.mandates
        if mandate.since <= at and (mandate.until is None or at < mandate.until)
    ]
    if live and action is Action.REMOVE and study.custodian_organization is not None:
        return _no(Reason.CUSTODIAN_KEEPS)
    able = [each for each in live if each.powers & _NEEDED_POWER.get(action, frozenset())]
    if not able:
        beyond = live and action not in _NEEDED_PERMISSION
        return _no(Reason.BEYOND_AUTHORITY) if beyond else None
    if action in _NEW_DISCLOSURE and study.is_in_dispute:
        return _no(Reason.IN_DISPUTE)
    longest = max(able, key=lambda each: each.until or _NEVER)
    ends = [end for end in (longest.until, party.until) if end is not None]
    return Decision(
        allowed=True,
        reason=Reason.REPRESENTATIVE,
        scope=EVERYTHING,
        until=min(ends, default=None),
        representative_id=longest.representative_id,
    )


def _by_care(party: Party, study: StudyFacts, *, at: datetime) -> Decision | None:
    """Answer by a live care relation; it counts only while the membership does."""
    if party.kind is not PartyKind.PROVIDER or study.custodian_organization is None:
        return None
    if study.custodian_organization not in party.organizations:
        return None
    live = [each.until for each in study.care if each.since <= at < each.until]
    if not study.party_treats_patient and not live:
        return None
    ends = [] if study.party_treats_patient else [max(live)]
    ends += [party.until] if party.until is not None else []
    return Decision(
        allowed=True, reason=Reason.CARE_RELATION, scope=EVERYTHING, until=min(ends, default=None)
    )


def _by_timed_access(party: Party, study: StudyFacts, *, at: datetime) -> Decision | None:
    """Answer by an elevation or an emergency, while it lasts: to look, and for nothing else.

    An emergency opens the party's own institution's records alone; staff come in person.
    """
    keeps_it = study.custodian_organization is not None and (
        study.custodian_organization in party.organizations
    )
    fits = [
        each
        for each in study.timed
        if each.since <= at < each.until
        and (
            keeps_it and party.kind is PartyKind.PROVIDER
            if each.is_emergency
            else party.token_scopes is None
        )
    ]
    if not fits:
        return None
    longest = max(fits, key=lambda each: (each.is_emergency, each.until))
    return Decision(
        allowed=True,
        reason=Reason.BREAK_GLASS if longest.is_emergency else Reason.ELEVATION,
        scope=EVERYTHING,
        until=min(each for each in (longest.until, party.until) if each is not None),
        timed_access_id=longest.access_id,
    )


def _by_consent(party: Party, study: StudyFacts, action: Action, *, at: datetime) -> Decision:
    """Add up what the live consents cover; without one, say why the last one does not."""
    covered: dict[UUID, Part] = {}
    used: list[Grant] = []
    why: str = Reason.NO_RELATION
    for grant in study.grants:
        reason = refusal(grant.granted, _NEEDED_PERMISSION[action], at=at)
        if reason is None and not study.sensitive <= grant.granted.sensitive:
            reason = Refusal.SENSITIVE
        if reason is not None:
            why = reason
            continue
        used.append(grant)
        for series_id, part in grant.series.items():
            covered[series_id] = part.and_also(covered.get(series_id, NO_PART))
    whole = any(grant.whole for grant in used)
    if not covered and not whole:
        return _no(why)
    ends_at = min(grant.granted.over_at for grant in used)
    return Decision(
        allowed=True,
        reason=Reason.CONSENT,
        scope=EVERYTHING if whole else Scope(series=covered),
        consent_id=used[0].granted.consent_id,
        consents=tuple(grant.granted.consent_id for grant in used),
        until=min(ends_at, party.until) if party.until is not None else ends_at,
        ends_at=ends_at,
    )


def _by_passing_on(party: Party, study: StudyFacts, *, at: datetime) -> Decision:
    """Answer by the latest live consent that lets this recipient pass it on; a guest never may.

    Only what the consent itself names is meant, not results that came after it. What was
    agreed to for somebody is not passed on while those who act for them disagree (E8).
    """
    contemplating = [
        grant
        for grant in study.grants
        if party.kind is not PartyKind.GUEST
        and grant.granted.may_pass_on
        and grant.series
        and study.sensitive <= grant.granted.sensitive
        and refusal(grant.granted, Permission.VIEW, at=at) is None
    ]
    if not contemplating:
        related = study.may_be_in_care or bool(study.grants)
        return _no(Reason.ONWARD_RELEASE if related else Reason.NO_RELATION)
    undisputed = [grant for grant in contemplating if not grant.granted.is_in_dispute]
    if not undisputed:
        return _no(Reason.IN_DISPUTE)
    grant = undisputed[-1]
    ends_at = grant.granted.over_at
    return Decision(
        allowed=True,
        reason=Reason.CONSENT,
        scope=Scope(series=grant.series),
        consent_id=grant.granted.consent_id,
        until=min(ends_at, party.until) if party.until is not None else ends_at,
        ends_at=ends_at,
    )


def _no(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason)
