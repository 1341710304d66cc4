#!/usr/bin/env bash
# Runs the tests of somebody else's PostgreSQL and EventStoreDB, and this repository's image, in containers that are started for it: needs Docker or
# another container engine, and Testcontainers' packages. Where there is no engine, the tests are skipped with the reason.
# EVENTSTORE_IMAGE and POSTGRES_IMAGE name other versions: EVENTSTORE_IMAGE=eventstore/eventstore:24.10 eng/test-containers.sh
# Arguments go to dotnet test.
set -euo pipefail
cd "$(dirname "$0")/.."

exec dotnet test tests/Projections.Containers.Tests --configuration "${CONFIGURATION:-Release}" "$@"
