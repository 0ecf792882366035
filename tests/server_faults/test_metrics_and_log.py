"""Do numbers and log say how it goes, and nothing of anybody, whatever is sent to which door?"""

from __future__ import annotations

import hashlib
import http.client
import re
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from cast import multipart
from figures import figure
from server import Answer, Server, free_port, send_form

pytestmark = pytest.mark.server

_PLANTED = 300
_LABELS = {"route", "method", "status", "le", "database", "state", "what", "outcome"}
_WORDS = re.compile(r"[a-zA-Z0-9_/{}<>:.\-+]*")


@pytest.fixture
def metered(server: Server, tmp_path: Path) -> Server:
    server.log = tmp_path / "log"
    server.more = ("--metrics", str(free_port()), "--processes", "2")
    server.start()
    return server


def metrics(server: Server, path: str = "/metrics", host: str = "127.0.0.1") -> Answer:
    connection = http.client.HTTPConnection(host, int(server.more[1]), timeout=60)
    connection.request("GET", path)
    got = connection.getresponse()
    return Answer(got.status, got.read(), dict(got.getheaders()))


def words() -> list[str]:
    """Make words as they stand in names, UIDs, addresses and paths, none of which is elsewhere."""
    return [
        f"Zq{hashlib.sha256(bytes([n % 256, n >> 8])).hexdigest()[:12]}" for n in range(_PLANTED)
    ]


def made_ct(word: str = "Nobody") -> bytes:
    """Write a CT that has a word wherever a person reads one."""
    ct = dcmread(str(get_testdata_file("CT_small.dcm")))
    ct.PatientName = ct.PatientID = ct.StudyDescription = ct.AccessionNumber = word
    uid = UID(f"1.2.3.{int.from_bytes(word.encode())}")
    ct.SOPInstanceUID = ct.file_meta.MediaStorageSOPInstanceUID = uid
    out = BytesIO()
    ct.save_as(out)
    return out.getvalue()


def _send_everywhere(server: Server, planted: list[str]) -> int:
    """Put each word into some door's path, query, header or body; return how many were sent."""
    sent = 0
    for number, word in enumerate(planted):
        paths = (
            f"/exams/{word}/",
            f"/{word}/{word}",
            f"/dicomweb/studies?PatientName={word}",
            f"/dicomweb/studies/{word}/series/{word}",
            f"/dicomweb/wado?requestType=WADO&studyUID={word}&seriesUID=1&objectUID=2",
            f"/api/v1/exams/{word}",
            f"/uploads/{word}",
            f"/account/not-me/{word}/",
        )
        headers = {"User-Agent": f"{word}\tv", "X-Request-Id": word, "Referer": f"http://x/{word}"}
        server.request("GET", paths[number % len(paths)], headers=headers)
        sent += 1
    for word in planted[:10]:
        body, kind = multipart(made_ct(word))
        server.request("POST", "/dicomweb/studies", body, kind)
        server.request("POST", "/dicomweb/studies", word.encode(), kind)
        send_form(server, "/account/sign-in/", email=f"{word}@people.example", password=word)
        server.request(word[:8].upper(), "/")  # no method: refused before it is a request
        sent += 4
    return sent


def test_three_hundred_planted_words_are_in_no_number_and_no_line(metered: Server) -> None:
    planted = words()
    sent = _send_everywhere(metered, planted)
    answer = metrics(metered)
    assert answer.status == 200
    said = answer.body.decode()
    families = list(text_string_to_metric_families(said))
    for family in families:
        assert family.name.startswith("safelight_")
        for sample in family.samples:
            assert set(sample.labels) <= _LABELS, sample
            assert all(_WORDS.fullmatch(value) for value in sample.labels.values()), sample
    log = metered.log.read_text()
    found = [word for word in planted if word.lower() in (said + log).lower()]
    assert found == []
    figure("canaries.operating.planted", _PLANTED, "words")
    figure("canaries.operating.found", len(found), "words")
    told = [orjson.loads(line) for line in log.splitlines() if line.startswith("{")]
    asked = [line for line in told if line["logger"] == "safelight.requests"]
    assert len(asked) >= sent  # one line for each request, and no line that is none
    assert len(told) + 1 == len(log.splitlines())  # the one that says that it is ready
    assert {line["route"] for line in asked} >= {"/exams/<str:exam_id>/", "none"}
    assert all({"request", "route", "method", "status", "ms"} <= set(line) for line in asked)


def test_requests_frames_bytes_and_the_state_of_the_instance_are_counted(metered: Server) -> None:
    body, kind = multipart(made_ct())
    assert metered.request("POST", "/dicomweb/studies", body, kind).status == 200
    found = orjson.loads(metered.get("/dicomweb/instances").body)[0]
    uids = [found[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")]
    address = "/dicomweb/studies/{}/series/{}/instances/{}/frames/1".format(*uids)
    for _ in range(3):
        assert metered.get(address).status == 200
    values: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(metrics(metered).body.decode()):
        for sample in family.samples:
            key = (sample.name, sample.labels.get("route", sample.labels.get("state", "")))
            values[key] = values.get(key, 0.0) + sample.value
    route = "/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/{frames}"
    assert values["safelight_request_seconds_count", route] == 3
    assert values["safelight_frames_served_total", ""] == 3
    assert values["safelight_sent_bytes_total", route] > 0
    # A process that has a look open asks no more: the pictures may all have come from one.
    assert values["safelight_decision_seconds_count", ""] >= 2
    assert values["safelight_stored_objects", ""] == 1
    assert values["safelight_stored_bytes", ""] > 0
    assert values["safelight_audit_entries", ""] + values["safelight_audit_waiting", ""] > 0
    assert ("safelight_jobs", "waiting") in values
    assert metrics(metered, "/").status == 404
    assert metrics(metered, "/metrics?name=x").status == 200
    assert metered.request("GET", "/metrics").status == 404


def test_nothing_listens_unless_asked_and_a_number_alone_means_this_machine(
    server: Server,
) -> None:
    port = free_port()
    server.start()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/metrics")
