"""Does every page render in each of its states, and do they keep what they must not say?"""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings as Settings
from django.template.loader import render_to_string
from django.test import Client

from safelight.kernel import clock
from safelight.surfaces.web import exams
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scenes import SCENES

BEFORE_THE_PROOF = ["open", "open-wrong", "code", "code-wrong", "code-disagreed", "waiting"]
ENDED = [name for name in SCENES if name.startswith("ended-")]


@pytest.fixture
def demo(settings: Settings) -> Client:
    settings.SAFELIGHT_DEMO = True
    return Client()


def _text(client: Client, name: str) -> str:
    answer = client.get(f"/internal/scenes/{name}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_has_one_heading_a_title_and_a_main_part(demo: Client, name: str) -> None:
    page = _text(demo, name)

    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ \u2013 Safelight</title>", page)
    assert page.count("<main ") == 1
    assert 'href="#main"' in page


@pytest.mark.parametrize("name", BEFORE_THE_PROOF + ENDED)
def test_nothing_names_the_exam_or_its_owner_before_the_address_is_proved(
    demo: Client, name: str
) -> None:
    page = _text(demo, name)

    assert cast.OWNER not in page
    assert "Chest" not in page


def test_what_is_absent_and_what_is_not_yours_read_the_same() -> None:
    assert render_to_string("403.html") == render_to_string("404.html")


def test_declining_is_as_large_as_consenting_and_nothing_is_ticked(demo: Client) -> None:
    page = _text(demo, "share-check")

    decline = re.search(r'<button class="([^"]+)"[^>]*name="decline"', page)
    release = re.search(r'<button class="([^"]+)"[^>]*data-passkey="confirm"', page)
    assert decline
    assert release
    assert set(decline[1].split()) - {"line"} == set(release[1].split()) - {"release"}


@pytest.mark.parametrize("name", ["share-what", "share-who", "share-why", "code"])
def test_no_choice_is_made_for_the_person(demo: Client, name: str) -> None:
    assert " checked" not in _text(demo, name)


def test_the_words_of_the_consent_stand_on_the_page_exactly_as_they_are_kept(
    demo: Client,
) -> None:
    page = _text(demo, "share-check")
    words = str(SCENES["share-check"].make(clock.now())["words"])

    assert words.startswith('<div class="consent-words">')
    assert words in page


@pytest.mark.parametrize(("show", "fitting"), [("shared", 2), ("private", 4), ("report", 2)])
def test_the_library_can_be_narrowed_to_what_exams_have_in_common(show: str, fitting: int) -> None:
    assert sum(map(exams._SHOWN[show], cast.exams(clock.now()))) == fitting


def test_the_fault_page_needs_nothing_at_all() -> None:
    assert "We made a mistake" in render_to_string("500.html")


@pytest.mark.django_db(databases=["default", "keys"])  # what is missed is counted
@pytest.mark.parametrize("address", ["/internal/pieces", "/internal/scenes/home"])
def test_only_a_demo_shows_internal_pages(settings: Settings, address: str) -> None:
    settings.SAFELIGHT_DEMO = False

    assert Client().get(address).status_code == 404


def test_the_page_of_pieces_shows_every_scene(demo: Client) -> None:
    page = demo.get("/internal/pieces").content.decode()

    assert all(f"/internal/scenes/{name}" in page for name in SCENES)
