"""The files that describe production agree with the product and with each other."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from gateways.mail_in import MAX_BODY

ROOT = Path(__file__).resolve().parents[2]

# Read by the settings, and given by docker-compose.yml or by developers rather than by the person who installs.
NOT_FOR_INSTALLERS = {
    "DATABASE_URL",
    "DEBUG",
    "DMS_DATA",
    "DMS_MODE",
    "HOST",
    "OUTBOX_KEEPS_COPIES",
    "PORT",
    "PUSH_EXTRA_SERVICES",
    "REDIS_URL",
    "SAFE_HTTP_ALLOWS_LOOPBACK",
    "STATIC_ROOT",
    "TWILIO_API_URL",
    "TWILIO_SECOND_API_URL",
    "VAPID_PRIVATE_KEY_FILE",
}


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def test_every_queue_has_exactly_one_kind_of_worker(compose: Any) -> None:
    commands = [service["command"] for name, service in compose.items() if name.startswith("worker-")]

    read = [queue for command in commands for queue in command[2].split(",")]

    assert sorted(read) == sorted(settings.QUEUES)


def test_there_is_one_beat(compose: Any) -> None:
    beats = [name for name, service in compose.items() if "beat.sh" in str(service.get("command"))]

    assert beats == ["beat"]
    assert "deploy" not in compose["beat"]  # no replicas


def test_every_process_is_a_script_that_exists(compose: Any) -> None:
    ours = {name: service["command"] for name, service in compose.items() if service.get("build")}

    assert set(ours) >= {"migrate", "web", "sockets", "beat"}
    for name, command in ours.items():
        assert command[0] == "sh", name
        assert (ROOT / command[1]).read_text(encoding="utf-8").startswith("#!/bin/sh"), name


def test_only_the_proxy_can_be_reached_from_outside(compose: Any) -> None:
    public = {
        name: ports
        for name, service in compose.items()
        if (ports := [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")])
    }

    assert list(public) == ["caddy"]


def test_the_product_runs_without_rights(compose: Any) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert re.search(r"^USER dms$", dockerfile, re.MULTILINE)
    for name in ("web", "sockets", "worker-route", "beat", "migrate"):
        assert compose[name]["read_only"] is True
        assert compose[name]["cap_drop"] == ["ALL"]


def test_the_image_is_built_by_the_scripts_of_make_run() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    for step in ("environment.ensure()", "frontend.ensure()", "catalogue.compile_if_older()"):
        assert step in dockerfile
    for name in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in name.split():
            assert (ROOT / source).exists(), source


def test_the_example_names_every_variable_that_an_installer_may_set() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "dms" / "settings").glob("*.py"))
    read = set(re.findall(r'env\.(?:text|flag|number|words)\(\s*"([A-Z_]+)"', code))
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert len(read) > 20
    assert read - NOT_FOR_INSTALLERS - named == set()


def test_a_mail_may_be_larger_than_what_a_page_is_sent() -> None:
    caddy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")

    sizes = re.findall(r"request_body (@pages|/imports/mail/) \{\s+max_size (\d+)MB", caddy)

    assert "@pages not path /imports/mail/" in caddy
    assert dict(sizes) == {"@pages": "25", "/imports/mail/": "42"}
    assert MAX_BODY <= 42_000_000


def test_sockets_and_pages_go_to_their_servers() -> None:
    caddy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")

    assert re.search(r"handle /ws/\* \{\s+reverse_proxy \{\$SOCKETS_UPSTREAM:sockets:8001\}", caddy)
    assert "reverse_proxy {$WEB_UPSTREAM:web:8000}" in caddy
