"""Django's SQLite backend, with writers queueing in this process instead of sleeping and retrying in SQLite.

SQLite lets one connection write at a time; the others sleep for growing pauses and the unlucky one starves.
Here the threads of the process take turns in the order they came (see `lock.py`). Another process (a
management command beside the server) still waits by SQLite's own `timeout`.
"""
