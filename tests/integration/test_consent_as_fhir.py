"""Does another system get a consent in the shape that IHE's PCF asks for? (AT-05.4)

The rules are written here, apart from the code: every element that PCF Intermediate
requires, how often, with which codes, and what it does not allow.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.consent import Consent as FhirConsent

from cast import Person, make_person, party_of_person
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import consent_signer
from safelight.exchange.release.papers.telling import consent_as_fhir, consents_as_fhir
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.keys.signing import is_signed
from safelight.records.accounts.models import Kind
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
REQUIRED_ONCE = (
    "status",
    "scope",
    "patient",
    "dateTime",
    "sourceReference",
    "provision",
)
REQUIRED_SOME = ("category", "performer", "organization", "policy")
KINDS: tuple[dict[str, object], ...] = (
    {},
    {"kind": "attorney", "purpose": "legal"},
    {"kind": "researcher", "purpose": "research", "may_download": True},
    {"kind": "insurer", "purpose": "insurance"},
    {"purpose": "education"},
    {"purpose": "personal", "kind": "family-or-friend"},
    {"purpose": "other", "purpose_words": "to compare with my brother's"},
    {
        "further": "named",
        "further_named": (("Dr Nan Named", "nan@clinic.example"),),
        "further_purposes": ("treatment",),
    },
)
NOT_ALLOWED = ("policyRule", "verification")
NOT_ALLOWED_IN_PROVISION = ("action", "class", "code", "securityLabel", "provision")


def faults(consent: dict[str, Any]) -> list[str]:
    """Name everything that PCF Intermediate asks for and a consent lacks."""
    found = [name for name in REQUIRED_ONCE if not consent.get(name)]
    found += [name for name in REQUIRED_ONCE if isinstance(consent.get(name), list)]
    found += [name for name in REQUIRED_SOME if not isinstance(consent.get(name), list)]
    found += [f"not {name}" for name in NOT_ALLOWED if name in consent]
    scope = consent["scope"]["coding"][0]
    if (scope["system"], scope["code"]) != (f"{TERMINOLOGY}/consentscope", "patient-privacy"):
        found.append("scope is patient-privacy")
    if not any(each["coding"][0]["code"] == "59284-0" for each in consent["category"]):
        found.append("category is a consent document")
    if [set(each) for each in consent["policy"]] != [{"uri"}]:
        found.append("one policy, by its address")
    held = {f"#{each['id']}" for each in consent["contained"]}
    named = {text for text in references(consent) if text.startswith("#")}
    found += [f"{text} is not there" for text in sorted(named - held)]
    return found + provision_faults(consent["provision"])


def provision_faults(provision: dict[str, Any]) -> list[str]:
    """Name what its provision lacks."""
    found = [] if provision["type"] in {"permit", "deny"} else ["provision.type"]
    found += [f"not provision.{name}" for name in NOT_ALLOWED_IN_PROVISION if name in provision]
    for actor in provision["actor"]:
        role = actor["role"]["coding"][0]
        if (role["system"], role["code"]) != (f"{TERMINOLOGY}/v3-ParticipationType", "IRCP"):
            found.append("actor.role is IRCP")
        if not actor["reference"].get("reference"):
            found.append("actor.reference")
    if not provision["purpose"] or not all(
        each["system"] == f"{TERMINOLOGY}/v3-ActReason" for each in provision["purpose"]
    ):
        found.append("purpose")
    if not {"start", "end"} <= set(provision["period"]):
        found.append("period")
    if not provision["data"] or {each["meaning"] for each in provision["data"]} != {"instance"}:
        found.append("data by instance")
    return found


def references(value: object) -> list[str]:
    """Return every reference below a value."""
    if isinstance(value, list):
        return [text for each in value for text in references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) else []
    return own + [text for each in value.values() for text in references(each)]


def told(story: Story, **changes: object) -> dict[str, Any]:
    shared = story.share(**changes)
    read: dict[str, Any] = json.loads(
        consent_as_fhir(story.party, shared.consent_id, at=clock.now())
    )
    return read


def contained(consent: dict[str, Any], identity: str) -> dict[str, Any]:
    (found,) = [each for each in consent["contained"] if each["id"] == identity]
    return dict(found)


def extension(consent: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    (found,) = [each for each in consent["extension"] if each["url"].endswith(f":{name}")]
    return [
        (part["url"], next(value for key, value in part.items() if key != "url"))
        for part in found["extension"]
    ]


def test_each_kind_of_consent_has_the_shape(story: Story) -> None:
    for changes in KINDS:
        consent = told(story, **changes)
        assert faults(consent) == [], changes
        FhirConsent.model_validate(consent)


def test_it_says_what_was_agreed(story: Story) -> None:
    shared = story.share(kind="attorney", purpose="legal", may_download=True)
    row = Consent.objects.get(pk=shared.consent_id)
    consent = json.loads(consent_as_fhir(story.party, shared.consent_id, at=clock.now()))

    assert consent["status"] == "active"
    assert contained(consent, "patient")["name"] == [{"text": "Olga Owner"}]
    assert consent["performer"] == [{"reference": "#patient", "display": "Olga Owner"}]
    assert contained(consent, "recipient")["telecom"][0]["value"] == "dr.dora@clinic.example"
    assert datetime.fromisoformat(consent["dateTime"]) - row.granted_at < timedelta(seconds=1)
    assert datetime.fromisoformat(consent["provision"]["period"]["end"]) == row.ends_at
    assert consent["provision"]["purpose"][0]["code"] == "HLEGAL"
    (data,) = consent["provision"]["data"]
    assert data["reference"]["reference"] == f"ImagingStudy/{to_text(story.study_id)}"
    assert consent["policy"][0]["uri"].endswith("/statement/1/")
    document = contained(consent, "receipt")
    assert document["type"]["coding"][0]["code"] == "64292-6"
    assert document["content"][0]["attachment"]["contentType"] == "application/pdf"
    terms = extension(consent, "terms")
    assert [value for name, value in terms if name == "action"] == ["download", "view"]
    assert extension(consent, "further-release") == [("kind", "none")]


def test_what_was_ended_or_is_over_is_inactive(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    ended, over = story.share(), story.share()
    withdraw(story.party, ended.consent_id, at=clock.now())
    moved_clock(timedelta(days=40))
    for shared in (ended, over):
        party = party_of_person(story.owner)
        consent = json.loads(consent_as_fhir(party, shared.consent_id, at=clock.now()))
        assert consent["status"] == "inactive"
        assert faults(consent) == []


def test_all_of_them_go_along_with_their_signatures(story: Story) -> None:
    shared = {story.share().consent_id, story.share(purpose="legal").consent_id}
    bundle: dict[str, Any] = json.loads(consents_as_fhir(story.party, at=clock.now()))

    Bundle.model_validate(bundle)
    made = [each["resource"] for each in bundle["entry"]]
    consents = {one["id"]: one for one in made if one["resourceType"] == "Consent"}
    assert set(consents) == {to_text(identity) for identity in shared}
    for proof in (one for one in made if one["resourceType"] == "Provenance"):
        consent = consents[proof["target"][0]["reference"].removeprefix("Consent/")]
        ((_, text),) = extension(consent, "signature-record")
        signature = base64.b64decode(proof["signature"][0]["data"])
        assert is_signed(consent_signer().public, text.encode(), signature)
    assert Entry.objects.filter(kind="consent.exported").count() == 1


def test_nobody_else_gets_it(story: Story, clinician: Person) -> None:
    shared = story.share()
    other = party_of_person(make_person("Sten Stranger", Kind.INDIVIDUAL))
    with pytest.raises(NotFoundError):
        consent_as_fhir(other, shared.consent_id, at=clock.now())
    assert json.loads(consents_as_fhir(other, at=clock.now()))["entry"] == []
    assert json.loads(consents_as_fhir(party_of_person(clinician), at=clock.now()))["entry"] == []


def test_the_pages_hand_it_over(story: Story) -> None:
    shared = story.share()
    browser = browser_of(story.owner, story.code())
    for path in (f"/consents/{to_text(shared.consent_id)}/fhir/", "/access/export/"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/fhir+json")
