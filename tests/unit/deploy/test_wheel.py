"""One wheel holds all of it, pages and viewer too, and serves from an empty environment."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import venv
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from server import free_port

ROOT = Path(__file__).parents[3]
BUILT = "safelight/surfaces/web/static/build/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_front_end_and_everything_the_program_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        manifest = json.loads(opened.read(BUILT + "manifest.json"))
    for entry in manifest.values():
        for file in (entry["file"], *entry.get("css", [])):
            assert BUILT + file in names
    kept = {
        str(path.relative_to(ROOT / "src"))
        for suffix in ("py", "html", "txt", "css", "svg", "woff2", "ttf", "json")
        for path in (ROOT / "src" / "safelight").rglob(f"*.{suffix}")
        if "__pycache__" not in path.parts
    }
    assert not kept - names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "tools/"))]
    assert not [name for name in names if "/.git" in name or name.endswith((".key", ".sqlite3"))]


@pytest.mark.long
@pytest.mark.server
def test_it_serves_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    uv = Path(sys.executable).with_name("uv")
    for more in (["-r", str(ROOT / "requirements.lock")], ["--no-deps", str(wheel)]):
        subprocess.run(
            [str(uv), "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), *more],
            check=True, timeout=500,
        )  # fmt: skip
    program, data = str(home / "bin" / "safelight"), str(tmp_path / "data")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    key = str(tmp_path / "keys" / "root.key")
    subprocess.run(
        [program, "init", "--data", data, "--root-key-file", key], check=True, env=env, timeout=120
    )
    port = free_port()
    with subprocess.Popen(
        [program, "serve", "--data", data, "--listen", f"127.0.0.1:{port}"],
        env=env, cwd=tmp_path, stdout=subprocess.PIPE,
    ) as served:  # fmt: skip
        try:
            assert served.stdout is not None
            assert served.stdout.readline().startswith(b"ready")
            assert b"<form" in read(port, "/account/sign-in/")
            with zipfile.ZipFile(wheel) as opened:
                manifest = json.loads(opened.read(BUILT + "manifest.json"))
                viewer = next(each["file"] for name, each in manifest.items() if "viewer" in name)
                bundle = opened.read(BUILT + viewer)
            assert read(port, f"/static/build/{viewer}") == bundle
        finally:
            served.terminate()


def read(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()
