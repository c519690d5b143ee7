#!/bin/sh
# One worker for the queues in $1 (comma-separated) with $2 threads. Tasks wait for databases and providers, so
# threads do; run more of these processes for more cores. With one thread the task runs where it was received,
# which saves the bell a hop.
queues="${1:?usage: worker.sh QUEUES [THREADS]}"
threads="${2:-4}"
pool=threads
if [ "$threads" = 1 ]; then pool=solo; fi
exec celery --app dms worker --queues "$queues" --hostname "${queues%%,*}@%h" \
  --pool "$pool" --concurrency "$threads" \
  --without-gossip --without-mingle --without-heartbeat --loglevel "${CELERY_LOG_LEVEL:-WARNING}"
