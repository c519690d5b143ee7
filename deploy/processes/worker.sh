#!/bin/sh
# One worker for the queues in $1 (comma-separated) with $2 threads. Tasks wait for databases and providers, so
# threads do; run more of these processes for more cores.
queues="${1:?usage: worker.sh QUEUES [THREADS]}"
exec celery --app dms worker --queues "$queues" --hostname "${queues%%,*}@%h" \
  --pool threads --concurrency "${2:-4}" \
  --without-gossip --without-mingle --without-heartbeat --loglevel "${CELERY_LOG_LEVEL:-WARNING}"
