"""The virtual environment and the locked dependencies in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import stamps
from scripts.console import StepError, run, say, step
from scripts.paths import LOCKS, PYTHON, VENV

RUNTIME = LOCKS / "runtime.lock"
DEV = LOCKS / "dev.lock"
BOOTSTRAP = LOCKS / "bootstrap.lock"
STAMP = VENV / ".dms-dependencies.json"


def ensure(*, dev: bool = False) -> None:
    """Bring `.venv` to the state of the locks; does nothing when it already is.

    Test and check tools are never removed by a later `make run`: their lock holds all of the product's too.
    """
    known = stamps.read(STAMP)
    wanted = {"runtime": stamps.fingerprint([RUNTIME]), "dev": ""}
    if dev or known.get("dev"):
        wanted["dev"] = stamps.fingerprint([DEV])
    if known == wanted and _works("django"):
        return
    with step("environment"):
        _ensure_venv()
    with step("dependencies, from the hashed lock"):
        _install_dependencies(DEV if wanted["dev"] else RUNTIME)
    stamps.write(STAMP, wanted)


def _works(module: str = "venv") -> bool:
    """An environment breaks when the Python below it is removed or replaced by another version."""
    question = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    try:
        return subprocess.run([PYTHON, "-c", question], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _ensure_venv() -> None:
    if _works("django" if STAMP.exists() else "venv"):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # A Python inside another virtual environment would make one that breaks with it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    if _has("ensurepip"):
        run([base, "-m", "venv", VENV])
    elif _has("pip"):  # Debian without python3-venv, with python3-pip
        run([base, "-m", "venv", "--without-pip", VENV])
    else:
        _install_venv_package()
        run([base, "-m", "venv", VENV])


def _has(module: str) -> bool:
    """An empty folder of that name, as a half-removed package leaves it, does not count."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None


def _install_venv_package() -> None:
    """Bare Debian and Ubuntu ship Python without `ensurepip`."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepError(
            f"This Python can make no virtual environment. Install {package} (apt-get), then try again."
        )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    try:
        run(install, env=env)
    except StepError:
        run(["apt-get", "update", "-qq"], env=env)
        run(install, env=env)


def pip(*arguments: str | Path) -> None:
    """Run pip for `.venv`, with the system's pip where the environment was made without one."""
    if (VENV / "bin" / "pip").exists():
        run([PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments])
    else:
        run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", PYTHON, *arguments])


def _install_dependencies(lock: Path) -> None:
    """uv takes seconds where pip takes minutes; pip knows settings (mirrors, proxies) that uv does not."""
    try:
        pip("install", "--quiet", "--require-hashes", "--no-deps", "-r", BOOTSTRAP)
        run([VENV / "bin" / "uv", "pip", "sync", "--require-hashes", "--python", PYTHON, lock])
    except StepError as error:
        say(f"  · uv could not install ({str(error).strip().splitlines()[-1]}); trying pip")
        pip("install", "--quiet", "--require-hashes", "--no-deps", "-r", lock)
