"""What may each actor do with an institution's partners, connections and agreements?

Written by hand, apart from the code: they are the imaging desk's and the administrator's, and
another house has no part in any of it. A transfer is the desk's and the patient's.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from cast import Person
from matrix.need import Need, of
from matrix.objects import Thing
from partnering import House, a_bond, a_certificate, a_partner, agree
from safelight.exchange.access.connecting import close_connection, suspend_connection
from safelight.exchange.release.transfer.models import Transfer
from safelight.governance.agreements.recording import end_agreement
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.imaging.models import Study

KEEP: Final = "keep partners, connections and agreements"
FOLLOW: Final = "follow a transfer, stop it and try it again"
_KEEPERS: Final[dict[str, set[str]]] = {
    name: {KEEP} for name in ("desk", "second desk", "administrator")
}
_FOLLOWERS: Final[dict[str, set[str]]] = {
    name: {FOLLOW} for name in ("desk", "second desk", "owner")
}
PARTNERS: Final[dict[str, dict[str, dict[str, set[str]]]]] = {
    "partner": {"entered": _KEEPERS},
    "connection": {
        "draft": _KEEPERS,
        "open": _KEEPERS,
        "suspended": _KEEPERS,
        "closed": _KEEPERS,
    },
    "agreement": {"waiting": _KEEPERS, "in force": _KEEPERS, "ended": _KEEPERS},
    "transfer": {"queued": _FOLLOWERS, "stopped": _FOLLOWERS},
}
PARTNER_PAGES: Final[dict[str, Need]] = (
    of("partner", GET_desk_agreements=KEEP, POST_desk_agreements=KEEP)
    | of(
        "connection",
        GET_desk_connection=KEEP,
        POST_desk_connection=KEEP,
        GET_desk_connection_change=KEEP,
        POST_desk_connection_change=KEEP,
    )
    | of(
        "agreement",
        GET_desk_agreement=KEEP,
        POST_desk_agreement=KEEP,
        GET_desk_agreement_paper=KEEP,
    )
    | of("transfer", GET_transfer=FOLLOW, POST_transfer=FOLLOW)
)


def put_partners(people: dict[str, Person], folder: Path, study_id: UUID) -> list[Thing]:
    """Bring one of each into each state; the desk prepares, and its second checks."""
    place = people["desk"].account.memberships.get().organization_id
    house, pem = House(place, people["desk"], people["second desk"]), a_certificate(folder)
    partner = a_partner(house)
    at, today = clock.now(), clock.now().date()
    things = [Thing("partner", "entered", {"partner_id": to_text(partner.pk)})]
    for state in ("draft", "open", "suspended", "closed"):
        key = a_bond(house, partner, pem, opened=state != "draft", calling=state.upper()).row.pk
        if state == "open":
            bond_key = key
        if state == "suspended":
            suspend_connection(house.one, key, at=at)
        if state == "closed":
            close_connection(house.one, key, at=at)
        things.append(Thing("connection", state, {"connection_id": to_text(key)}))
    for state in ("waiting", "in force", "ended"):
        last = today + timedelta(days=40)
        key = agree(house, partner, "baa", today, last, verified=state != "waiting")
        if state == "ended":
            end_agreement(house.one, key, "They were bought", at=at)
        things.append(Thing("agreement", state, {"agreement_id": to_text(key)}))
    for state in ("queued", "stopped"):
        transfer = a_transfer(study_id, place, key=bond_key, state=state)
        things.append(Thing("transfer", state, {"transfer_id": to_text(transfer.pk)}))
    return things


def a_transfer(study_id: UUID, place: UUID, *, key: UUID, state: str) -> Transfer:
    """Write down a transfer of an exam over a connection of a house."""
    at = clock.now()
    return Transfer.objects.create(
        vault_id=Study.objects.get(pk=study_id).vault_id,
        study_id=study_id,
        organization_id=place,
        connection_id=key,
        ordered_by="account/somebody",
        ordered_at=at,
        changed_at=at,
        state=state,
        wanted=1,
    )
