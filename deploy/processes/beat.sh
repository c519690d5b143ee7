#!/bin/sh
# The clock of the sweeps: exactly one. It keeps no file; whatever it missed while it was down is due at its start.
exec celery --app dms beat --pidfile= --loglevel "${CELERY_LOG_LEVEL:-WARNING}"
