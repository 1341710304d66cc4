#!/bin/sh
# Run once by the image of PostgreSQL, when its data folder is empty: the worker's role with its password, its rights, and the tables of the sample's events.
set -eu
password=$(cat /run/secrets/worker-password)
psql --set ON_ERROR_STOP=1 --set password="$password" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role projections_worker login password :'password';
create extension if not exists pg_stat_statements;
SQL
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /deploy/rights.sql --file /deploy/events.sql
