"""Whatever people do with an exam, in whatever order: does what must always hold, hold?

Chance chooses acts among the real ones (share parts of it, take back, add pictures, mark them
sensitive), and every door is asked after each. The numbers are those of the requirements.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from modelled import ABOUT, ACTS, BORN, CANARY, NUMBER, Act, Stage
from safelight.exchange.release.models import Disclosure, Look
from safelight.governance.compliance.models import StatementVersion
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import verify_trail
from safelight.platform.notices.envelope import Envelope
from safelight.platform.notices.message import message
from safelight.platform.notices.models import Notice
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def stage(web: TestClient, story: Story) -> Stage:
    return Stage(web, story)


FEW = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_whatever_is_done_the_doors_give_what_was_agreed_and_the_trail_tells_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "safelight")

    @FEW
    @given(acts=st.lists(ACTS, min_size=3, max_size=6))
    def run(acts: list[Act]) -> None:
        model = stage.new_exam()
        for act in acts:
            stage.do(act, model)
            stage.doors_agree(model)

    run()
    assert Disclosure.objects.exists()
    every_look_was_allowed_and_recorded()
    every_disclosure_has_one_basis()
    sequence_once()
    trail = verify_trail()
    assert trail.is_whole  # I5
    assert trail.size > Disclosure.objects.count()
    nobody_is_named_in([caplog.text, *mails()])


def every_look_was_allowed_and_recorded() -> None:
    """I1: nothing left without a look, its entry in the trail, and, for others, a disclosure."""
    entries = set(Entry.objects.filter(kind="study.looked-at").values_list("subject", flat=True))
    for look in Look.objects.all():
        assert f"study/{look.study_id}" in entries
        assert (look.disclosure_id is None) == (look.consent_id is None)


def every_disclosure_has_one_basis() -> None:
    """I2: at its moment each disclosure rests on one consent that is live and names the exam."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id, COUNT(c.id) FROM release_disclosure d
            LEFT JOIN consent_consent c ON c.id = d.consent_id
              AND c.granted_at <= d.at AND c.starts_at <= d.at AND d.at < c.ends_at
              AND (c.revoked_at IS NULL OR d.at <= c.revoked_at)
              AND EXISTS (SELECT 1 FROM consent_consentitem i
                          WHERE i.consent_id = c.id AND i.study_id = d.study_id)
            WHERE d.basis = 'authorised' GROUP BY d.id
            """
        )
        assert {bases for _, bases in cursor.fetchall()} == {1}
    assert set(Disclosure.objects.values_list("basis", flat=True)) <= {"authorised", "self"}


def mails() -> Iterator[str]:
    """Read every message as it is sent."""
    for notice in Notice.objects.exclude(sealed=b""):
        envelope = Envelope.opened(bytes(notice.sealed), notice.notice_id)
        yield message(
            notice.template,
            envelope.facts,
            to=envelope.to,
            notice_id=notice.notice_id,
            at=notice.created_at,
        ).as_string()


def nobody_is_named_in(texts: list[str]) -> None:
    """I11: mail and logs hold no health information, nor whose it is."""
    assert len(texts) > 1
    for text in texts:
        for canary in (*CANARY.split("^"), NUMBER, BORN, *ABOUT.split(), "1.2.826.0.1"):
            assert canary.casefold() not in text.casefold()


def test_a_later_statement_never_widens_what_was_agreed_before(
    stage: Stage, moved_clock: Callable[[timedelta], datetime]
) -> None:
    """I16: a new version takes away until it is accepted, and adds nothing."""
    versions = count(100)

    @FEW
    @given(acts=st.lists(ACTS, min_size=2, max_size=4), days=st.integers(0, 3))
    def run(acts: list[Act], days: int) -> None:
        model = stage.new_exam()
        for act in acts:
            stage.do(act, model)
        before = terms_and_words()
        number = next(versions)
        StatementVersion.objects.create(
            number=number, sha256="0" * 64, effective_at=clock.now(), summary="", is_material=True
        )
        moved_clock(timedelta(days=days))
        assert terms_and_words() == before
        stage.doors_agree(model)

    def terms_and_words() -> list[tuple[bytes, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sealed_terms, sealed_words, signed_digest FROM consent_consent")
            return sorted(tuple(map(bytes, row)) for row in cursor.fetchall())

    run()
