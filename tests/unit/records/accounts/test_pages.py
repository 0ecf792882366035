"""The account pages, walked through as a person walks through them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance.actions import Circumstances, accept
from safelight.governance.compliance.models import Acceptance
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.notices.envelope import Envelope
from safelight.platform.notices.models import Notice
from safelight.records.accounts.models import Account, Session, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


class App(Protocol):
    """Shows codes."""

    def code(self, steps: int = 0) -> str:
        """Show the code of now."""


@pytest.fixture
def browser() -> Client:
    return Client(headers={"User-Agent": FIREFOX}, enforce_csrf_checks=False)


@pytest.fixture
def member(owner: Account) -> Account:
    """Let the owner have accepted the statement."""
    accept(owner, CURRENT, Circumstances("", ""), at=clock.now())
    return owner


@pytest.fixture
def _moving_clock() -> Iterator[None]:
    clock.allow_moving()
    yield
    clock.reset()


def registration(**changed: object) -> dict[str, object]:
    asked = {
        "name": "Nora New",
        "email": "nora@example.org",
        "password": "nine lives of a grey cat",
        "statement": CURRENT,
        "accept": "on",
    }
    return {name: value for name, value in (asked | changed).items() if value is not None}


def last_mail() -> tuple[str, str, dict[str, str]]:
    notice = Notice.objects.latest("created_at")
    envelope = Envelope.opened(bytes(notice.sealed or b""), notice.notice_id)
    return notice.template, envelope.to, dict(envelope.facts)


def with_password(browser: Client, password: str = PASSWORD) -> HttpResponse:
    asked = {"email": ADDRESS, "password": password}
    return browser.post("/account/sign-in/", asked)  # type: ignore[return-value]


def signed_in(browser: Client, app: App) -> Client:
    with_password(browser)
    answer = browser.post("/account/sign-in/factor/", {"code": app.code()})
    assert answer.status_code == 302
    return browser


def data_in(page: Any, name: str) -> Any:  # noqa: ANN401 (what the page holds)
    found = re.search(rf'<script id="{name}"[^>]*>(.*?)</script>', page.content.decode())
    assert found
    return json.loads(found[1])


def challenge_in(page: Any) -> str:  # noqa: ANN401 (Django's test answer)
    found = re.search(r'name="confirm-challenge" value="(\w{26})"', page.content.decode())
    assert found
    return found[1]


def test_a_person_registers_proves_the_address_adds_an_app_and_is_in(browser: Client) -> None:
    assert browser.post("/account/register/", registration()).status_code == 302
    template, to, facts = last_mail()
    assert (template, to) == ("verify-address", "nora@example.org")

    answer = browser.post("/account/verify/", {"code": facts["code"]})
    assert answer["Location"] == "/account/security/factors/add/"
    assert Session.objects.get(account__isnull=False).aal == 1

    page = browser.get("/account/security/factors/app/")
    secret = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page.content.decode())
    assert secret
    answer = browser.post(
        "/account/security/factors/app/", {"code": code_for(secret[1].replace(" ", ""))}
    )
    codes = browser.get(answer["Location"]).content.decode()
    assert len(re.findall(r"<li><code>\d{8}</code></li>", codes)) == 10
    assert "<ol" not in browser.get(answer["Location"]).content.decode()

    session = Session.objects.get(account__isnull=False)
    assert session.aal == 2
    assert session.device == "Firefox on Windows"
    account = Account.objects.get()
    assert (account.state, account.name) == (State.ACTIVE, "Nora New")
    kept = Acceptance.objects.get()
    assert (kept.account, kept.version.number, len(kept.sha256)) == (account, CURRENT, 64)


def code_for(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import (  # noqa: PLC0415 (the app on the phone)
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def test_without_the_ticked_box_there_is_no_account(browser: Client) -> None:
    answer = browser.post("/account/register/", registration(accept=None))

    assert answer.status_code == 422
    assert "tick the box" in answer.content.decode()
    assert not Account.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "password1234"}, "Too many people use this password"),
        ({"password": "short"}, "at least 10 characters"),
        ({"email": "nobody"}, "does not look like an e-mail address"),
        ({"name": "  "}, "Tell us your name"),
        ({"statement": "7"}, "not the current one"),
    ],
)
def test_a_faulty_registration_says_what_is_wrong(
    browser: Client, changed: dict[str, object], said: str
) -> None:
    answer = browser.post("/account/register/", registration(**changed))

    assert answer.status_code in {409, 422}
    assert said in answer.content.decode()
    assert not Account.objects.exists()


def test_a_known_address_gets_the_same_page_and_another_mail(
    browser: Client, owner: Account
) -> None:
    known = browser.post("/account/register/", registration(email=ADDRESS.upper()))
    page_of_known = browser.get("/account/verify/").content.decode()
    template, to, _ = last_mail()
    other = Client(headers={"User-Agent": FIREFOX})
    fresh = other.post("/account/register/", registration(email="fresh@example.org"))
    page_of_fresh = other.get("/account/verify/").content.decode()

    assert (template, to) == ("address-already-known", ADDRESS)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert _alike(page_of_known, ADDRESS.upper()) == _alike(page_of_fresh, "fresh@example.org")
    assert Account.objects.count() == 2
    for _ in range(6):
        answer = browser.post("/account/verify/", {"code": "123456"})
        assert answer.status_code == 422
        same = other.post("/account/verify/", {"code": "abc"})
        assert _alike(answer.content.decode(), ADDRESS.upper()).replace("123456", "abc") == _alike(
            same.content.decode(), "fresh@example.org"
        )


def _alike(page: str, address: str) -> str:
    without_token = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return without_token.replace(address, "ADDRESS")


def test_an_address_is_not_flooded_with_mail(owner: Account) -> None:
    for address in (ADDRESS, "fresh@example.org"):
        codes = [
            Client().post("/account/register/", registration(email=address)).status_code
            for _ in range(6)
        ]
        assert codes == [302] * 5 + [429]


def test_the_code_is_sent_again_on_demand(browser: Client) -> None:
    browser.post("/account/register/", registration())
    first = last_mail()[2]["code"]
    browser.post("/account/verify/again/")
    second = last_mail()[2]["code"]

    assert browser.post("/account/verify/", {"code": first}).status_code == 422 or first == second
    assert browser.post("/account/verify/", {"code": second}).status_code == 302


def test_five_wrong_codes_use_a_proof_up(browser: Client) -> None:
    browser.post("/account/register/", registration())
    code = last_mail()[2]["code"]
    for _ in range(5):
        browser.post("/account/verify/", {"code": "xxxxxx"})

    assert browser.post("/account/verify/", {"code": code}).status_code == 422
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_who_never_proved_the_address_is_asked_at_sign_in(browser: Client) -> None:
    browser.post("/account/register/", registration())
    other = Client()
    answer = other.post(
        "/account/sign-in/",
        {"email": "Nora@Example.org", "password": "nine lives of a grey cat"},
    )

    assert answer["Location"] == "/account/verify/"
    assert other.post("/account/verify/", {"code": last_mail()[2]["code"]}).status_code == 302


def test_somebody_elses_claim_does_not_bar_the_holder_of_an_address(browser: Client) -> None:
    browser.post("/account/register/", registration(password="planted by an attacker"))
    planted = last_mail()[2]["code"]
    holder = Client()
    holder.post("/account/register/", registration())
    code = last_mail()[2]["code"]

    assert holder.post("/account/verify/", {"code": code}).status_code == 302
    assert browser.post("/account/verify/", {"code": planted}).status_code == 422
    assert EmailAddress.objects.filter(verified=True).count() == 1


def test_signing_in_takes_the_password_and_then_a_code(
    browser: Client, member: Account, app: App
) -> None:
    assert with_password(browser)["Location"] == "/account/sign-in/factor/"
    assert browser.get("/account/security/")["Location"].startswith("/account/sign-in/")
    before = browser.cookies["__Host-session"].value

    answer = browser.post("/account/sign-in/factor/", {"code": app.code()})

    assert answer["Location"] == "/"
    cookie = browser.cookies["__Host-session"]
    assert cookie.value != before
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True,
        True,
        "Lax",
        "/",
    )
    assert "Firefox on Windows" in browser.get("/account/security/").content.decode()


@pytest.mark.parametrize("address", [ADDRESS, "nobody@example.org", "no address at all"])
def test_a_wrong_password_and_an_unknown_address_look_alike(
    browser: Client, owner: Account, address: str
) -> None:
    answer = browser.post("/account/sign-in/", {"email": address, "password": "wrong password"})

    assert answer.status_code == 401
    assert "do not go together" in answer.content.decode()


def test_a_code_signs_in_only_once(browser: Client, member: Account, app: App) -> None:
    code = app.code()
    with_password(browser)
    browser.post("/account/sign-in/factor/", {"code": code})
    other = Client()
    with_password(other)

    assert other.post("/account/sign-in/factor/", {"code": code}).status_code == 422
    assert other.post("/account/sign-in/factor/", {"code": app.code(1)}).status_code == 302


def test_a_recovery_code_signs_in_only_once(browser: Client, member: Account, app: App) -> None:
    from safelight.records.accounts.actions.factors import (  # noqa: PLC0415 (one use)
        make_recovery_codes,
    )

    code = make_recovery_codes(member, at=clock.now())[3]
    with_password(browser)
    assert browser.post("/account/sign-in/factor/", {"code": code}).status_code == 302
    other = Client()
    with_password(other)

    assert other.post("/account/sign-in/factor/", {"code": code}).status_code == 422


def test_guessing_codes_is_slowed_down(browser: Client, member: Account, app: App) -> None:
    with_password(browser)
    answers = [browser.post("/account/sign-in/factor/", {"code": "000000"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert browser.post("/account/sign-in/factor/", {"code": app.code()}).status_code == 429


def test_guessing_passwords_is_slowed_down_and_a_restart_forgets_nothing(
    browser: Client, member: Account, app: App
) -> None:
    codes = [with_password(Client(), "wrong password").status_code for _ in range(11)]

    assert codes == [401] * 10 + [429]
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert with_password(elsewhere)["Location"] == "/account/sign-in/factor/"


def test_a_session_at_the_lower_level_reaches_nothing_but_the_lead_in(
    browser: Client, owner: Account
) -> None:
    assert with_password(browser).status_code == 302

    assert browser.get("/anything/")["Location"] == "/account/statement/"
    assert browser.get("/api/v1/anything").json()["code"] == "policy_acceptance_required"
    page = browser.get("/account/statement/").content.decode()
    assert "Your pictures are yours" in page
    assert browser.post("/account/statement/", {"statement": CURRENT}).status_code == 422
    browser.post("/account/statement/", {"statement": CURRENT, "accept": "on"})

    assert browser.get("/anything/")["Location"] == "/account/security/factors/add/"
    assert browser.get("/api/v1/anything").json()["code"] == "stepup_required"


def test_a_passkey_is_made_and_then_signs_in_alone(
    browser: Client, member: Account, soft_authenticator: Callable[..., Any]
) -> None:
    passkey = soft_authenticator()
    with_password(browser)
    page = browser.get("/account/security/factors/passkey/")
    credential = passkey.create(data_in(page, "passkey-options"))
    answer = browser.post(
        "/account/security/factors/passkey/",
        {"name": "My phone", "credential": json.dumps(credential)},
    )
    assert answer["Location"] == "/account/security/codes/"
    assert Authenticator.objects.get(type="webauthn").wrap().name == "My phone"

    other = Client()
    question = other.get("/account/sign-in/passkey/question/").json()
    assert question["publicKey"]["rpId"] == "localhost"
    assert not question["publicKey"].get("allowCredentials")
    answer = other.post(
        "/account/sign-in/passkey/", {"credential": json.dumps(passkey.get(question))}
    )

    assert answer.json() == {"next": "/"}
    assert other.get("/account/security/").status_code == 200
    assert {row.aal for row in Session.objects.filter(account=member)} == {2}


@pytest.mark.parametrize("fault", ["replayed", "unverified", "elsewhere", "garbage"])
def test_a_faulty_passkey_answer_signs_nobody_in(
    browser: Client, member: Account, soft_authenticator: Callable[..., Any], fault: str
) -> None:
    passkey = soft_authenticator()
    with_password(browser)
    page = browser.get("/account/security/factors/passkey/")
    browser.post(
        "/account/security/factors/passkey/",
        {"credential": json.dumps(passkey.create(data_in(page, "passkey-options")))},
    )
    other = Client()
    question = other.get("/account/sign-in/passkey/question/").json()
    if fault == "unverified":
        passkey.flags &= ~4
    if fault == "elsewhere":
        passkey.origin = "https://safelight.example"
    said = json.dumps({"id": 1} if fault == "garbage" else passkey.get(question))
    if fault == "replayed":
        other.post("/account/sign-in/passkey/", {"credential": said})
        other = Client()
        other.get("/account/sign-in/passkey/question/")
    answer = other.post("/account/sign-in/passkey/", {"credential": said})

    assert answer.status_code == 401
    assert answer.json()["code"] == "auth_required"
    assert other.get("/account/security/").status_code == 302


def test_a_forgotten_password_is_replaced_and_every_session_ends(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)
    other = Client()
    assert other.post("/account/reset/", {"email": ADDRESS}).status_code == 302
    template, _, facts = last_mail()
    assert template == "reset-password"
    weak = {"code": facts["code"], "password": "password1234"}
    assert other.post("/account/reset/code/", weak).status_code == 422
    chosen = {"code": facts["code"], "password": "entirely other words now"}
    assert other.post("/account/reset/code/", chosen)["Location"] == "/account/sign-in/"

    assert last_mail()[0] == "password-changed"
    assert browser.get("/account/security/").status_code == 302
    assert with_password(Client()).status_code == 401
    assert with_password(Client(), "entirely other words now").status_code == 302


def test_a_reset_looks_alike_for_an_unknown_address(browser: Client, owner: Account) -> None:
    answers = {}
    for address in (ADDRESS, "nobody@example.org"):
        client = Client()
        asked = client.post("/account/reset/", {"email": address})
        page = client.get(asked["Location"])
        wrong = client.post(
            "/account/reset/code/", {"code": "000000x", "password": "entirely other words"}
        )
        answers[address] = (
            asked.status_code,
            asked["Location"],
            _alike(page.content.decode(), address),
            wrong.status_code,
            _alike(wrong.content.decode(), address),
        )

    assert answers[ADDRESS] == answers["nobody@example.org"]
    assert last_mail()[0] == "address-unknown"


def test_a_reset_can_be_asked_three_times_an_hour(owner: Account) -> None:
    codes = [Client().post("/account/reset/", {"email": ADDRESS}).status_code for _ in range(4)]

    assert codes == [302, 302, 302, 429]


@pytest.mark.usefixtures("_moving_clock")
def test_an_idle_session_is_over(browser: Client, member: Account, app: App) -> None:
    signed_in(browser, app)
    clock.move(timedelta(minutes=31))

    assert browser.get("/account/security/")["Location"].startswith("/account/sign-in/")


def test_sign_out_everywhere_ends_all_sessions(browser: Client, member: Account, app: App) -> None:
    signed_in(browser, app)
    other = Client()
    with_password(other)
    other.post("/account/sign-in/factor/", {"code": app.code(1)})
    assert other.get("/account/security/").content.decode().count("Sign out there") == 1

    browser.post("/account/security/sessions/end/")

    assert not Session.objects.filter(account=member).exists()
    assert other.get("/account/security/").status_code == 302


def test_one_of_several_sessions_is_ended_and_the_others_go_on(
    browser: Client, member: Account, app: App
) -> None:
    from safelight.kernel.ids import to_text  # noqa: PLC0415 (one use)

    signed_in(browser, app)
    other = Client()
    with_password(other)
    other.post("/account/sign-in/factor/", {"code": app.code(1)})
    newest = Session.objects.filter(account=member).latest("created_at")
    assert browser.post(f"/account/security/sessions/{to_text(newest.pk)}/end/").status_code == 302

    assert other.get("/account/security/").status_code == 302
    assert browser.get("/account/security/").status_code == 200
    entry = Entry.objects.get(kind="account.session-ended")
    assert to_text(newest.pk) in entry.text or str(newest.pk) in entry.text


def test_nobody_ends_anothers_session(
    browser: Client, member: Account, app: App, stranger: Account
) -> None:
    from safelight.kernel.ids import to_text  # noqa: PLC0415 (one use)

    signed_in(browser, app)
    theirs = Session.objects.create(
        key_hash=b"x" * 32,
        account=stranger,
        data={},
        device="",
        created_at=clock.now(),
        last_seen_at=clock.now(),
    )
    answer = browser.post(f"/account/security/sessions/{to_text(theirs.pk)}/end/")

    assert answer.status_code == 404
    assert Session.objects.filter(pk=theirs.pk).exists()


def test_a_new_device_is_announced_and_a_known_one_is_not(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)
    assert not Notice.objects.exists()
    browser.post("/account/sign-out/")
    with_password(browser)
    browser.post("/account/sign-in/factor/", {"code": app.code(1)})
    assert not Notice.objects.exists()

    Authenticator.objects.filter(type="totp").update(data=_never_used(member))
    other = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/18 Safari/604.1"})
    with_password(other)
    other.post("/account/sign-in/factor/", {"code": app.code()})
    template, to, facts = last_mail()

    assert (template, to) == ("new-device", ADDRESS)
    assert facts["device"] == "Safari on an iPhone"


def _never_used(account: Account) -> dict[str, str]:
    data = dict(Authenticator.objects.get(user=account, type="totp").data)
    data.pop("last_counter", None)
    return data


def test_the_password_changes_only_with_a_confirmation(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)
    where = "/account/security/password/"
    asked = {
        "new_password": "entirely other words now",
        "confirm-challenge": challenge_in(browser.get(where)),
        "confirm-password": PASSWORD,
    }
    assert browser.post(where, {"new_password": asked["new_password"]}).status_code == 401
    assert browser.post(where, asked | {"confirm-code": "000000"}).status_code == 422
    page = browser.get(where)
    asked["confirm-challenge"] = challenge_in(page)
    answer = browser.post(where, asked | {"confirm-code": app.code(1)})

    assert answer["Location"] == "/account/sign-in/"
    assert with_password(Client(), "entirely other words now").status_code == 302


def test_a_confirmation_gives_the_session_a_fresh_key(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)
    copied = Client()
    copied.cookies["__Host-session"] = browser.cookies["__Host-session"].value
    where = "/account/security/codes/"
    answer = browser.post(
        where,
        {
            "confirm-challenge": challenge_in(browser.get(where)),
            "confirm-password": PASSWORD,
            "confirm-code": app.code(1),
        },
    )

    assert answer.status_code == 302
    assert browser.get(where).status_code == 200
    assert copied.get(where).status_code == 302


def test_a_confirmation_for_one_act_does_not_serve_another(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)
    answer = browser.post(
        "/account/security/password/",
        {
            "new_password": "entirely other words now",
            "confirm-challenge": challenge_in(browser.get("/account/security/codes/")),
            "confirm-password": PASSWORD,
            "confirm-code": app.code(1),
        },
    )

    assert answer.status_code == 403
    assert with_password(Client()).status_code == 302


def test_the_last_factor_cannot_be_removed_and_another_can(
    browser: Client, member: Account, app: App, soft_authenticator: Callable[..., Any]
) -> None:
    signed_in(browser, app)
    passkey = soft_authenticator()
    where = "/account/security/factors/passkey/"
    page = browser.get(where)
    credential = json.dumps(passkey.create(data_in(page, "passkey-options")))
    assert browser.post(where, {"credential": credential}).status_code == 401
    page = browser.get(where)
    added = browser.post(
        where,
        {
            "credential": json.dumps(passkey.create(data_in(page, "passkey-options"))),
            "confirm-challenge": challenge_in(page),
            "confirm-password": PASSWORD,
            "confirm-code": app.code(1),
        },
    )
    assert added.status_code == 302
    app_row = Authenticator.objects.get(type="totp")
    where = f"/account/security/factors/{app_row.pk}/remove/"
    page = browser.get(where)
    confirmed = {
        "confirm-challenge": challenge_in(page),
        "confirm-credential": json.dumps(passkey.get(data_in(page, "confirm-options"))),
    }
    assert browser.post(where, confirmed).status_code == 302
    assert not Authenticator.objects.filter(type="totp").exists()
    assert last_mail()[0] == "factor-changed"

    last = Authenticator.objects.get(type="webauthn")
    where = f"/account/security/factors/{last.pk}/remove/"
    page = browser.get(where)
    confirmed = {
        "confirm-challenge": challenge_in(page),
        "confirm-credential": json.dumps(passkey.get(data_in(page, "confirm-options"))),
    }
    assert browser.post(where, confirmed).status_code == 409
    assert Authenticator.objects.filter(pk=last.pk).exists()


def test_a_token_is_shown_once_and_can_be_ended(browser: Client, member: Account, app: App) -> None:
    from safelight.records.accounts.actors import actor_of_token  # noqa: PLC0415 (one use)

    signed_in(browser, app)
    where = "/account/security/tokens/"
    answer = browser.post(
        where,
        {
            "label": "My archive",
            "days": "30",
            "may_prepare": "on",
            "confirm-challenge": challenge_in(browser.get(where)),
            "confirm-password": PASSWORD,
            "confirm-code": app.code(1),
        },
    )
    text = re.search(r"sl_api_\w+", answer.content.decode())
    assert text
    actor = actor_of_token(text[0], at=clock.now())
    scopes = frozenset({"dicomweb:read", "exchange:read", "exchange:write"})
    assert (actor.account_id, actor.token_scopes) == (member.pk, scopes)

    page = browser.get("/account/security/").content.decode()
    assert "My archive" in page
    assert text[0] not in page
    ending = re.search(r'action="(/account/security/tokens/\w+/revoke/)"', page)
    assert ending
    browser.post(ending[1])
    assert not actor_of_token(text[0], at=clock.now()).is_known


def test_after_sign_in_only_our_own_paths_are_gone_to(
    browser: Client, member: Account, app: App
) -> None:
    for wanted, gone_to in (
        ("/exams/1", "/exams/1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
    ):
        Authenticator.objects.filter(type="totp").update(data=_never_used(member))
        client = Client()
        client.get("/account/sign-in/", {"next": wanted})
        with_password(client)
        answer = client.post("/account/sign-in/factor/", {"code": app.code()})
        assert answer["Location"] == gone_to


def test_forms_need_the_csrf_token(owner: Account) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert with_password(strict).status_code == 403


def test_every_step_is_in_the_record_without_a_readable_name(
    browser: Client, member: Account, app: App
) -> None:
    with_password(Client(), "wrong password")
    signed_in(browser, app)
    browser.post("/account/sign-out/")

    kinds = list(Entry.objects.values_list("kind", flat=True))
    for kind in ("account.sign-in-refused", "account.signed-in", "account.signed-out"):
        assert kind in kinds
    said = " ".join(Entry.objects.values_list("text", flat=True))
    assert "Ada" not in said
    assert "example.org" not in said
    assert "127.0.0.1" not in said


def test_pages_of_a_person_are_kept_out_of_caches(
    browser: Client, member: Account, app: App
) -> None:
    signed_in(browser, app)

    assert browser.get("/account/security/")["Cache-Control"] == "no-store"
