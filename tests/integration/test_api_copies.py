"""How does a program prepare a share of a copy without a name, and look after such copies?"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from acting import make_helper
from api import Program, page_of, program_of
from canaries import TRACES, spoiled_ct
from cast import PASSWORD, Person, make_person, party_of_person
from copying import draft_of_a_copy, signed
from passing import shown_to
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.choosing_form import share_as_copy
from safelight.exchange.release.copies.jobs import make_copies_later
from safelight.exchange.release.models import Copying, Share
from safelight.exchange.release.remove import TIME_TO_UNDO
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.sharing.onward import start_onward
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.jobs.models import Job, State
from safelight.records.accounts.models import Kind
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import Study, StudyCopy
from story import DOCTOR, Story, another_ct, begin_story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
PUT, DROP = "PUT /drafts/{draft_id}/copy", "DELETE /drafts/{draft_id}/copy"
PRESENT, READ = "POST /drafts/{draft_id}/present", "GET /drafts/{draft_id}"


@pytest.fixture
def program(story: Story) -> Program:
    return program_of(story.owner, Scope.EXCHANGE_WRITE)


@pytest.fixture
def reader(story: Story) -> Program:
    return program_of(story.owner, Scope.EXCHANGE_READ, Scope.DICOMWEB_DELETE)


def begun(program: Program, story: Story, **changes: object) -> dict[str, str]:
    chosen: dict[str, Any] = {
        "exams": [to_text(story.study_id)],
        "series": [to_text(story.series_id)],
        "name": "Dr Dora Doctor",
        "address": DOCTOR,
        "kind": "researcher",
        "purpose": "research",
        "second_check": "waived",
    }
    return {"draft_id": program("POST /drafts", chosen | changes, status=201)["id"]}


def state_of(study_id: str) -> str:
    (state,) = (each.state for each in Study.objects.all() if to_text(each.id) == study_id)
    return str(state)


def test_a_program_has_a_copy_made_and_its_person_signs_exactly_that(
    web: Any,  # noqa: ANN401 (the stage's client)
    owner: Person,
) -> None:
    story = begin_story(web, owner, spoiled_ct())
    program = program_of(owner, Scope.EXCHANGE_WRITE)
    draft = begun(program, story)
    assert program(READ, ids=draft)["copy_without_name"] is None
    made = program(PUT, {}, ids=draft)
    assert (made["state"], made["is_current"], made["copied"]) == ("ready", True, 1)
    assert program(READ, ids=draft)["copy_without_name"] == made
    assert not Consent.objects.exists()

    shown = program(PRESENT, ids=draft)
    assert (shown["terms"]["form"], shown["terms"]["profile"]) == ("deidentified", "basic/2026c")
    assert {item["exam"] for item in shown["terms"]["items"]} == set(made["exams"])
    answer = {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": story.code(),
    }
    program("POST /drafts/{draft_id}/confirm", answer, status=201, ids=draft)
    assert Consent.objects.get().form == "deidentified"
    share = Share.objects.get()
    cookie = open_share(Shared(consent_id=share.consent_id, share_id=share.pk))
    party = guest(share.pk, cookie, at=clock.now())
    seen = [decide(party, Action.VIEW, each.pk, at=clock.now()) for each in Study.objects.all()]
    assert sorted(each.allowed for each in seen) == [False, True]


def test_what_cannot_be_copied_is_counted_and_nothing_is_signed(
    web: Any,  # noqa: ANN401 (the stage's client)
    owner: Person,
) -> None:
    story = begin_story(web, owner, another_ct(BurnedInAnnotation="YES"))
    program = program_of(owner, Scope.EXCHANGE_WRITE)
    draft = begun(program, story)
    made = program(PUT, {}, ids=draft)
    assert (made["state"], made["copied"], made["not_looked_at"]) == ("nothing", 0, 1)
    refused = program(PRESENT, status=422, ids=draft)
    assert [each["code"] for each in refused["errors"]] == ["invalid:form"]
    assert program(PUT, {"looked_at": True}, ids=draft)["state"] == "ready"
    assert program(PRESENT, ids=draft)["terms"]["form"] == "deidentified"


def test_a_great_copy_is_waited_for(
    story: Story, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.exchange.release.sharing.copying.AT_ONCE_OBJECTS", 0)
    draft = begun(program, story)
    made = program(PUT, {}, ids=draft)
    assert (made["state"], made["wanted"], made["copied"]) == ("making", 1, 0)
    program(PRESENT, status=422, ids=draft)
    # Asked again, it is the same one.
    program(PUT, {}, ids=draft)
    make_copies_later.run({"copying_id": str(Copying.objects.get().pk)})
    assert program(READ, ids=draft)["copy_without_name"]["state"] == "ready"


def test_a_copy_that_nobody_goes_on_with_has_failed_and_can_be_asked_for_anew(
    story: Story, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.exchange.release.sharing.copying.AT_ONCE_OBJECTS", 0)
    draft = begun(program, story)
    program(PUT, {}, ids=draft)
    Job.objects.filter(name="release.make-copies").update(state=State.DEAD)
    assert program(READ, ids=draft)["copy_without_name"]["state"] == "failed"
    form = f"/share/{draft['draft_id']}/form/"
    browser = browser_of(story.owner, story.code())
    assert "did not work" in browser.get(form, secure=True).content.decode()
    assert program(PUT, {}, ids=draft)["state"] == "making"
    assert Copying.objects.count() == 2


def test_a_copy_of_something_else_than_is_chosen_is_not_current(
    story: Story, program: Program
) -> None:
    draft = begun(program, story)
    program(PUT, {}, ids=draft)
    changed = program("PATCH /drafts/{draft_id}", {"series": []}, ids=draft)
    assert changed["copy_without_name"]["is_current"] is False
    refused = program(PUT, {}, status=422, ids=draft)
    assert refused["code"] == "invalid:series"


@pytest.mark.parametrize("way", ["as it is after all", "not shared after all", "other pictures"])
def test_a_copy_that_nobody_was_shown_goes_with_the_choice(
    story: Story, program: Program, way: str
) -> None:
    draft = begun(program, story)
    (copy,) = program(PUT, {}, ids=draft)["exams"]
    if way == "as it is after all":
        program(DROP, status=204, ids=draft)
        assert program(READ, ids=draft)["copy_without_name"] is None
        program(DROP, status=204, ids=draft)
    elif way == "not shared after all":
        program("DELETE /drafts/{draft_id}", status=204, ids=draft)
    else:
        assert program(PUT, {"looked_at": True}, ids=draft)["exams"] != [copy]
    assert state_of(copy) == "removed"
    assert Study.objects.get(pk=story.study_id).state == "filed"


def test_a_copy_that_somebody_was_shown_stays(story: Story, program: Program) -> None:
    signed(story, draft_of_a_copy(story))
    shown = StudyCopy.objects.get().study_id
    draft = begun(program, story)
    program(PUT, {}, ids=draft)
    program("DELETE /drafts/{draft_id}", status=204, ids=draft)
    assert Study.objects.get(pk=shown).state == "filed"


def test_no_copy_is_made_of_a_copy(story: Story, program: Program) -> None:
    draft = begun(program, story)
    (copy,) = program(PUT, {}, ids=draft)["exams"]
    of_copy = {"draft_id": program("POST /drafts", {"exams": [copy]}, status=201)["id"]}
    assert program(PUT, {}, status=409, ids=of_copy)["code"] == "state_conflict"


def test_no_copy_is_made_of_what_others_shared(story: Story) -> None:
    clara = shown_to(
        story, make_person("Clara Clinician", Kind.PROVIDER, "Example Hospital"),
        further="class", further_classes=("clinician",), further_purposes=("treatment",),
    )  # fmt: skip
    draft = start_onward(clara.party, story.study_id, None, at=clock.now())
    with pytest.raises(StateConflictError):
        share_as_copy(clara.party, draft.id, looked_at=False, at=clock.now())
    assert not Copying.objects.exists()


def test_the_owner_lists_their_copies(story: Story, reader: Program) -> None:
    assert reader("GET /copies") == {"items": [], "next_offset": None}
    signed(story, draft_of_a_copy(story))
    draft_of_a_copy(story)
    listed = reader("GET /copies")["items"]
    newest, first = StudyCopy.objects.order_by("-made_at")
    assert [each["id"] for each in listed] == [to_text(newest.pk), to_text(first.pk)]
    assert {each["original"] for each in listed} == {to_text(story.study_id)}
    assert [each["was_shared"] for each in listed] == [False, True]
    assert {each["profile"] for each in listed} == {"basic/2026c"}
    assert {each["state"] for each in listed} == {"kept"}
    page = reader("GET /copies?limit=1")
    assert (page["items"], page["next_offset"]) == (listed[:1], 1)
    assert reader("GET /copies?limit=1&offset=1")["items"] == listed[1:]


def test_a_copy_is_removed_and_brought_back(
    story: Story,
    reader: Program,
    moved_clock: Any,  # noqa: ANN401 (the fixture)
) -> None:
    shared = signed(story, draft_of_a_copy(story))
    party = guest(shared.share_id, open_share(shared), at=clock.now())
    copy = StudyCopy.objects.get().study_id
    named = {"copy_id": to_text(copy)}
    reader("DELETE /copies/{copy_id}", status=204, ids=named)
    assert not decide(party, Action.VIEW, copy, at=clock.now()).allowed
    assert Study.objects.get(pk=story.study_id).state == "filed"
    reader("DELETE /copies/{copy_id}", status=404, ids=named)
    (listed,) = reader("GET /copies")["items"]
    assert (listed["state"], bool(listed["until"])) == ("removed", True)

    reader("POST /copies/{copy_id}/bring-back", status=204, ids=named)
    assert decide(party, Action.VIEW, copy, at=clock.now()).allowed
    kinds = Entry.objects.filter(subject=f"study/{copy}").values_list("kind", flat=True)
    assert {"study.removed", "study.restored"} <= set(kinds)
    reader("DELETE /copies/{copy_id}", status=204, ids=named)
    moved_clock(TIME_TO_UNDO)
    late = reader("POST /copies/{copy_id}/bring-back", status=409, ids=named)
    assert late["code"] == "state_conflict"


def test_only_copies_are_removed_here_and_only_by_who_may(
    story: Story, reader: Program, program: Program, stranger: Person
) -> None:
    draft_of_a_copy(story)
    named = {"copy_id": to_text(StudyCopy.objects.get().study_id)}
    exam = {"copy_id": to_text(story.study_id)}
    reader("DELETE /copies/{copy_id}", status=404, ids=exam)
    reader("POST /copies/{copy_id}/bring-back", status=404, ids=exam)
    refused = program("DELETE /copies/{copy_id}", status=403, ids=named)
    assert refused["code"] == "token_omits_scope"
    everything = program_of(stranger)
    everything("DELETE /copies/{copy_id}", status=404, ids=named)
    assert everything("GET /copies")["items"] == []
    nobody = Program(Client())
    assert nobody("GET /copies", status=401)["code"] == "auth_required"
    assert Study.objects.filter(state="removed").count() == 0


def test_a_page_of_ours_does_the_same_in_its_session(story: Story) -> None:
    draft_of_a_copy(story)
    script = page_of(browser_of(story.owner, story.code()))
    (listed,) = script("GET /copies")["items"]
    script("DELETE /copies/{copy_id}", status=204, ids={"copy_id": listed["id"]})
    assert state_of(listed["id"]) == "removed"


def test_who_shares_for_somebody_makes_copies_and_takes_them_back(story: Story) -> None:
    hana = make_person("Hana Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, hana, may_share=True)
    assert decide(party_of_person(hana), Action.PREPARE, story.study_id, at=clock.now()).allowed
    program = program_of(hana)
    draft = begun(program, story)
    (copy,) = program(PUT, {}, ids=draft)["exams"]
    assert [each["id"] for each in program("GET /copies")["items"]] == [copy]
    program("DELETE /copies/{copy_id}", status=404, ids={"copy_id": copy})
    program(DROP, status=204, ids=draft)
    assert state_of(copy) == "removed"


def test_nothing_that_is_answered_holds_a_word_of_the_file(
    web: Any,  # noqa: ANN401 (the stage's client)
    owner: Person,
) -> None:
    story = begin_story(web, owner, spoiled_ct())
    draft_of_a_copy(story)
    told = orjson.dumps(program_of(owner)("GET /copies"))
    assert [trace for trace in TRACES if trace in told] == []
