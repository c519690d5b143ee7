"""Front-end files as production names them: every reference inside them is hashed too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

IMPORT = re.compile(r"""(?:from|import)\s*["'](\./[^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def collected(tmp_path: Path, settings: LazySettings) -> Path:
    """What `collectstatic` makes in production."""
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "dms.storage.HashedFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0, ignore=["admin", "rest_framework"])
    return tmp_path


def test_modules_import_each_other_by_hashed_names(collected: Path):
    modules = [path for path in (collected / "js").glob("*.js") if HASHED.search(path.name)]
    imports = {(path.parent, name) for path in modules for name in IMPORT.findall(path.read_text("utf-8"))}

    assert imports
    assert [name for _folder, name in imports if not HASHED.search(name)] == []
    assert [name for folder, name in imports if not (folder / name).exists()] == []


def test_every_file_of_ours_has_its_compressed_twin(collected: Path):
    styles = [
        path for path in (collected / "css").glob("*.css") if re.search(r"\.[0-9a-f]{12}\.css$", path.name)
    ]

    assert styles
    assert [path.name for path in styles if not path.with_name(f"{path.name}.gz").exists()] == []
