"""The hashed locks in requirements/: made by uv from pyproject.toml, for every platform, naming no package index.

The first line of each lock holds a hash of what it was made from. `make check` compares it without any network.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib

from scripts.console import StepError, run, say, step
from scripts.paths import LOCKS, ROOT, VENV

HEADER = "# Made by `make lock` from pyproject.toml, inputs sha256:"
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"),
    *("--python-version", "3.11"),
)
# lock -> what uv compiles it from; dev.lock repeats the product's versions exactly.
SOURCES = {
    "runtime": ("pyproject.toml",),
    "dev": ("pyproject.toml", "--group", "dev", "--constraints", "requirements/runtime.lock"),
    "bootstrap": ("--group", "bootstrap"),
    "node": ("--group", "node"),
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
# An address, or an option of the installer at the start of a line: options name indexes.
HOST = re.compile(r"https?://|^--", re.MULTILINE)


def main() -> int:
    """Renew all locks; versions stay unless `--upgrade` asks for newer ones."""
    extra = sys.argv[1:]
    try:
        for name, sources in SOURCES.items():
            with step(f"requirements/{name}.lock"):
                _compile(name, sources, extra)
    except StepError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compile(name: str, sources: tuple[str, ...], extra: list[str]) -> None:
    lock = LOCKS / f"{name}.lock"
    run(
        [VENV / "bin" / "uv", *COMPILE, *sources, *extra, "--output-file", f"requirements/{name}.lock"],
        cwd=ROOT,
    )
    lock.write_text(f"{HEADER}{_inputs(name)}\n{_body(name)}", encoding="utf-8")


def _inputs(name: str) -> str:
    """A hash of the tables of pyproject.toml that a lock depends on."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = tables["dependency-groups"]
    product = [tables["project"]["requires-python"], *tables["project"]["dependencies"]]
    depends_on = {
        "runtime": product,
        "dev": [*product, *groups["dev"]],
        **{k: groups[k] for k in ("bootstrap", "node")},
    }
    return hashlib.sha256(json.dumps(depends_on[name]).encode()).hexdigest()


def _body(name: str) -> str:
    text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def complaints() -> list[str]:
    """Why the locks do not fit pyproject.toml or each other; needs no network."""
    found = []
    for name in SOURCES:
        text = (LOCKS / f"{name}.lock").read_text(encoding="utf-8")
        if not text.startswith(f"{HEADER}{_inputs(name)}\n"):
            found.append(f"requirements/{name}.lock is older than pyproject.toml: run make lock")
        if HOST.search(text):
            found.append(f"requirements/{name}.lock names a package index")
    pins = {name: dict(PIN.findall(_body(name))) for name in ("runtime", "dev")}
    for package, version in pins["runtime"].items():
        if pins["dev"].get(package) != version:
            found.append(f"requirements/dev.lock has another version of {package} than runtime.lock")
    return found


def check() -> int:
    """Print the complaints; for `make check`."""
    found = complaints()
    for line in found:
        say(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else main())
