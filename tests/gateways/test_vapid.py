"""The push keys: made once, kept secret, never replaced."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from gateways import vapid
from gateways.vapid import UnreadableKey
from tests.together import in_parallel

Settings = Any


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> Path:
    settings.VAPID_PRIVATE_KEY_FILE = str(tmp_path / "keys" / "vapid_private.pem")
    return Path(settings.VAPID_PRIVATE_KEY_FILE)


def test_command_makes_the_keys_for_their_owner_only(path: Path):
    call_command("make_vapid_keys", verbosity=0)

    keys = vapid.current_keys()
    assert keys is not None
    assert len(keys.public_key) == 87
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_command_keeps_the_keys_that_are_there(path: Path):
    call_command("make_vapid_keys", verbosity=0)
    before = path.read_bytes()

    call_command("make_vapid_keys", verbosity=0)

    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.django_db(transaction=True)  # each thread brings a connection along
def test_of_many_makers_one_wins_and_all_read_the_same_keys(path: Path):
    made = in_parallel(8, lambda: vapid.make_keys(path))

    assert made.count(True) == 1
    assert vapid.current_keys() is not None


def test_without_keys_there_are_none(path: Path):
    assert vapid.current_keys() is None


def test_new_file_is_noticed(path: Path):
    vapid.make_keys(path)
    first = vapid.current_keys()
    path.unlink()
    vapid.make_keys(path)

    second = vapid.current_keys()

    assert first is not None
    assert second is not None
    assert first.public_key != second.public_key


@pytest.mark.parametrize(
    "content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_unreadable_file_is_an_error_and_not_a_missing_key(content: str, path: Path):
    path.parent.mkdir()
    path.write_text(content)

    with pytest.raises(UnreadableKey):
        vapid.current_keys()
