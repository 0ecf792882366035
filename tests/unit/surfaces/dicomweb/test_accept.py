"""What a caller accepts is read as RFC 9110 and PS3.18 write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from safelight.surfaces.dicomweb.accept import Form, NotAcceptableError, choose, forms, wanted


def asking(*accept: str, query: str = "") -> Request:
    headers = [(b"accept", each.encode("latin-1")) for each in accept]
    return Request({"type": "http", "headers": headers, "query_string": query.encode()})


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("a/b", "a/b"),
        ("A/B", "a/b"),
        ("*/*", "a/b"),
        ("a/*", "a/b"),
        ("c/d;q=0.5, a/b;q=0.4", "c/d"),
        ("c/d;q=0, */*", "a/b"),
        ("x/y, c/d", "c/d"),
        ('x/y; p="a/b, */*", c/d', "c/d"),
    ],
)
def test_the_best_that_we_have_is_chosen(accept: str, chosen: str) -> None:
    assert choose(asking(accept), ["a/b", "c/d"]) == chosen


@pytest.mark.parametrize("accept", ["x/y", "a/b;q=0", "a/b;q=nan", "a/b;q=-1", "a", ","])
def test_what_we_do_not_have_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        choose(asking(accept), ["a/b"])


def test_nothing_said_means_anything() -> None:
    assert choose(asking(), ["a/b"]) == "a/b"


def test_the_address_may_say_it_as_well() -> None:
    assert choose(asking(query="accept=c/d"), ["a/b", "c/d"]) == "c/d"


def test_forms_keep_the_order_and_forget_what_does_not_fit() -> None:
    request = asking(
        'multipart/related; type="a/b"; transfer-syntax=1.2;q=0.5, image/x, a/b; transfer-syntax=*'
    )
    assert forms(request, "a/b") == [
        Form(single=True, media_type="a/b", transfer_syntax=""),
        Form(single=False, media_type="a/b", transfer_syntax="1.2"),
    ]


def test_a_header_of_any_letters_is_read_without_an_exception() -> None:
    for text in ('"', '";"', "a/b;;;", "a/b; =", "\xff\xfe", "a/b;q=" + "9" * 400):
        assert isinstance(wanted(asking(text)), list)


PIECES = st.sampled_from(
    ["multipart/related", "application/dicom", "*/*", "image/*", ";", ",", "type=", '"', "\\", "=",
     "transfer-syntax=*", "transfer-syntax=1.2", "q=0.5", "q=nan", "q=1e9", " ", "\t", "*", "'"]
)  # fmt: skip
HEADERS = st.lists(PIECES | st.characters(max_codepoint=255), max_size=30).map("".join)


@given(st.lists(HEADERS, max_size=3))
def test_any_header_gives_forms_that_fit_or_is_not_acceptable(headers: list[str]) -> None:
    request = asking(*headers)
    qualities = [each.quality for each in wanted(request)]
    assert qualities == sorted(qualities, reverse=True)
    assert all(0 < quality <= 1 for quality in qualities)
    try:
        found = forms(request, "application/dicom", "image/jls")
    except NotAcceptableError:
        return
    assert found
    assert {form.media_type for form in found} <= {"", "application/dicom", "image/jls"}


def test_quoted_and_unquoted_parameters_and_older_names_are_the_same() -> None:
    asked = 'multipart/related; type="image/x-jls"; transfer-syntax="1.2"'
    plain = "Multipart/Related;type=IMAGE/JLS ;transfer-syntax=1.2"
    assert forms(asking(asked), "image/jls") == forms(asking(plain), "image/jls")
    assert forms(asking("*/*"), "image/jls")[0].in_parts is False
    assert forms(asking("multipart/related"), "image/jls")[0].in_parts is True
