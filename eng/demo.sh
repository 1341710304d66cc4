#!/usr/bin/env bash
# Shows a rebuild, a switch and a rollback under load on a private PostgreSQL server, and leaves nothing running. Needs the .NET SDK;
# installs PostgreSQL where there is none and it may. Arguments go to the demo: eng/demo.sh --events 1000000
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v dotnet >/dev/null; then
    echo "The .NET SDK 10 is needed: see https://dotnet.microsoft.com/download" >&2
    exit 1
fi

eng/install-postgres.sh

echo "Building ..."
log=$(mktemp)
if ! dotnet build src/Projections.Host/Projections.Host.csproj --configuration Release --nologo --verbosity quiet >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"

exec src/Projections.Host/bin/Release/net10.0/projections demo "$@"
