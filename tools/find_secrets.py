"""Does a key, a token or a password lie among the files, or in their history?

    python tools/find_secrets.py             the files that git tracks
    python tools/find_secrets.py --history   every version of every file that git ever kept

What looks like one and is none stands in tools/known_not_secret.txt, as the SHA-256 of what was
found, with a reason. Exit 1 where something else is found; the secret itself is never printed.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "tools" / "known_not_secret.txt"
_LARGEST = 2 << 20
_KINDS = {
    "a private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}",
    "a key of AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b",
    "a token of GitLab": rb"\bglpat-[A-Za-z0-9_-]{20,}\b",
    "a token of Slack": rb"\bxox[abprs]-[A-Za-z0-9-]{20,}\b",
    "a key of Google": rb"\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of PyPI or npm": rb"\b(?:pypi-AgEI[A-Za-z0-9_-]{40,}|npm_[A-Za-z0-9]{36})\b",
    "a signed token": rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "a token of ours": rb"\b(?:sl|imx)_[a-z]{2,8}_[0-9A-Za-z]{10}_[0-9A-Za-z]{40,}\b",
    "an address with a password": rb"\b[a-z][a-z0-9+]{2,15}://"
    rb"[^\s:/@'\"<>{}$%]{1,60}:[^\s:/@'\"<>{}$%]{6,80}@[a-z0-9]",
    "a password in a line": rb"(?i)\b(?:password|passwd|secret_key|api_?key|auth_?token)\b"
    rb"\s*[:=]\s*[\"'][^\"'\s{}$<>]{16,}[\"']",
}
KINDS = {name: re.compile(pattern) for name, pattern in _KINDS.items()}


def found_in(content: bytes) -> Iterator[tuple[str, str, int]]:
    """Yield what kind of secret is found, its SHA-256, and the line it begins in."""
    for kind, pattern in KINDS.items():
        for match in pattern.finditer(content):
            digest = hashlib.sha256(match.group()).hexdigest()
            yield kind, digest, content.count(b"\n", 0, match.start()) + 1


def known() -> set[str]:
    """Return what was looked at and is no secret."""
    lines = KNOWN.read_text().splitlines() if KNOWN.exists() else []
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def _git(*words: str, given: bytes = b"") -> bytes:
    done = subprocess.run(  # noqa: S603 (our own words, no shell)
        ["git", *words],  # noqa: S607 (the machine's own git)
        cwd=ROOT,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout


def tracked() -> Iterator[tuple[str, bytes]]:
    """Yield the files that git tracks."""
    for name in _git("ls-files", "-z").decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.stat().st_size <= _LARGEST:
            yield name, path.read_bytes()


def ever_kept() -> Iterator[tuple[str, bytes]]:
    """Yield every version of every file in the history, each once."""
    lines = _git("rev-list", "--objects", "--all").decode(errors="replace").splitlines()
    names = dict(line.split(" ", 1) for line in lines if " " in line)
    told = _git("cat-file", "--batch-check", given="\n".join(names).encode()).decode()
    blobs = [
        name
        for name, kind, size in (line.split() for line in told.splitlines())
        if kind == "blob" and int(size) <= _LARGEST
    ]
    kept = _git("cat-file", "--batch", given="\n".join(blobs).encode())
    at = 0
    for blob in blobs:
        head = kept.index(b"\n", at)
        size = int(kept[at:head].split()[2])
        yield f"{names[blob]} ({blob[:10]})", kept[head + 1 : head + 1 + size]
        at = head + 1 + size + 1


def main() -> int:
    """Look, and say where something was found."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--history", action="store_true")
    fine, bad, count = known(), 0, 0
    for name, content in ever_kept() if asked.parse_args().history else tracked():
        count += 1
        for kind, digest, line in found_in(content):
            if digest not in fine:
                bad += 1
                print(f"{name}:{line}: looks like {kind} ({digest})")
    print(f"{count} files looked at, {bad} with what looks like a secret")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
