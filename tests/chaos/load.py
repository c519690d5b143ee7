"""The websites: leads at a steady rate; a post that gets no 201 is repeated for a while, as a form would be."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.chaos.founding import key_of

# Side by side: a server that is down holds each of them for a few seconds.
WEBSITES = 60
TRIES, PAUSE, TIMEOUT = 5, 1.0, 5.0  # seconds


@dataclass
class Load:
    """Posts `rate` leads a second while the block lasts. `accepted` are the emails whose lead got its 201."""

    port: int
    sites: int
    rate: float
    prefix: str
    limit: int | None = None
    accepted: set[str] = field(default_factory=set)
    refused: int = 0
    repeated: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(WEBSITES)
        self._clock = threading.Thread(target=self._tick, daemon=True)
        self._clock.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.limit is None:
            self._stopping.set()
        self._clock.join()
        self._pool.shutdown(wait=True)

    def _tick(self) -> None:
        began, number = time.monotonic(), 0
        while not self._stopping.is_set() and (self.limit is None or number < self.limit):
            self._pool.submit(self._post, number)
            number += 1
            self._stopping.wait(max(0.0, began + number / self.rate - time.monotonic()))

    def _post(self, number: int) -> None:
        email = f"{self.prefix}{number}@example.com"
        for attempt in range(TRIES):
            self.repeated += bool(attempt)
            status = self._try(number, email)
            if status == 201:
                self.accepted.add(email)
                return
            time.sleep(PAUSE * (1 + attempt))
        self.refused += 1

    def _try(self, number: int, email: str) -> int:
        lead = {
            "first_name": "Paul",
            "last_name": f"{self.prefix} {number}",
            "email": email,
            "message": "Clio",
        }
        headers = {
            "X-Forwarded-Proto": "https",
            "Authorization": f"Api-Key {key_of(number % self.sites)}",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/leads/", json.dumps(lead).encode(), headers
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (OSError, ValueError, urllib.error.URLError):
            return 0
        except Exception:  # noqa: BLE001 - half an answer of a server that died: no 201
            return 0
