#!/usr/bin/env bash
# Runs workers, writers, readers and commands for MINUTES while everything that can go wrong does, and compares every table in the end:
# eng/chaos.sh 60. The last lines are a table and a verdict; the exit code is 0 when everything that is promised held, else 1.
# docs/reliability.md says what is done and what is looked for. Without arguments it says what else can be chosen.
set -euo pipefail
cd "$(dirname "$0")/.."

eng/install-postgres.sh
eng/install-rabbitmq.sh || echo "There is no RabbitMQ: commands go by the command line and over HTTP only."

log=$(mktemp)
if ! dotnet build tests/Projections.Chaos/Projections.Chaos.csproj --configuration Release --nologo --verbosity quiet >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"

exec dotnet tests/Projections.Chaos/bin/Release/net10.0/Projections.Chaos.dll "$@"
