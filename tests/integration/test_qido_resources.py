"""Searches below the study level, what else they tell, their pages and their warnings."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from starlette.testclient import TestClient

from asking import store
from cast import Person
from objects import a_file, uid
from safelight.exchange.release.viewing import search_all
from story import Story, another_ct, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ROOT = "/dicomweb"
STUDY_UID, SERIES_UID, INSTANCE_UID = "0020000D", "0020000E", "00080018"
REQUIRED_OF_STUDIES = (
    "00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030"
    " 00100040 0020000D 00200010 00201206 00201208"
)
REQUIRED_OF_SERIES = "00080056 00080060 00081190 0020000E 00200011 00201209"
REQUIRED_OF_INSTANCES = "00080016 00080018 00080056 00081190 00200013 00280010 00280011 00280100"


def request(step: str, procedure: str) -> Dataset:
    made = Dataset()
    made.ScheduledProcedureStepID = step
    made.RequestedProcedureID = procedure
    return made


@pytest.fixture
def filled(web: TestClient, owner: Person) -> TestClient:
    """Two studies: a CT with two slices and a report, and an MR of somebody else."""
    anna: dict[str, Any] = {"PatientName": "Berg^Anna", "PatientID": "AB-17", "PatientAge": "055Y"}
    otto: dict[str, Any] = {"PatientName": "Yamada^Otto=山田^太郎", "PatientID": "OM-2"}
    store(
        web, owner,
        a_file(1, study=1, Manufacturer="Lamp", SliceThickness="1.5", **anna),
        a_file(2, study=1, Manufacturer="Lamp", SliceThickness="2.5", **anna),
        a_file(
            1, study=1, series=2, Modality="SR", SeriesDescription="Findings",
            RequestAttributesSequence=[request("STEP-7", "P-1")], **anna,
        ),
        a_file(1, study=2, Modality="MR", StudyDate="20250101", **otto),
    )  # fmt: skip
    return web


def asked(web: TestClient, person: Person, path: str) -> Response:
    return web.get(ROOT + path, headers=person.headers)


def found(web: TestClient, person: Person, path: str, tag: str) -> list[str]:
    answer = asked(web, person, path)
    assert answer.status_code in {200, 204}, (path, answer.text)
    return [each[tag]["Value"][0] for each in answer.json()] if answer.content else []


def test_series_are_searched_over_all_studies(filled: TestClient, owner: Person) -> None:
    ct, sr, mr = uid(1, 1), uid(1, 2), uid(2, 1)
    expected = {
        "": [ct, sr, mr],
        "?Modality=SR": [sr],
        "?Modality=SR,MR": [sr, mr],
        "?Modality=C*": [ct],
        "?PatientID=OM-2": [mr],
        "?PatientID=AB-17&Modality=CT": [ct],
        "?ModalitiesInStudy=SR": [ct, sr],
        "?StudyDate=2025-": [],
        "?StudyDate=20250101-": [ct, sr, mr],
        f"?SeriesInstanceUID={sr}": [sr],
        f"?SeriesInstanceUID={mr},{ct}": [ct, mr],
        f"?SeriesInstanceUID={mr}%5C{ct}&PatientID=OM-2": [mr],
        f"?StudyInstanceUID={uid(2)}": [mr],
        "?SeriesInstanceUID=1.2.3": [],
        "?NumberOfSeriesRelatedInstances=2": [ct],
        "?RequestAttributesSequence.ScheduledProcedureStepID=STEP-7": [sr],
        "?00400275.00401001=P-1": [sr],
        "?00400275.00401001=P-2": [],
        "?PerformedProcedureStepStartDate=20250101": [],
        "?limit=1&offset=1": [sr],
        "?PatientName=yamada%5Eotto": [mr],
        "?PatientName=yamada*%3D%E5%B1%B1%E7%94%B0*": [mr],
        "?PatientName=otto%20yam&fuzzymatching=true": [mr],
    }
    for query, uids in expected.items():
        assert found(filled, owner, f"/series{query}", SERIES_UID) == uids, query


def test_instances_are_searched_over_all_studies(filled: TestClient, owner: Person) -> None:
    one, two, sr, mr = uid(1, 1, 1), uid(1, 1, 2), uid(1, 2, 1), uid(2, 1, 1)
    expected = {
        "": [one, two, sr, mr],
        "?InstanceNumber=2": [two],
        f"?SOPInstanceUID={mr},{two}": [two, mr],
        f"?SOPInstanceUID={mr}&SeriesInstanceUID={uid(2, 1)}": [mr],
        f"?SOPInstanceUID={mr}&SeriesInstanceUID={uid(1, 1)}": [],
        "?Modality=MR": [mr],
        "?PatientID=AB-17&SliceThickness=2.5": [two],
        "?Manufacturer=Lamp": [one, two],
        "?limit=2&offset=1": [two, sr],
    }
    for query, uids in expected.items():
        assert found(filled, owner, f"/instances{query}", INSTANCE_UID) == uids, query


def test_what_is_asked_of_a_level_above_narrows_the_search_inside_a_study(
    filled: TestClient, owner: Person
) -> None:
    study = f"/studies/{uid(1)}"
    assert found(filled, owner, f"{study}/series?PatientID=AB-17&Modality=SR", SERIES_UID) == [
        uid(1, 2)
    ]
    assert found(filled, owner, f"{study}/series?PatientID=OM-2", SERIES_UID) == []
    assert found(filled, owner, f"{study}/instances?Modality=SR", INSTANCE_UID) == [uid(1, 2, 1)]
    assert found(filled, owner, f"{study}/instances?PatientID=OM-2", INSTANCE_UID) == []
    inside = f"{study}/series/{uid(1, 1)}/instances"
    assert found(filled, owner, f"{inside}?SliceThickness=2.5", INSTANCE_UID) == [uid(1, 1, 2)]
    assert found(filled, owner, f"{inside}?Modality=SR", INSTANCE_UID) == []


def test_every_answer_holds_what_the_standard_requires(filled: TestClient, owner: Person) -> None:
    study = f"/studies/{uid(1)}"
    of_studies = set(REQUIRED_OF_STUDIES.split())
    of_series = set(REQUIRED_OF_SERIES.split())
    of_instances = set(REQUIRED_OF_INSTANCES.split())
    expected = {
        "/studies": of_studies,
        f"{study}/series": of_series,
        "/series": of_studies | of_series,
        f"{study}/series/{uid(1, 1)}/instances": of_instances,
        f"{study}/instances": of_series | of_instances,
        "/instances": of_studies | of_series | of_instances,
    }
    for path, required in expected.items():
        for answer in asked(filled, owner, path).json():
            assert required <= set(answer), path
            assert list(answer) == sorted(answer)
            assert answer["00080056"]["Value"] == ["ONLINE"]
            address = answer["00081190"]["Value"][0].removeprefix("http://localhost:8000")
            assert filled.get(f"{address}/metadata", headers=owner.headers).status_code == 200
    (sr,) = asked(filled, owner, "/series?Modality=SR").json()
    (item,) = sr["00400275"]["Value"]
    assert item["00400009"]["Value"] == ["STEP-7"]
    assert item["00401001"]["Value"] == ["P-1"]


def test_more_is_told_where_it_is_asked_for(filled: TestClient, owner: Person) -> None:
    def first(path: str) -> dict[str, Any]:
        answer: dict[str, Any] = asked(filled, owner, path).json()[0]
        return answer

    age, manufacturer, thickness, rows = "00101010", "00080070", "00180050", "00280010"
    assert age not in first("/studies")
    assert first("/studies?includefield=PatientAge")[age]["Value"] == ["055Y"]
    assert first(f"/studies?includefield=00081030,{age}&includefield={rows}")[age]
    assert first("/studies?PatientAge=")[age]["Value"] == ["055Y"]
    everything = first("/studies?includefield=all")
    assert everything[age]["Value"] == ["055Y"]
    # Nothing of a level below is told, and nothing is told twice.
    for tag in (manufacturer, thickness, rows, SERIES_UID, "7FE00010"):
        assert tag not in everything
        assert tag not in first(f"/studies?includefield={tag}")
    series = first("/series?includefield=Manufacturer,PatientAge,SliceThickness")
    assert series[manufacturer]["Value"] == ["Lamp"]
    assert series[age]["Value"] == ["055Y"]
    assert thickness not in series
    assert first(f"/studies/{uid(1)}/series?includefield=all")[manufacturer]["Value"] == ["Lamp"]
    instance = first(f"/studies/{uid(1)}/instances?includefield=SliceThickness")
    assert instance[thickness]["Value"] == [1.5]
    whole = first("/instances?includefield=all")
    assert whole[thickness]["Value"] == [1.5]
    assert "7FE00010" not in whole
    assert first(f"/studies/{uid(1)}/instances?SliceThickness=1.5")[thickness]["Value"] == [1.5]


def test_a_page_says_whether_there_is_more(filled: TestClient, owner: Person) -> None:
    more = "299 http://localhost:8000/dicomweb: There are additional results that can be requested"
    for path in ("/studies", "/series", "/instances", f"/studies/{uid(1)}/series"):
        assert asked(filled, owner, f"{path}?limit=1").headers["warning"] == more, path
        assert "warning" not in asked(filled, owner, path).headers, path
        assert asked(filled, owner, f"{path}?offset=100").status_code == 204
    unsupported = asked(filled, owner, "/studies?emptyvaluematching=true&limit=1")
    assert [value[:60] for value in unsupported.headers.get_list("warning")] == [
        "299 http://localhost:8000/dicomweb: The emptyvaluematching p",
        more[:60],
    ]


UNCLEAR = (
    "/studies?Modality=CT", "/studies?SOPInstanceUID=1.2", "/studies?Rows=1",
    f"/studies/{uid(1)}/series?SliceThickness=1", "/series?NumberOfPatientRelatedStudies=1",
    "/studies?PatientID=a&PatientID=b", "/studies?limit=1&limit=2",
    "/studies?fuzzymatching=yes", "/studies?includefield=NoSuchThing",
    "/studies?PatientID.PatientName=x", "/studies?" + ".".join(["00400275"] * 20) + "=x",
    "/studies?PatientID=" + "x" * 5000,
)  # fmt: skip


def test_what_cannot_be_searched_is_refused_and_not_ignored(
    filled: TestClient, owner: Person
) -> None:
    for path in UNCLEAR:
        answer = asked(filled, owner, path)
        assert answer.status_code == 400, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_long_answers_are_packed_for_callers_who_can_unpack(
    filled: TestClient, owner: Person
) -> None:
    plain = filled.get(f"{ROOT}/series", headers=owner.headers | {"Accept-Encoding": "identity"})
    packed = filled.get(f"{ROOT}/series", headers=owner.headers | {"Accept-Encoding": "br, gzip"})
    refused = filled.get(f"{ROOT}/series", headers=owner.headers | {"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert plain.json() == packed.json() == refused.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    html = filled.get(f"{ROOT}/series", headers=owner.headers | {"Accept": "text/html"})
    assert html.status_code == 406


def test_a_stranger_and_a_guest_find_no_more_than_they_may_see(
    story: Story, stranger: Person
) -> None:
    ct = story.dataset
    story.add(another_ct(SOPInstanceUID="1.2.3.1", SeriesInstanceUID="1.2.3", Modality="PT"))
    cookie = open_share(story.share())
    shared = story.share()
    cookie = open_share(shared)
    story.add(another_ct(SOPInstanceUID="1.2.3.2", PatientComments="later"))
    for path in ("/series", "/instances", f"/instances?SOPInstanceUID={ct.SOPInstanceUID}"):
        assert asked(story.web, stranger, path).status_code == 204
        (answer,) = story.under(shared, path, cookie).json()
        assert answer["00081190"]["Value"][0].startswith("http://localhost:8000/dicomweb/shares/")
        assert answer["00201208"]["Value"] == [1]
    for hidden in ("1.2.3.1", "1.2.3.2"):
        path = f"/instances?SOPInstanceUID={hidden}"
        assert story.under(shared, path, cookie).status_code == 204
        assert story.under(shared, "/series?SeriesInstanceUID=1.2.3", cookie).status_code == 204
    told = story.under(shared, "/studies?includefield=all", cookie).json()[0]
    assert "00104000" not in told


def test_searching_everything_costs_by_the_page_and_not_by_the_archive(
    filled: TestClient, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries(path: str) -> int:
        asked(filled, owner, path)
        with CaptureQueriesContext(connection) as made:
            assert asked(filled, owner, path).status_code in {200, 204}
        return len(made)

    paths = ("/series?limit=2", "/instances?limit=2", f"/instances?SOPInstanceUID={uid(2, 1, 1)}")
    few = [queries(path) for path in paths]
    store(filled, owner, *(a_file(study=number, StudyDate="19990101") for number in range(20, 40)))
    assert [queries(path) for path in paths] <= [count + 2 for count in few]
    monkeypatch.setattr(search_all, "MOST_STUDIES", 5)
    assert asked(filled, owner, "/series?limit=2").status_code == 200
    broad = asked(filled, owner, "/series?SeriesDescription=nowhere")
    assert (broad.status_code, broad.json()["code"]) == (413, "too_broad")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["/studies", "/series", "/instances", f"/studies/{uid(1)}/instances"]),
    st.dictionaries(
        st.sampled_from(["PatientName", "StudyDate", "StudyTime", "00080061", "Rows", "limit",
                         "offset", "includefield", "00400275.00400009", "fuzzymatching"])
        | st.text(max_size=12),
        st.text(max_size=20) | st.sampled_from(["*", "2020-", "a^b=c", "1,2", "\\", "true", "all"]),
        max_size=4,
    ),
)  # fmt: skip
def test_no_query_is_a_fault_of_ours(
    filled: TestClient, owner: Person, path: str, query: dict[str, str]
) -> None:
    answer = filled.get(ROOT + path, params=query, headers=owner.headers)
    assert answer.status_code in {200, 204, 400, 404}, (path, query, answer.text)
