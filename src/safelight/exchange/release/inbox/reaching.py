"""Which exams may lie before somebody, in the order of their inbox?

Candidates only, by one question to the database: what live consents name for them, their
group, desk or institution, and whom they treat. What ends within days comes first, then the
newest. Each is judged afterwards by the rules that judge a single fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.given import LATER
from safelight.exchange.access.naming import consents_naming_sql
from safelight.exchange.access.queries import treated_by
from safelight.exchange.consent.terms import Form
from safelight.exchange.release.inbox.wanted import COLLEAGUES, ME, NOBODY, SOON, Place, Wanted
from safelight.kernel.ids import from_text
from safelight.platform.database.asking import Value, as_id, as_time, ask, marks
from safelight.records.imaging.models import StudyState

_NEVER: Final = "9999-12-31 00:00:00"
_LIVE: Final = """agreed.revoked_at IS NULL AND agreed.suspended_at IS NULL
    AND agreed.starts_at <= {at} AND agreed.ends_at > {at}"""
_GIVEN_BY: Final = f" AND agreed.grantor_id = %s AND agreed.form = '{Form.IDENTIFIED.value}'"
_NAMED: Final = """
    SELECT item.study_id AS study_id, agreed.granted_at AS came_at, agreed.ends_at AS ends_at
    FROM consent_consentitem AS item JOIN consent_consent AS agreed ON agreed.id = item.consent_id
    WHERE agreed.id IN ({naming}) AND {live}"""
_TREATED: Final = """
    SELECT study.id AS study_id, study.received_at AS came_at, {never} AS ends_at
    FROM imaging_study AS study WHERE study.state = %s"""
_KEPT_BY: Final = " AND study.vault_id IN (SELECT id FROM imaging_vault WHERE organization_id = %s)"
_EACH_ONCE: Final = """
    SELECT study_id, came_at, CASE WHEN ends_at <= {soon} THEN 0 ELSE 1 END AS rank FROM (
        SELECT study_id, MAX(came_at) AS came_at, MAX(ends_at) AS ends_at FROM ({each}) AS before
        GROUP BY study_id) AS once"""
_NOT_OPENED: Final = """ AND NOT EXISTS (SELECT 1 FROM release_look AS seen
    WHERE seen.study_id = entry.study_id AND seen.actor = %s AND NOT seen.is_glimpse
    AND seen.opened_at >= entry.came_at)"""
_HELD: Final = """ EXISTS (SELECT 1 FROM inbox_assignment AS held
    WHERE held.study_id = entry.study_id AND held.ended_at IS NULL
    AND held.organization_id IN ({places}){whose} AND EXISTS (
        SELECT 1 FROM accounts_membership AS member WHERE member.account_id = held.account_id
        AND member.organization_id = held.organization_id AND member.state = 'active'))"""
_AFTER: Final = """ AND (entry.rank > {rank} OR entry.rank = {rank} AND (entry.came_at < {came}
    OR entry.came_at = {came} AND entry.study_id > %s))"""
_IN_ORDER: Final = " ORDER BY entry.rank, entry.came_at DESC, entry.study_id LIMIT {limit}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One exam that may lie before somebody, and where in the list."""

    study_id: UUID
    came_at: datetime
    is_soon: bool

    @property
    def place(self) -> Place:
        """Where a page begins that follows it."""
        return Place(0 if self.is_soon else 1, self.came_at, self.study_id)


def candidates(
    party: Party, wanted: Wanted, after: Place | None, *, limit: int, at: datetime
) -> list[Candidate]:
    """Return the next candidates after a place, in order."""
    each, values = _each(party, wanted, at)
    statement = _EACH_ONCE.format(soon=_moment(at + SOON), each=each)
    statement = (
        f"SELECT entry.study_id, entry.came_at, entry.rank FROM ({statement}) AS entry WHERE 1 = 1"  # noqa: S608 (ours)
    )
    if wanted.show == "soon":
        statement += " AND entry.rank = 0"
    if wanted.days:
        statement += f" AND entry.came_at >= {_moment(at - timedelta(days=int(wanted.days)))}"
    if wanted.show == "new":
        statement += _NOT_OPENED
        values.append(party.name)
    held, of = _held(party, wanted.held_by)
    statement, values = statement + held, values + of
    if after is not None:
        statement += _AFTER.format(rank=after.rank, came=_moment(after.came_at))
        values.append(after.study_id)
    rows = ask(statement + _IN_ORDER.format(limit=limit), *values)
    return [Candidate(as_id(study), _time(came), rank == 0) for study, came, rank in rows]


def _each(party: Party, wanted: Wanted, at: datetime) -> tuple[str, list[Value]]:
    """Return the question for what is given and who is treated, an exam more than once."""
    naming, named = consents_naming_sql(party)
    live = _LIVE.format(at=_moment(at))
    by, giver = (_GIVEN_BY, [wanted.giver]) if wanted.giver else ("", [])
    more = ", later.received_at AS came_at, agreed.ends_at AS ends_at"
    parts = [
        _NAMED.format(naming=naming, live=live) + by,
        LATER.format(naming=naming, more=more) + f" AND {live}{by}",
    ]
    values: list[Value] = [*named, *giver, *named, *giver]
    if party.kind is PartyKind.PROVIDER:
        treated = treated_by(party)
        kept = _KEPT_BY if wanted.giver else ""
        never = f"CAST('{_NEVER}' AS {_type()})"
        parts.append(_TREATED.format(never=never) + kept + treated.sql)
        values += [StudyState.FILED.value, *giver, *treated.values]
    return " UNION ALL ".join(parts), values


def _held(party: Party, held_by: str) -> tuple[str, list[Value]]:
    """Return the condition on who has taken an exam on, among those of the same institution."""
    if not held_by:
        return "", []
    places: list[Value] = [*party.organizations]
    if not places:
        return ("" if held_by == NOBODY else " AND 1 = 0"), []
    listed = marks(places)
    if held_by == NOBODY:
        return " AND NOT" + _HELD.format(places=listed, whose=""), places
    if held_by == COLLEAGUES:
        return (
            " AND" + _HELD.format(places=listed, whose=" AND held.account_id <> %s"),
            [*places, party.account],
        )
    whose = party.account if held_by == ME else from_text(held_by)
    return (
        " AND" + _HELD.format(places=listed, whose=" AND held.account_id = %s"),
        [*places, whose],
    )


def _type() -> str:
    # SQLite keeps times as text, and compares them so.
    return "TEXT" if connection.vendor == "sqlite" else "TIMESTAMP WITH TIME ZONE"


def _moment(at: datetime) -> str:
    """Write a time as the databases keep it, in UTC and without a zone."""
    return f"CAST('{at.astimezone(UTC).replace(tzinfo=None)}' AS {_type()})"


def _time(column: datetime | str) -> datetime:
    # Of an aggregate SQLite says no type, so its text comes as it lies there.
    return as_time(datetime.fromisoformat(column) if isinstance(column, str) else column)
