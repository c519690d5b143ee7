"""A program of twenty threads that all want to write to one SQLite file: `python -m tests.runtime.writers ENGINE FILE`.

Half of them count in transactions that read first and take their time, half by single statements; now and then
a transaction is rolled back. Prints the final count and the errors.
"""

import json
import sys
import threading
import time

import django
from django.conf import settings
from django.db import DatabaseError, connection, transaction

WRITERS = 20
ROUNDS = 3
HOLD = 0.02  # seconds that a transaction stays open
# Less than a writer has to wait for nineteen others: who only retries for this long gives up.
SQLITE_TIMEOUT = 0.15

_together = threading.Barrier(WRITERS)


def count_in_transaction() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT n FROM counter")
        (n,) = cursor.fetchone()
        time.sleep(HOLD)
        cursor.execute("UPDATE counter SET n = %s", [n + 1])


def count_by_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET n = n + 1")


def change_ones_mind() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET n = n + 1000")
        transaction.set_rollback(True)


def write(number: int, errors: list[str]) -> None:
    _together.wait()
    try:
        for _ in range(ROUNDS):
            change_ones_mind()
            (count_by_statement if number % 2 else count_in_transaction)()
    except DatabaseError as error:
        errors.append(str(error))
    finally:
        connection.close()


def main(engine: str, file: str) -> None:
    options = {
        "timeout": SQLITE_TIMEOUT,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
    }
    settings.configure(DATABASES={"default": {"ENGINE": engine, "NAME": file, "OPTIONS": options}})
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (n integer)")
        cursor.execute("INSERT INTO counter VALUES (0)")
    errors: list[str] = []
    threads = [threading.Thread(target=write, args=(number, errors)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM counter")
        print(json.dumps({"count": cursor.fetchone()[0], "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:])
