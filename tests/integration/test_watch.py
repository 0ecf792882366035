"""Does misuse come to an alert, to those who must know, and to a stop, and nothing else to any?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import PASSWORD, Person, messages_to, party_of_person
from powers import Runner, security_officer
from safelight.governance.watch.alerts import acknowledge, close
from safelight.governance.watch.errors import AlertClosedError, WordsMissingError
from safelight.governance.watch.measures import Act, lift_by_hand
from safelight.governance.watch.models import (
    Alert,
    AlertState,
    Cursor,
    Measure,
    Seen,
    Verdict,
)
from safelight.governance.watch.reading import read_on
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.models import Hold, State
from safelight.records.accounts.queries import address_of
from story import Story, link_secret
from watching import alerts, guess, look_now, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def officer() -> Runner:
    return security_officer()


def templates_to(person: Person) -> list[str]:
    return [template for template, _ in messages_to(address_of(person.account))]


def test_eight_failures_on_an_account_are_an_alert_and_seven_are_none(
    owner: Person, stranger: Person, officer: Runner
) -> None:
    guess(owner, 8)
    guess(stranger, 7, "198.51.100.8")
    look_now()
    (alert,) = alerts("D2")
    assert (alert.subject, alert.count) == (f"account/{owner.account.pk}", 8)
    told = {
        facts["code"]: (template, facts)
        for template, facts in messages_to(address_of(officer.person.account))
    }
    assert told["D2"][0] == "alert"
    assert "Olga" not in str(told)
    assert "alert-sign-in" in templates_to(owner)
    assert not templates_to(stranger)


def test_who_is_guessed_at_signs_in_once_more_and_is_never_shut_out(
    owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    party = party_of_person(owner)
    guess(owner, 8)
    look_now()
    assert [(each.kind, each.subject) for each in Measure.objects.all()] == [
        (Act.STEP_UP, party.name)
    ]
    assert sign_in(address_of(owner.account), PASSWORD, "203.0.113.9") == 302, "from home"
    guess(owner, 2, "198.51.100.9")
    look_now()
    assert {each.form for each in alerts("D2")} == {"failed", "entered-after-failed"}
    assert Hold.objects.count() == 1, "one sign-in is asked for, however many alerts there are"
    owner.account.refresh_from_db()
    assert owner.account.state == State.ACTIVE


def test_a_network_that_tries_twenty_accounts_is_held_for_an_hour(
    owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    for number in range(19):
        sign_in(f"nobody{number}@people.example", "x", f"192.0.2.{number}")
    look_now()
    assert not alerts("D1")
    sign_in("one.more@people.example", "x", "192.0.2.200")
    look_now()
    (alert,) = alerts("D1")
    assert alert.count == 20
    assert alert.subject.startswith("network/")
    right = address_of(owner.account), PASSWORD
    assert sign_in(*right, "192.0.2.77") == 429, "the whole network waits"
    assert sign_in(*right, "192.0.3.77") == 302, "and no other"
    moved_clock(timedelta(hours=1, seconds=1))
    look_now()
    assert sign_in(*right, "192.0.2.77") == 302


def test_ten_addresses_that_are_not_yours_stop_the_token_that_asks(
    web: TestClient, story: Story, stranger: Person
) -> None:
    def ask(number: int) -> int:
        return web.get(f"/dicomweb/studies/1.2.{number}", headers=stranger.headers).status_code

    assert {ask(number) for number in range(9)} == {404}
    assert {ask(0) for _ in range(20)} == {404}
    look_now()
    assert not alerts("D6"), "nine, and one of them often"
    assert ask(99) == 404
    look_now()
    (alert,) = alerts("D6")
    assert alert.subject == f"account/{stranger.account.pk}"
    assert ask(100) == 401, "the token is nobody's now"
    assert web.get("/dicomweb/studies", headers=story.owner.headers).status_code == 200


def test_a_measure_is_taken_back_with_a_reason_and_by_staff_only(
    web: TestClient, stranger: Person, officer: Runner
) -> None:
    for number in range(10):
        web.get(f"/dicomweb/studies/1.2.{number}", headers=stranger.headers)
    look_now()
    measure = Measure.objects.get(kind=Act.SUSPEND_SESSION)
    with pytest.raises(NotFoundError):
        lift_by_hand(party_of_person(stranger), measure.pk, "It was me", at=clock.now())
    with pytest.raises(WordsMissingError):
        lift_by_hand(officer.party, measure.pk, " ", at=clock.now())
    lift_by_hand(officer.party, measure.pk, "A script of theirs with old ids", at=clock.now())
    assert web.get("/dicomweb/studies", headers=stranger.headers).status_code in {200, 204}
    measure.refresh_from_db()
    assert (measure.lifted_by, measure.lifted_words) == (
        officer.party.name,
        "A script of theirs with old ids",
    )


def test_an_alert_is_one_until_it_is_closed_with_words(owner: Person, officer: Runner) -> None:
    guess(owner, 8)
    look_now()
    guess(owner, 1, "198.51.100.8")
    look_now()
    (alert,) = alerts("D2")
    assert alert.count == 9
    acknowledge(officer.party, alert.pk, at=clock.now())
    with pytest.raises(NotFoundError):
        close(party_of_person(owner), alert.pk, Verdict.HARMLESS, "Mine", at=clock.now())
    with pytest.raises(WordsMissingError):
        close(officer.party, alert.pk, Verdict.HARMLESS, "", at=clock.now())
    close(officer.party, alert.pk, Verdict.HARMLESS, "Forgot her password", at=clock.now())
    with pytest.raises(AlertClosedError):
        acknowledge(officer.party, alert.pk, at=clock.now())
    look_now()
    assert not alerts("D2"), "what was judged is not judged again"
    guess(owner, 1, "198.51.100.8")
    look_now()
    assert len(alerts("D2")) == 1, "what goes on is a new alert"
    assert Alert.objects.filter(state=AlertState.CLOSED).count() == 1


def test_an_entry_is_counted_once_however_often_and_late_the_reader_comes(owner: Person) -> None:
    guess(owner, 7)
    for _ in range(3):
        look_now()
    assert not alerts()
    Cursor.objects.update(seq=0)
    while sequence_once():
        pass
    read_on(at=clock.now())
    assert Seen.objects.filter(rule="D2", what="failed").count() == 1
    assert not alerts()


def test_a_minute_that_is_over_counts_no_more_than_while_it_ran(
    owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    guess(owner, 8)
    look_now()
    assert [each.count for each in alerts("D2")] == [8]
    moved_clock(timedelta(minutes=2))
    look_now()
    assert [each.count for each in alerts("D2")] == [8]


def test_unknown_links_from_one_network_stop_that_network(owner: Person) -> None:
    client = Client(REMOTE_ADDR="192.0.2.55")
    for number in range(20):
        Client(REMOTE_ADDR=f"192.0.2.{number % 4}").post(f"/s/{to_text(new_id())}", {"secret": "x"})
    look_now()
    (alert,) = alerts("D7")
    assert (alert.form, alert.count) == ("unknown", 20)
    assert client.post(f"/s/{to_text(new_id())}", {"secret": "x"}).status_code == 429


def test_wrong_secrets_hold_a_link_for_a_quarter_of_an_hour_and_its_giver_knows(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    shared = story.share()
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.{number}.5").post(
            f"/s/{to_text(shared.share_id)}", {"secret": f"wrong{number}"}
        )
    look_now()
    assert [(each.form, each.count) for each in alerts("D7")] == [("wrong", 5)]
    right = {"secret": link_secret()}
    held = Client().post(f"/s/{to_text(shared.share_id)}", right)
    assert held.status_code != 302
    assert "share-held" in templates_to(story.owner)
    moved_clock(timedelta(minutes=16))
    look_now()
    assert Client().post(f"/s/{to_text(shared.share_id)}", right).status_code == 302
