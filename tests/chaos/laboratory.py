"""The engine in this very process, on a private PostgreSQL and Redis, with a clock that is set by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import services
from tests.isolation import private_data_folder
from tests.processes import ServiceError


@contextmanager
def laboratory() -> Iterator[None]:
    """Django is set up and the tables are there when the block starts.

    Raises:
        ServiceError: this machine has no PostgreSQL or no Redis.
    """
    with ExitStack() as stack:
        programs = services.postgres_programs(stack)
        redis = services._redis_of_the_wheel() or shutil.which("redis-server")
        if programs is None or redis is None:
            raise ServiceError("`python -m tests.services` says what was looked for")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dms.settings",
            "DMS_MODE": "development",
            "DMS_DATA": private_data_folder(),
            "DATABASE_URL": services.start_postgres(stack, programs),
            "REDIS_URL": services.start_redis(stack, redis),
        }
        _set_up()
        yield


def _set_up() -> None:
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.ERROR)  # the faults are what is tried here
    call_command("migrate", verbosity=0)
