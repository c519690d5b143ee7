#!/bin/sh
# The live bell. One event loop holds thousands of sockets; they carry 40 bytes now and then, so nothing is
# compressed, and clients have nothing to say, so nothing long is read.
exec uvicorn dms.asgi:application \
  --host "${HOST:-0.0.0.0}" --port "${PORT:-8001}" \
  --ws websockets-sansio --ws-max-size 1024 --ws-per-message-deflate false \
  --lifespan off --no-server-header --no-access-log --log-level warning \
  --no-proxy-headers --timeout-graceful-shutdown 5
