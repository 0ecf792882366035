"""Every address, by every method, for every kind of actor, before every state of what it names.

Made from the routes that are served. What is due stands in tests/matrix, written by hand: an
address that names something and has no entry there fails. The cells themselves are asked in
the files `test_matrix_*.py`.
"""

from __future__ import annotations

from pathlib import Path

from matrix import needs
from matrix.asking import Address
from matrix.cells import PIECES, addresses, addresses_of
from walk import operations, pages, resources

HERE = Path(__file__).parent
# The demo's own pages: nobody's, but in a demo.
_OF_THE_DEMO = {"scene", "internal-picture", "statement-version", "statement-changes"}


def test_every_address_that_names_something_says_what_it_asks_for() -> None:
    named = {page.name for page in pages() if page.places} - _OF_THE_DEMO
    named |= {asked for asked in operations() if "{" in asked} | {"POST /drafts"}
    known = {asked.partition(" ")[2] for asked in needs.PAGES} | set(needs.API)
    assert known == named


def test_every_resource_that_is_read_is_an_exam_or_a_consent_or_follows_from_one() -> None:
    named = {page.name for page in resources() if page.places} - {"fhir-nothing"}
    # tests/integration/test_fhir_access.py asks for these by everybody.
    follows = {"fhir-patient", "fhir-report", "fhir-document", "fhir-event"}
    assert {asked.partition(" ")[2] for asked in needs.FHIR} | follows == named


def test_every_cell_is_asked_in_exactly_one_piece() -> None:
    """A cell is an address, a state of what it names and an actor: none is lost, none doubled."""

    def cells(found: list[Address]) -> int:
        return sum(len(needs.KINDS[each.need.kind]) for each in found)

    dealt = [each for piece in PIECES for each in addresses_of(piece)]
    assert sorted(each.asked for each in dealt) == sorted(each.asked for each in addresses())
    assert sum(cells(addresses_of(piece)) for piece in PIECES) == cells(addresses())
    assert {each.need.kind for each in dealt} == set(needs.KINDS)


def test_every_piece_is_asked_by_a_file_of_its_own() -> None:
    files = {each.stem.removeprefix("test_matrix_") for each in HERE.glob("test_matrix_*.py")}
    assert files == set(PIECES)
    for piece in PIECES:
        assert f'"{piece}", ' in (HERE / f"test_matrix_{piece}.py").read_text()
