"""The few threads in which sockets talk to the database."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

# Each keeps one database connection. Sockets ask seldom: when they open, and every half minute.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="inbox-database")


async def in_database_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function without blocking the loop."""

    def call() -> T:
        close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_threads, call)
