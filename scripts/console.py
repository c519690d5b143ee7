"""Steps that a person can follow: one line each with its seconds, the full output only when it fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

QUIET_SECONDS = 10  # on a plain log, a long step says every so often that it is still at work


class StepError(Exception):
    """A step of the set-up failed; the text tells a person what to do."""


def say(line: str) -> None:
    """Print one line at once, also when the output is a pipe."""
    print(line, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show that `name` is under way, how long it has been, and how long it took."""
    started = time.monotonic()
    finished = threading.Event()
    ticker = threading.Thread(target=_tick, args=(name, started, finished), daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        _stop(ticker, finished)
        say(f"  ✗ {name} ({time.monotonic() - started:.1f} s)")
        raise
    _stop(ticker, finished)
    say(f"  ✓ {name} ({time.monotonic() - started:.1f} s)")


def _tick(name: str, started: float, finished: threading.Event) -> None:
    live = sys.stdout.isatty()
    while not finished.wait(1 if live else QUIET_SECONDS):
        seconds = f"{time.monotonic() - started:.0f} s"
        if live:
            print(f"\r  … {name} ({seconds})", end="", flush=True)
        else:
            say(f"  … {name} ({seconds})")


def _stop(ticker: threading.Thread, finished: threading.Event) -> None:
    finished.set()
    ticker.join()
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Run `command` silently and return what it printed.

    Raises:
        StepError: it could not be started or failed; carries the end of its output.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            done = subprocess.run(
                words,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError as error:
            raise StepError(f"{words[0]}: {error}") from error
        output.seek(0)
        text = output.read()
    if done.returncode:
        raise StepError(f"{' '.join(words)}\nended with {done.returncode}:\n{text[-4000:]}")
    return text
