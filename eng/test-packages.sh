#!/usr/bin/env bash
# Does what docs/first-projection.md says, with the packages of this tree and in a folder outside of it: from an empty folder to a switch and
# back, with a second version. Projections.sln must have been built for release. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

place=$(mktemp -d)
feed=$place/feed
# A version that no cache has seen.
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)-test.$(date +%s)
stay=

finish() {
    status=$?
    if [ -n "$stay" ]; then
        kill -TERM "$stay" 2>/dev/null || true
        wait "$stay" 2>/dev/null || true
    fi
    if [ "$status" -ne 0 ] && [ -f "$place/log" ]; then
        tail -n 60 "$place/log" >&2
    fi
    rm -rf "$place"
    exit "$status"
}
trap finish EXIT

# Says what is done, does it, and tells its output only where it fails.
step() {
    echo "  $*"
    "$@" >"$place/log" 2>&1
}

expect() {
    if ! grep -qE "$1" "$place/log"; then
        echo "  It did not say: $1" >&2
        return 1
    fi
}

echo "Packing $version"
eng/pack.sh "$feed" --no-build -p:PackageVersion="$version" >"$place/log" 2>&1

# Packages of others come from where this machine has them, ours from the feed into a cache that goes away.
export NUGET_FALLBACK_PACKAGES=${NUGET_PACKAGES:-$HOME/.nuget/packages}
export NUGET_PACKAGES=$place/packages DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
cd "$place"
cat >nuget.config <<XML
<configuration><packageSources><add key="projections" value="feed" /></packageSources></configuration>
XML
new() { step dotnet new "$@" --debug:custom-hive "$place/hive"; }
run() { step dotnet run -- "$@"; }

echo "From an empty folder"
new install "Projections.Templates@$version" --add-source "$feed"
new projections -o Shop
cd Shop
step dotnet test
expect 'Passed!'
run demo --events 5000
expect 'Failed reads +0'
expect 'v1 and v2 agree in one snapshot +yes'

echo "With a row that does not fit its table"
table=projections/InvoiceSummary/V1/table.sql
cp "$table" "$place/table.sql"
sed -i 's/create table invoice_summary_v1 (/&never_folded integer not null,/' "$table"
if dotnet build >"$place/log" 2>&1; then echo "A column that the row has not was built."; exit 1; fi
expect "error PROJ001: invoice_summary_v1 has a column 'never_folded'"
cp "$place/table.sql" "$table"

echo "Against a store"
dotnet bin/Debug/net10.0/Shop.dll demo --stay --events 5000 >"$place/stay" 2>&1 &
stay=$!
for _ in $(seq 600); do
    grep -q 'Ctrl-C ends it' "$place/stay" && break
    kill -0 "$stay" || { cp "$place/stay" "$place/log"; exit 1; }
    sleep 0.2
done
ConnectionStrings__ReadModels=$(sed -n "s/.*ConnectionStrings__ReadModels='\(.*\)'/\1/p" "$place/stay")
export ConnectionStrings__ReadModels
run rebuild invoice_summary --to 1
run switch invoice_summary --to 1
new projection-version -n invoice_summary --allow-scripts yes
test -f projections/InvoiceSummary/V2/InvoiceSummaryV2.cs
step dotnet build
run rebuild invoice_summary --to 2
run verify invoice_summary
run switch invoice_summary --to 2
run rollback invoice_summary
run status invoice_summary
expect 'v1.*live'
expect 'v2.*standby'

echo "As a tool"
step dotnet tool install projections --version "$version" --add-source "$feed" --tool-path "$place/tools"
step "$place/tools/projections" --assembly projections/bin/Debug/net10.0/Shop.ReadModels.dll status invoice_summary
expect 'v1.*live'
step "$place/tools/projections" migrate check --service shop

echo "As an image, by the steps of its Dockerfile"
step sh deploy/make-secrets.sh
test -s deploy/secrets/read-models
test -f deploy/postgres/rights.sql
step dotnet publish Shop.csproj --configuration Release -p:PublishReadyToRun=true --output "$place/app"
step dotnet "$place/app/Shop.dll" status invoice_summary
expect 'v1.*live'
echo "All of it works."
