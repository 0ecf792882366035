"""L69: an exam is encrypted on its way here and where it lies, and comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPSConnection

import pytest

from cast import multipart
from certificates import an_authority
from detector import Detector
from encrypted import Encrypted
from seeds import HEADER, PIXELS, UIDS, seeded_ct
from server import free_port

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    folder = tmp_path_factory.mktemp("l69")
    server = Encrypted(folder / "data", folder / "root.key", log=folder / "log")
    server.authority = an_authority(folder)
    cert, key = server.authority.sign()
    server.port = free_port()
    server.env = {"SAFELIGHT_PUBLIC_URL": f"https://localhost:{server.port}"}
    server.init()
    server.token = server.add_person()
    server.begin("--tls-cert", str(cert), "--tls-key", str(key))
    yield server
    server.end()


def test_what_came_encrypted_is_sealed_at_rest_and_comes_back_whole(served: Encrypted) -> None:
    sent = seeded_ct("one")
    body, headers = multipart(sent)
    headers |= {"Authorization": f"Bearer {served.token}"}
    picture = f"/dicomweb/studies/{UIDS['study']}/series/{UIDS['series']}/instances/{UIDS['one']}"
    trusted = served.trusting()
    with closing(
        HTTPSConnection("localhost", served.port, timeout=120, context=trusted)
    ) as encrypted:
        encrypted.request("POST", "/dicomweb/studies", body, headers)
        stored = encrypted.getresponse()
        assert (stored.status, bool(stored.read())) == (200, True)
        asked = {"Authorization": headers["Authorization"], "Accept": "application/dicom"}
        encrypted.request("GET", picture, headers=asked)
        assert encrypted.getresponse().read() == sent
    detector = Detector([*HEADER.values(), *UIDS.values(), PIXELS[0]])
    assert detector.search(sent) != set()
    assert detector.search_files(served.data, leave_out=[served.data / "mail"]) == {}
