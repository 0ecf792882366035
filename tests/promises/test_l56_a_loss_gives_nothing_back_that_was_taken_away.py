"""L56: coming back from a disaster gives nothing back that was taken away in the meantime.

The journal that lies elsewhere knows of it seconds later, and only the backup key opens it.
"""

from __future__ import annotations

import time
from pathlib import Path

from cast import multipart
from kept_elsewhere import served
from objects import a_file, uid
from server import EMAIL


def test_an_exam_that_was_removed_since_the_backup_does_not_come_back(tmp_path: Path) -> None:
    place = served(tmp_path / "clinic")
    data = str(place.server.data)
    made = place.server.run(
        *("token", "create", "--data", data, "--account", EMAIL),
        *("--scope", "dicomweb:read", "--scope", "dicomweb:write", "--scope", "dicomweb:delete"),
    )
    place.server.token = made.stdout.strip()
    place.server.start()
    body, headers = multipart(a_file(1, study=4))
    assert place.server.request("POST", "/dicomweb/studies", body, headers).status == 200
    place.back_up()
    assert place.server.request("DELETE", f"/dicomweb/studies/{uid(4)}").status in {200, 204}
    deadline = time.monotonic() + 60
    while not list(place.journal.rglob("0000*")):
        assert time.monotonic() < deadline, "the removal is not in the journal"
        time.sleep(0.1)
    place.server.kill()

    again = place.restored(tmp_path / "another-machine")
    done = again.run(*place.arguments(again.data))
    assert done.returncode == 0, done.stdout + done.stderr
    again.start()
    try:
        assert again.get(f"/dicomweb/studies/{uid(4)}").status == 404
    finally:
        again.kill()
