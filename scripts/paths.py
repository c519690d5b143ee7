"""Where things are in this checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"
NODE_MODULES = ROOT / "node_modules"
STATIC = ROOT / "static_src"
VENDOR = STATIC / "vendor"
LOCALE = ROOT / "locale"


def data_dir() -> Path:
    """The folder for database, uploads and keys: `DMS_DATA`, else `var/` (the settings read it the same way)."""
    return Path(os.environ.get("DMS_DATA", "").strip() or ROOT / "var").resolve()
