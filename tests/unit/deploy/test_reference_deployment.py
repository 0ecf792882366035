"""The files that deploy Safelight keep everything inside but the edge, and give nothing away."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KNOWN = {
    *("image", "user", "command", "environment", "env_file", "ports", "networks", "volumes"),
    *("secrets", "tmpfs", "depends_on", "healthcheck", "restart", "read_only", "cap_drop"),
    *("security_opt", "pids_limit"),
}
HARDENING = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "IPAddressDeny": "any",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
}
WORST = 3.0  # of 10, by systemd-analyze: 0 is nothing exposed


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_without_root_rights_and_writable_files(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= KNOWN
    assert int(service["user"].partition(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert not any("docker.sock" in each for each in service.get("volumes", []))
    assert service["healthcheck"]["test"][0] == "CMD"


def test_only_the_edge_has_ports_and_a_way_out() -> None:
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["edge"]
    open_networks = {
        name for name, each in COMPOSE["networks"].items() if not (each or {}).get("internal")
    }
    assert open_networks == {"outside"}
    with_way_out = [
        name for name, each in SERVICES.items() if open_networks & set(each["networks"])
    ]
    assert with_way_out == ["edge"]
    assert "back" not in SERVICES["edge"]["networks"]
    assert set(SERVICES["database"]["networks"]) == set(SERVICES["store"]["networks"]) == {"back"}


def test_what_is_said_between_the_services_is_encrypted_and_no_password_stands_here() -> None:
    environment = SERVICES["safelight"]["environment"]
    for name in ("SAFELIGHT_DATABASE_URL", "SAFELIGHT_KEYS_DATABASE_URL"):
        assert "sslmode=verify-full" in environment[name]
    assert "https://" in environment["SAFELIGHT_STORE_URL"]
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or name.endswith("_FILE")
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value))
    assert {name for each in SERVICES.values() for name in each.get("secrets", [])} <= set(
        COMPOSE["secrets"]
    )


def test_the_proxies_let_nobody_say_where_they_come_from() -> None:
    caddy = (DEPLOY / "proxy" / "Caddyfile").read_text()
    nginx = (DEPLOY / "proxy" / "nginx.conf").read_text()
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "$proxy_add_x_forwarded_for" not in nginx
    assert "protocols tls1.2 tls1.3" in caddy
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in nginx
    image = (DEPLOY / "Containerfile").read_text()
    assert "USER 10001:10001" in image
    assert SERVICES["edge"]["networks"]["front"]["ipv4_address"].startswith("10.77.1.")
    assert '"--proxy", "10.77.1.0/24"' in image


@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_every_unit_is_hardened_and_denies_the_way_out(unit: Path) -> None:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(unit)
    service = read["Service"]
    assert service["User"] == "safelight"
    for name, value in HARDENING.items():
        assert service[name] == value, name


@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_systemd_itself_finds_little_exposed(unit: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    told = subprocess.run(
        [analyze, "security", "--offline=true", str(unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout)
    assert found is not None, told.stderr
    assert float(found.group(1)) < WORST
