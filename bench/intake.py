"""Intake: accepted leads a second, everything included, beside a bare view that inserts one row with the ORM.

Same server, same middleware, same run; the two are loaded in turn. « Everything included » is: key, strict
reading of the body, natural duplicates, the lead, its event, the wake-up, and a worker that routes meanwhile.
"""

from __future__ import annotations

from contextlib import ExitStack

from bench.figures import Report, median
from bench.load import Load, posts
from bench.servers import Servers
from bench.world import dealer

CONNECTIONS = 16
REQUESTS = 1500
ROUNDS = 4
LIMIT = 0.4


def run() -> Report:
    """The table of this benchmark."""
    key = dealer().key
    with ExitStack() as stack:
        servers = Servers(stack)
        port = servers.web()
        _load(port, "/bench/insert/", "", 200)
        _load(port, "/api/v1/leads/", key, 200)
        bare, alone = _in_turn(port, key)
        servers.worker()
        bare_beside_worker, ours = _in_turn(port, key)
    return _report(bare, alone, bare_beside_worker, ours)


def _in_turn(port: int, key: str) -> tuple[list[Load], list[Load]]:
    rounds = [(_load(port, "/bench/insert/", ""), _load(port, "/api/v1/leads/", key)) for _ in range(ROUNDS)]
    return [bare for bare, _ours in rounds], [ours for _bare, ours in rounds]


def _load(port: int, path: str, key: str, requests: int = REQUESTS) -> Load:
    load = posts(port, path, connections=CONNECTIONS, requests=requests, key=key)
    if set(load.statuses) != {201}:
        raise RuntimeError(f"{path}: {load.statuses}")
    return load


def _report(bare: list[Load], alone: list[Load], bare_beside_worker: list[Load], ours: list[Load]) -> Report:
    report = Report(f"Intake: leads accepted a second over {CONNECTIONS} connections")
    figures = {
        "bare view, one ORM insert": bare,
        "POST /api/v1/leads/, worker stopped": alone,
        "bare view, while the worker routes": bare_beside_worker,
        "POST /api/v1/leads/, while the worker routes": ours,
    }
    rates = {label: median([load.per_second for load in loads]) for label, loads in figures.items()}
    for label, rate in rates.items():
        report.row(label, f"{rate:8.0f} /s")
    first, second, third, fourth = rates.values()
    report.bound("intake / bare view", second / first, LIMIT, at_least=True)
    report.bound("intake / bare view, both while the worker routes", fourth / third, LIMIT, at_least=True)
    return report
