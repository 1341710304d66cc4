#!/usr/bin/env bash
# Runs the tests that can run against a real EventStoreDB or KurrentDB as they run against one: with EVENTSTORE_CONNECTION_STRING
# set to a server in a process of its own, with other data in it. Where the variable is set already, that server is used; else
# the test server stands in.
# Arguments go to dotnet test.
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}
server=tests/Projections.EventStoreDb.TestServer

if [ -z "${EVENTSTORE_CONNECTION_STRING:-}" ]; then
    dotnet build "$server" --configuration "$configuration"
    # It ends when its input does: when this script ends, however it does.
    coproc SERVER { exec dotnet "$server/bin/$configuration/net10.0/Projections.EventStoreDb.TestServer.dll"; }
    read -r EVENTSTORE_CONNECTION_STRING <&"${SERVER[0]}"
    export EVENTSTORE_CONNECTION_STRING
fi

status=0
for suite in EventStoreDb EndToEnd CommandLine; do
    project="tests/Projections.$suite.Tests"
    echo "== $project"
    dotnet test "$project" --configuration "$configuration" --filter "DisplayName~RealServer" "$@" || status=1
done
exit $status
