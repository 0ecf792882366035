"""The service says of itself what it serves: every address, method, key and form, and no other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from asking import store
from cast import Person
from objects import a_file
from permission_matrix import SERVICES
from safelight.dicom.registry.dictionary import tag_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WADL = "application/vnd.sun.wadl+xml"
_SPACE = "{http://wadl.dev.java.net/2009/02}"


def described(web: TestClient) -> ET.Element:
    answer = web.options("/dicomweb/", headers={"Accept": WADL})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == WADL
    return ET.fromstring(answer.content)  # noqa: S314 (our own)


def methods(place: ET.Element, path: str = "") -> Iterator[tuple[str, ET.Element]]:
    for each in place.findall(f"{_SPACE}resource"):
        here = f"{path}/{each.attrib['path']}"
        yield from ((here, method) for method in each.findall(f"{_SPACE}method"))
        yield from methods(each, here)


def test_every_address_is_described_and_no_other(web: TestClient) -> None:
    (resources,) = described(web)
    assert resources.attrib["base"] == "http://localhost:8000/dicomweb"
    told = Counter(
        f"{method.attrib['name']} /dicomweb{path}" for path, method in methods(resources)
    )
    served = {
        service.replace(":path", "")
        for service in SERVICES
        if " /dicomweb/" in service and "share_id" not in service and "exam_id" not in service
    }
    heads = {service for service in served if service.startswith("HEAD ")}
    assert set(told) == served - heads - {"OPTIONS /dicomweb/"}
    assert set(told.values()) == {1}
    ids = [each.attrib["id"] for _, each in methods(resources)]
    assert len(ids) == len(set(ids))


def test_every_parameter_and_form_that_is_told_is_taken(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    (resources,) = described(web)
    search = next(each for path, each in methods(resources) if path == "/studies/{study}/series")
    values = {"limit": "1", "offset": "0", "fuzzymatching": "true", "includefield": "all"}
    names = [each.attrib["name"] for each in search.iter(f"{_SPACE}param")]
    assert {"PatientName", "Modality", "limit"} <= set(names)
    study = web.get("/dicomweb/studies", headers=owner.headers).json()[0]["0020000D"]["Value"][0]
    for name in names:
        assert name in {*values, "accept"} or tag_of(name), name
        query = {name: values.get(name, "*/*" if name == "accept" else "")}
        got = web.get(f"/dicomweb/studies/{study}/series", params=query, headers=owner.headers)
        assert got.status_code == 200, (name, got.text)
    forms = [each.attrib["mediaType"] for each in search.iter(f"{_SPACE}representation")]
    for form in forms:
        got = web.get(f"/dicomweb/studies/{study}/series", headers=owner.headers | {"Accept": form})
        assert got.headers["content-type"].startswith(form)


def test_the_description_is_the_same_for_all_and_only_in_its_own_form(
    web: TestClient, owner: Person
) -> None:
    plain = web.options("/dicomweb/")
    store(web, owner, a_file())
    assert web.options("/dicomweb/", headers=owner.headers).content == plain.content
    assert web.options("/dicomweb/", headers={"Accept": "text/html"}).status_code == 406
    assert web.get("/dicomweb/", headers=owner.headers).status_code == 404
