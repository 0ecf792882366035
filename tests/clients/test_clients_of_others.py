"""The clients that hospitals and programs use find, store and fetch with a bearer token."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
from dicomtrolley.core import QueryLevels
from dicomtrolley.qido_rs import HierarchicalQuery, QidoRS, RelationalQuery
from dicomtrolley.trolley import Trolley
from dicomtrolley.wado_rs import WadoRS, WadoRSMetaData
from dicomtrolley.wado_uri import WadoURI
from dicomweb_client.api import DICOMwebClient
from PIL import Image
from pydicom import dcmread
from requests import Session

from objects import a_file, an_object, uid
from samples import all_files
from server import Server

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".setup" / "npm"
EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_LS = "1.2.840.10008.1.2.4.80"
STUDY, SERIES, INSTANCE = uid(51), uid(51, 1), uid(51, 1, 1)


def with_token(served: Server) -> Session:
    session = Session()
    session.headers["Authorization"] = f"Bearer {served.token}"
    return session


def files() -> list[bytes]:
    return [a_file(1, study=51), a_file(2, study=51), a_file(1, study=51, series=2, Modality="MR")]


def test_dicomweb_client_for_python(served: Server, root: str) -> None:
    client = DICOMwebClient(url=root, session=with_token(served))
    stored = client.store_instances([dcmread(io.BytesIO(data)) for data in files()])
    assert len(stored.ReferencedSOPSequence) == 3
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []
    (study,) = client.search_for_studies(
        search_filters={"StudyInstanceUID": STUDY}, fields=["PatientAge"], fuzzymatching=True
    )
    assert study["00201208"]["Value"] == [3]
    assert len(client.search_for_series(STUDY, get_remaining=True, limit=1)) == 2
    assert len(client.search_for_series(search_filters={"Modality": "MR"})) >= 1
    assert len(client.search_for_instances(STUDY, SERIES)) == 2
    assert len(client.search_for_instances(search_filters={"SOPInstanceUID": INSTANCE})) == 1
    assert len(client.retrieve_study_metadata(STUDY)) == 3
    assert len(client.retrieve_series_metadata(STUDY, SERIES)) == 2
    metadata = client.retrieve_instance_metadata(STUDY, SERIES, INSTANCE)
    assert metadata["00080018"]["Value"] == [INSTANCE]
    assert len(client.retrieve_study(STUDY)) == 3
    assert len(client.retrieve_series(STUDY, SERIES)) == 2
    assert len(list(client.iter_series(STUDY, SERIES))) == 2
    pixels = an_object(1, study=51).PixelData
    whole = client.retrieve_instance(STUDY, SERIES, INSTANCE)
    assert whole.PixelData == pixels
    asked = client.retrieve_instance(
        STUDY, SERIES, INSTANCE, media_types=(("application/dicom", JPEG_LS),)
    )
    assert asked.file_meta.TransferSyntaxUID == JPEG_LS
    assert asked.pixel_array.tobytes() == pixels
    assert client.retrieve_instance_frames(STUDY, SERIES, INSTANCE, [1]) == [pixels]
    (frame,) = client.retrieve_instance_frames(
        STUDY, SERIES, INSTANCE, [1], media_types=(("image/jls", JPEG_LS),)
    )
    assert frame.startswith(b"\xff\xd8")
    for picture in (
        client.retrieve_instance_rendered(
            STUDY, SERIES, INSTANCE, media_types=("image/png",), params={"viewport": "32,32"}
        ),
        client.retrieve_instance_frames_rendered(
            STUDY, SERIES, INSTANCE, [1], media_types=("image/jpeg",)
        ),
    ):
        assert Image.open(io.BytesIO(picture)).width in {16, 32}
    address = f"{root}/studies/{STUDY}/series/{SERIES}/instances/{INSTANCE}/bulkdata/7fe00010"
    assert client.retrieve_bulkdata(address) == [pixels]
    assert client.retrieve_bulkdata(address, byte_range=(0, 9)) == [pixels[:10]]


def test_dicomtrolley(served: Server, root: str) -> None:
    session = with_token(served)
    DICOMwebClient(url=root, session=session).store_instances(
        [dcmread(io.BytesIO(data)) for data in files()]
    )
    searcher = QidoRS(session, root)
    told = ["StudyDescription", "NumberOfStudyRelatedInstances"]
    (study,) = searcher.find_studies(HierarchicalQuery(StudyInstanceUID=STUDY, include_fields=told))
    assert str(study.uid) == STUDY
    every = RelationalQuery(StudyInstanceUID=STUDY, query_level=QueryLevels.INSTANCE)
    deep = searcher.find_studies(every)
    assert sum(len(series.instances) for found in deep for series in found.series) == 3
    assert not searcher.find_studies(HierarchicalQuery(PatientID="nobody"))
    for downloader in (WadoRS(session, root), WadoURI(session, f"{root}/wado")):
        trolley = Trolley(downloader=downloader, searcher=searcher)
        fetched = list(trolley.fetch_all_datasets(deep))
        assert {str(each.SOPInstanceUID) for each in fetched} == {
            INSTANCE, uid(51, 1, 2), uid(51, 2, 1)
        }  # fmt: skip
    assert len(list(WadoRSMetaData(session, root).datasets([study]))) == 3


def test_dicomweb_client_for_javascript(served: Server, root: str, folder: Path) -> None:
    # It asks for everything there is, which the watch takes from a program once (D8).
    token = served.add_person("jan@people.example", "Jan Javascript")
    names = []
    for number, data in enumerate(files()):
        names.append(folder / f"{number}.dcm")
        names[-1].write_bytes(data)
    done = subprocess.run(
        [
            ROOT / ".setup" / "npm",
            "run",
            "--silent",
            "ask-served",
            "--",
            root,
            token,
            *names,
        ],
        cwd=ROOT / "frontend",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    sizes = [len(data) for data in files()]
    assert told["stored"] == 3
    assert told["nothing"] == []
    assert told["studyMetadata"] == 3
    assert told["seriesMetadata"] == 2
    assert told["instanceMetadata"] == INSTANCE
    assert told["study"] == sizes
    assert told["series"] == sizes[:2]
    assert told["instance"] == sizes[:1]
    assert told["frames"] == told["framesOfSeveralTypes"] == told["bulk"] == [512]
    assert told["part"] == [100]
    assert 0 < told["framesCompressed"][0] < 600
    for kind in ("rendered", "framesRendered", "thumbnail"):
        assert told[kind][0] > 100, kind
    assert told["uri"] == 200
    assert told["allSeries"] >= 2
    assert told["allInstances"] >= 3


def test_what_the_samples_hold_comes_back_to_a_client(served: Server, root: str) -> None:
    """Store real files of several transfer syntaxes, and fetch them as plain little endian."""
    client = DICOMwebClient(url=root, session=with_token(served))
    wanted = {"JPEG-LL.dcm", "MR_small_RLE.dcm", "emri_small_big_endian.dcm", "image_dfl.dcm"}
    taken = [each for each in all_files() if each.name in wanted]
    assert len(taken) == len(wanted)
    for each in taken:
        read = each.read()
        client.store_instances([read])
        back = client.retrieve_instance(
            read.StudyInstanceUID,
            read.SeriesInstanceUID,
            read.SOPInstanceUID,
            media_types=(("application/dicom", EXPLICIT),),
        )
        assert back.file_meta.TransferSyntaxUID == EXPLICIT
        assert (back.pixel_array == read.pixel_array).all(), each.name
