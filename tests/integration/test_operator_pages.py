"""Do those that run the instance see how it is, and does nobody else, and nothing of a person?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from cast import app_code, give_second_factor, make_person
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.platform.jobs.models import Job, State
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint, dismiss
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
PAGES = ("/operate/", "/operate/health/")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
ADMIN = StaffRole.SYSTEM_ADMIN


def staff(*roles: StaffRole, name: str = "Sam Staff") -> Client:
    person = make_person(name, Kind.INDIVIDUAL)
    for role in roles:
        appoint(person.account.pk, role, by="operator", at=clock.now())
    return browser_of(person, app_code(give_second_factor(person)))


def dead_letter() -> Job:
    at = clock.now()
    return Job.objects.create(
        name="notices.deliver",
        state=State.DEAD,
        run_at=at,
        max_attempts=12,
        attempts=12,
        error="unsafe_mail",
        created_at=at,
        finished_at=at,
    )


@pytest.mark.parametrize("role", list(StaffRole))
def test_each_role_finds_the_pages_and_a_way_to_them(role: StaffRole) -> None:
    browser = staff(role)
    assert 'href="/operate/"' in browser.get("/exams/").text
    for page in PAGES:
        answer = browser.get(page)
        assert answer.status_code == 200
        assert 'href="/operate/health/"' in answer.text


def test_whoever_has_no_role_finds_nothing_and_no_way(clinician: object) -> None:
    del clinician
    browser = staff()
    assert "/operate/" not in browser.get("/exams/").text
    nothing = browser.get(f"/exams/{to_text(new_id())}/")
    for page in PAGES:
        answer = browser.get(page)
        assert answer.status_code == 404
        assert _TOKEN.sub("", answer.text) == _TOKEN.sub("", nothing.text)
        assert Client().get(page).status_code == 302
    job = to_text(dead_letter().pk)
    assert browser.post(f"/operate/health/{job}/again/").status_code == 404


def test_a_role_that_ended_opens_nothing_any_more() -> None:
    person = make_person("Sam Staff", Kind.INDIVIDUAL)
    appoint(person.account.pk, ADMIN, by="operator", at=clock.now())
    browser = browser_of(person, app_code(give_second_factor(person)))
    assert browser.get(PAGES[0]).status_code == 200
    dismiss(person.account.pk, ADMIN, by="operator", at=clock.now())
    assert browser.get(PAGES[0]).status_code == 404


def test_the_health_page_says_nothing_of_a_person(story: Story) -> None:
    said = staff(ADMIN).get("/operate/health/").text
    assert "Objects: 1," in said
    for secret in ("Olga", "CompressedSamples", str(story.dataset.StudyInstanceUID)):
        assert secret not in said


def test_an_administrator_lets_a_dead_job_begin_anew_and_that_is_on_record() -> None:
    job = dead_letter()
    address = f"/operate/health/{to_text(job.pk)}/again/"
    auditor, admin = staff(StaffRole.AUDITOR, name="Al Auditor"), staff(ADMIN)
    assert "unsafe_mail" in auditor.get("/operate/health/").text
    assert "Begin anew" not in auditor.get("/operate/health/").text
    assert auditor.post(address).status_code == 404
    assert "Begin anew" in admin.get("/operate/health/").text
    assert admin.get(address).status_code == 405
    assert admin.post(address).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.READY, 0)
    assert page_of(TrailFilter(kinds=["job.requeued"])).entries[0].reason == "notices.deliver"
    assert admin.post(f"/operate/health/{to_text(new_id())}/again/").status_code == 404


def test_what_is_late_is_said_with_what_to_do(
    moved_clock: Callable[[timedelta], object],
) -> None:
    del moved_clock
    at = clock.now() - timedelta(hours=2)
    Job.objects.create(name="jobs.prune", run_at=at, max_attempts=3, created_at=at)
    said = staff(ADMIN).get("/operate/health/").text
    assert "the oldest for 2 h 0 min too long" in said
    assert "See that the worker runs" in said
    assert "Something is wrong" in said


def test_a_certificate_that_ends_soon_is_found(
    tmp_path: Path, settings: pytest.MonkeyPatch
) -> None:
    settings.SAFELIGHT_TLS_CERT = str(_certificate(tmp_path, days=5))  # type: ignore[attr-defined]
    assert "Ends in 4 days" in staff(ADMIN).get("/operate/health/").text
    settings.SAFELIGHT_TLS_CERT = str(tmp_path / "none.pem")  # type: ignore[attr-defined]
    assert "The file cannot be read" in staff(ADMIN, name="Ann").get("/operate/health/").text


def _certificate(folder: Path, *, days: int) -> Path:
    from cryptography import x509  # noqa: PLC0415 (for this test alone)
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    at = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "cert.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
