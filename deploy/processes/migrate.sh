#!/bin/sh
# Before the other processes of a new version start: the database's shape, and the push keys on the first day.
set -e
python manage.py migrate --no-input
python manage.py make_vapid_keys
