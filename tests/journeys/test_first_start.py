from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.journeys.serving import ROOT, Server, copy_of, environment, serving

STOP_SECONDS = 3.0


def test_a_newcomer_gets_a_server_that_says_what_runs(server: Server):
    with urllib.request.urlopen(f"{server.url}/healthz") as answer:
        health = json.load(answer)

    assert answer.status == 200
    assert health["status"] == "ok"
    assert all(health[part] for part in ("database", "broker", "worker", "beat"))


def test_a_second_set_up_has_nothing_to_do(prepared: Path, tmp_path: Path):
    data = copy_of(prepared, tmp_path)

    done = subprocess.run(
        [sys.executable, "-m", "scripts.prepare"],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ctrl_c_stops_the_server_at_once(prepared: Path, tmp_path: Path):
    with serving(copy_of(prepared, tmp_path)) as running:
        started = time.monotonic()
        running.stop()
        took = time.monotonic() - started

    assert took < STOP_SECONDS
    assert running.process.returncode == 0
    assert "Traceback" not in running.log.read_text()


def test_a_taken_port_is_said_with_the_way_out(server: Server, prepared: Path, tmp_path: Path):
    port = server.url.rsplit(":", 1)[1]

    second = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment(copy_of(prepared, tmp_path), PORT=port),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert second.returncode != 0
    assert f"Cannot listen on 127.0.0.1:{port}" in second.stderr
    assert "make run" in second.stderr
    assert "Traceback" not in second.stderr
