"""Prepare one of two hospitals on its own instance, renew what they agreed, and read its ledger.

Run as a program with the folder of an instance; what it finds is printed as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from safelight.surfaces.cli.main import boot

THEIRS, OURS = "RIVER", "SAFELIGHT"


def send(pem: str, port: str) -> dict[str, Any]:
    """Let a patient claim the exam that the hospital keeps, and connect it with the clinic."""
    from acting import hospital_id, make_staff  # noqa: PLC0415 (after boot, as all below)
    from cast import make_person, party_of_person  # noqa: PLC0415
    from partnering import House, a_bond, a_partner, agree  # noqa: PLC0415
    from safelight.exchange.release.claiming import claim_record, offer_claim  # noqa: PLC0415
    from safelight.kernel import clock  # noqa: PLC0415
    from safelight.records.accounts.models import Kind, Role  # noqa: PLC0415

    people = [make_staff(each, Role.IMAGING_DESK) for each in ("Dana Desk", "Dirk Desk")]
    house = House(_id(hospital_id()), *people)
    patient = make_person("Nora Vega", Kind.INDIVIDUAL)
    at, today = clock.now(), clock.now().date()
    code = offer_claim(
        party_of_person(people[0]), "AB-17", "1980-02-03", "Identity card seen", at=at
    )[1]
    claim_record(party_of_person(patient), code, "1980-02-03", at=clock.now())
    partner = a_partner(house)
    told = {"they_send": False, "they_ask": False, "networks": "", "client_certificate": ""}
    wish = told | {"host": "127.0.0.1", "port": port}
    a_bond(house, partner, Path(pem).read_text(), **wish)  # type: ignore[arg-type]
    # Its end is more than a day away at any time of day, so that every session is over by then.
    agree(house, partner, "baa", today, today + timedelta(days=1))
    return {"ends": (today + timedelta(days=2)).isoformat()}


def receive(pem: str) -> dict[str, Any]:
    """Let the hospital's system in at the clinic, under an agreement of the clinic's own."""
    from partnering import a_bond, a_house, a_partner, agree  # noqa: PLC0415
    from safelight.kernel import clock  # noqa: PLC0415

    house = a_house("River")
    partner = a_partner(house, "Example Hospital")
    told = {"they_ask": False, "we_send": False, "server_certificate": "", "host": "", "port": "0"}
    wish = told | {"called": THEIRS, "calling": OURS, "networks": "127.0.0.1"}
    a_bond(house, partner, Path(pem).read_text(), **wish)  # type: ignore[arg-type]
    today = clock.now().date()
    agree(house, partner, "baa", today, today + timedelta(days=300))
    return {}


def renew() -> dict[str, Any]:
    """Record the next agreement as one of the desk, and verify it as the other."""
    from cast import Person  # noqa: PLC0415
    from partnering import House, agree  # noqa: PLC0415
    from safelight.kernel import clock  # noqa: PLC0415
    from safelight.records.accounts.models import Account  # noqa: PLC0415
    from safelight.records.partners.models import Partner  # noqa: PLC0415

    partner, today = Partner.objects.get(), clock.now().date()
    named = {each.name: Person(each, "") for each in Account.objects.all()}
    house = House(partner.organization_id, named["Dana Desk"], named["Dirk Desk"])
    agree(house, partner, "baa", today, today + timedelta(days=99))
    return {}


def ledger() -> dict[str, Any]:
    """Read what went out and what came in: each object's hash, and what is said of them all."""
    from safelight.exchange.receive.models import Channel, IntakeBatch  # noqa: PLC0415
    from safelight.exchange.release.models import Disclosure  # noqa: PLC0415
    from safelight.exchange.release.transfer.arriving import proof_of  # noqa: PLC0415
    from safelight.exchange.release.transfer.models import Transfer, TransferItem  # noqa: PLC0415
    from safelight.records.imaging.models import Instance  # noqa: PLC0415

    def of(state: str) -> dict[str, str]:
        items = TransferItem.objects.filter(state=state).values_list("instance_id", flat=True)
        return dict(map(_hashed, Instance.objects.filter(id__in=items)))

    batches = IntakeBatch.objects.filter(channel=Channel.DIMSE)
    rows = Disclosure.objects.filter(channel="transfer").order_by("at")
    return {
        "sent": of("sent"),
        "leaving": of("leaving"),
        "kept": dict(map(_hashed, Instance.objects.all())),
        "transfers": [
            {
                "sent": row.sent,
                "state": row.state,
                "proof": bytes(row.proof or b"").hex(),
                "proved": proof_of(row.pk).hex(),
            }
            for row in Transfer.objects.all()
        ],
        "disclosed": [(row.result, row.pictures) for row in rows],
        "came": [sum(each) for each in zip((0, 0, 0), *_counts(batches), strict=True)],
    }


def _counts(batches: Any) -> list[tuple[int, int, int]]:  # noqa: ANN401 (a query set)
    return list(batches.values_list("stored", "duplicate", "refused"))


def _hashed(row: Any) -> tuple[str, str]:  # noqa: ANN401 (a row of a model that is there after boot)
    from safelight.records.imaging.store import open_instance  # noqa: PLC0415

    stored = open_instance(row)
    card = stored.card
    data = stored.read(card.dataset_offset, card.dataset_size)
    return card.sop_instance_uid, hashlib.sha256(data).hexdigest()


def _id(text: str) -> Any:  # noqa: ANN401
    from uuid import UUID  # noqa: PLC0415

    return UUID(text)


if __name__ == "__main__":
    boot(Path(sys.argv[1]))
    acts = {"send": send, "receive": receive, "renew": renew, "ledger": ledger}
    sys.stdout.write(json.dumps(acts[sys.argv[2]](*sys.argv[3:])) + "\n")  # type: ignore[operator]
