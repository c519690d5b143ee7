#!/bin/sh
# Pages and API. Two processes with a few threads each: synchronous views run fastest on WSGI.
# Threads keep their database connection for as long as they live, so idle ones are kept for the longest time.
exec granian --interface wsgi dms.wsgi:application \
  --host "${HOST:-0.0.0.0}" --port "${PORT:-8000}" \
  --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-4}" --blocking-threads-idle-timeout 600 \
  --no-ws --http 1 --respawn-failed-workers --workers-kill-timeout 10 --log-level warning
