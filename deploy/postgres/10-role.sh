#!/bin/sh
# Runs once, when the database volume is new. The product signs in as a plain role that owns its database:
# a superuser would pass every row-level policy.
set -e
psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$DMS_PASSWORD" <<'SQL'
CREATE ROLE dms LOGIN PASSWORD :'password';
CREATE DATABASE dms OWNER dms ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0;
SQL
