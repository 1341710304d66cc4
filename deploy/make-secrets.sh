#!/bin/sh
# Makes what docker-compose.yml needs in deploy/secrets, which is not committed: passwords by chance, and the settings that hold them. What is there stays.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# Containers read the files as accounts of their own, so it is the folder that keeps others out.
chmod 700 secrets
umask 022
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "secrets/$1" ] || cat >"secrets/$1"; }
random | keep postgres-password
random | keep worker-password
random | keep broker-password
printf 'Host=postgres;Database=app;Username=projections_worker;Password=%s' "$(cat secrets/worker-password)" | keep read-models
printf 'default_user = projections\ndefault_pass = %s\ndefault_user_tags.administrator = false\n' "$(cat secrets/broker-password)" | keep rabbitmq.conf
[ -e secrets/api-keys ] || : >secrets/api-keys
echo "The secrets are in deploy/secrets. Put a line NAME=operator:sha256:... into deploy/secrets/api-keys for everybody who is to come in ('projections api-key NAME --role operator' makes it)."
