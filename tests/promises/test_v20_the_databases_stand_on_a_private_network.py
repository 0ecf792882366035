"""V20: databases and stores stand on a network of their own; only the edge can be reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
EGRESS = "safelight.surfaces.cli.doctor.egress"
UNSHARE = shutil.which("unshare") or ""
IP = shutil.which("ip") or ""


def test_in_the_reference_deployment_only_the_edge_has_a_port_and_a_way_out() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    inside = {name for name, each in told["networks"].items() if (each or {}).get("internal")}
    for name, service in told["services"].items():
        if name == "edge":
            continue
        assert "ports" not in service, name
        assert set(service["networks"]) <= inside, name
    assert "back" not in told["services"]["edge"]["networks"]


@pytest.mark.skipif(
    not (UNSHARE and IP) or os.geteuid() != 0, reason="needs root, util-linux and iproute2"
)
def test_a_worker_on_such_a_network_reaches_what_is_beside_it_and_nothing_else() -> None:
    # A worker's end and a store's end of one wire, and no road from there to anywhere.
    beside = "import socket; s = socket.create_server(('10.77.2.9', 5432)); s.accept()"
    asking = "import socket; socket.create_connection(('10.77.2.9', 5432), 5)"
    script = f"""
        ip link set lo up
        ip link add worker type veth peer name store
        ip addr add 10.77.2.3/24 dev worker && ip link set worker up && ip link set store up
        ip addr add 10.77.2.9/32 dev lo
        {sys.executable} -c "{beside}" &
        sleep 1
        {sys.executable} -c "{asking}" || exit 3
        exec {sys.executable} -m {EGRESS} self
    """
    told = subprocess.run(
        [UNSHARE, "--net", "/bin/sh", "-c", script],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == []
