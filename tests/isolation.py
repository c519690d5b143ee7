"""What keeps two test processes from seeing each other."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def private_data_folder() -> str:
    """A `DMS_DATA` for this process, gone at its end. The folder that somebody works with is never touched."""
    folder = tempfile.mkdtemp(prefix="dms-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def redis_of_this_worker(url: str) -> str:
    """The server of this pytest-xdist worker out of `TEST_REDIS_URLS`.

    Database numbers do not keep workers apart: published messages reach every one of them.
    """
    urls = os.environ.get("TEST_REDIS_URLS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return urls[int(worker) % len(urls)] if urls and worker.isdigit() else url
