"""Celery: queues per channel, no results, no ETA (business time is a column), a broker that may come and go."""

from typing import Any

from kombu import Exchange, Queue

from .mode import REDIS_URL

# Who reads which queue is chosen where the processes start: see deploy/processes/.
QUEUES = ("route", "push", "email", "sms", "default", "imports")

CELERY_BROKER_URL = REDIS_URL or "embedded://localhost"
# Each queue has its own routing key: queues that share one would each receive every task.
CELERY_TASK_QUEUES = tuple(Queue(name, Exchange("dms", type="direct"), routing_key=name) for name in QUEUES)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False

# Results are rows; nobody waits for a task.
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None

# A message is a hint that the sweep makes good: acknowledge it early, send it without retries, and never let
# a web request wait for the broker. A worker, on the other hand, waits for its broker for ever.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "socket_connect_timeout": 1,  # seconds
        # redis-py 8 closes a connection that was silent for 5 s unless told otherwise.
        "socket_timeout": 30,
        "socket_keepalive": True,
        "visibility_timeout": 3600,
    }
    if REDIS_URL
    else {}
)

CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Celery closes the database connection after every task unless this says after how many: the difference is
# 110 against 417 tasks a second. Broken connections are dropped in dms.celery.
CELERY_DB_REUSE_MAX = 1_000_000

CELERY_BEAT_SCHEDULER = "dms.beat:SweepScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "notifications.sweep": {
        "task": "notifications.sweep",
        "schedule": 5.0,  # seconds
        "options": {"queue": "default", "expires": 30},
    },
    "notifications.apply_receipts": {
        "task": "notifications.apply_receipts",
        "schedule": 15.0,  # seconds
        "options": {"queue": "default", "expires": 30},
    },
    "notifications.forget_receipts": {
        "task": "notifications.forget_receipts",
        "schedule": 24 * 3600.0,  # seconds
        "options": {"queue": "default", "expires": 3600},
    },
    "notifications.forget_words": {
        "task": "notifications.forget_words",
        "schedule": 24 * 3600.0,  # seconds
        "options": {"queue": "default", "expires": 3600},
    },
    "notifications.measure": {
        "task": "notifications.measure",
        "schedule": 15 * 60.0,  # seconds
        "options": {"queue": "default", "expires": 600},
    },
    # How often a canary flies is a setting, and which night is due is in the rows: these only look.
    "notifications.fly_canaries": {
        "task": "notifications.fly_canaries",
        "schedule": 30.0,  # seconds
        "options": {"queue": "default", "expires": 30},
    },
    "notifications.count_nights": {
        "task": "notifications.count_nights",
        "schedule": 10 * 60.0,  # seconds
        "options": {"queue": "default", "expires": 600},
    },
    "approvals.sweep": {
        "task": "approvals.sweep",
        "schedule": 20.0,  # seconds
        "options": {"queue": "default", "expires": 60},
    },
    # Which site's morning has come is in the rows: this only looks.
    "stock.sweep": {
        "task": "stock.sweep",
        "schedule": 60.0,  # seconds
        "options": {"queue": "default", "expires": 60},
    },
    "imports.sweep": {
        "task": "imports.sweep",
        "schedule": 10.0,  # seconds
        "options": {"queue": "default", "expires": 30},
    },
    "imports.forget_files": {
        "task": "imports.forget_files",
        "schedule": 24 * 3600.0,  # seconds
        "options": {"queue": "default", "expires": 3600},
    },
    "leads.forget_old_keys": {
        "task": "leads.forget_old_keys",
        "schedule": 24 * 3600.0,  # seconds
        "options": {"queue": "default", "expires": 3600},
    },
    "stock.look_for_photos": {
        "task": "stock.look_for_photos",
        "schedule": 2 * 60.0,  # seconds
        "options": {"queue": "default", "expires": 120},
    },
    "stock.erase_discarded_photos": {
        "task": "stock.erase_discarded_photos",
        "schedule": 3600.0,  # seconds
        "options": {"queue": "default", "expires": 3600},
    },
    **{
        f"dms.heartbeat {queue}": {
            "task": "dms.heartbeat",
            "schedule": 5.0,  # seconds, dms.heartbeat.INTERVAL
            "args": (queue,),
            "options": {"queue": queue, "expires": 30},
        }
        for queue in QUEUES
    },
}
