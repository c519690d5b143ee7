"""What the settings refuse, and what they promise in production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "DATABASE_URL": "postgresql://dms:secret@127.0.0.1:5432/dms",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "not-a-secret-but-long-and-odd-enough-0123456789-abcdefghij",
    "ALLOWED_HOSTS": "dms.example.com",
    "PUBLIC_URL": "https://dms.example.com",
}


def manage(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with this environment and no other."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DMS_DATA": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_the_deployment_check_without_a_warning(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_missing_secret_stops_the_start_and_all_of_them_are_named(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", DMS_MODE="production", DATABASE_URL=PRODUCTION["DATABASE_URL"])

    assert done.returncode != 0
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "REDIS_URL"):
        assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"ALLOWED_HOSTS": "*"}, "name yours"),
        ({"PUBLIC_URL": "http://dms.example.com"}, "served over https"),
        ({"DATABASE_URL": "mysql://127.0.0.1/dms"}, "expected postgresql://"),
        ({"DEBUG": "1"}, "DEBUG cannot be on in production"),
        ({"DMS_MODE": "demo"}, "DMS_MODE=demo"),
    ],
)
def test_production_refuses_what_would_weaken_it(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    done = manage(tmp_path, "check", **{**PRODUCTION, **change})

    assert done.returncode != 0
    assert reason in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "production",
    [
        {"SECRET_KEY": PRODUCTION["SECRET_KEY"]},
        {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret", "TWILIO_FROM": "+33612345678"},
        {"PUBLIC_URL": "https://dms.example.com"},
    ],
)
def test_demo_mode_does_not_start_beside_a_setting_of_production(
    tmp_path: Path, production: dict[str, str]
) -> None:
    done = manage(tmp_path, "check", **production)

    assert done.returncode != 0
    assert "Demo mode has published passwords" in done.stderr.splitlines()[-1]


def test_the_embedded_demo_starts_with_nothing_set(tmp_path: Path) -> None:
    """Negative control of the refusals above."""
    done = manage(tmp_path, "check")

    assert done.returncode == 0, done.stderr


def test_the_deployment_check_does_not_pass_a_demo(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy")

    assert done.returncode != 0
    assert "dms.E002" in done.stderr


def test_demo_mode_in_settings_put_together_by_hand_is_an_error(settings: object) -> None:
    from dms.checks import demo_stays_in_its_box

    settings.DEMO = True  # type: ignore[attr-defined]
    settings.CELERY_BROKER_URL = "redis://somewhere"  # type: ignore[attr-defined]

    problems = demo_stays_in_its_box()

    assert [problem.id for problem in problems] == ["dms.E001"]
