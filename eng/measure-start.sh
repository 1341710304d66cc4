#!/usr/bin/env bash
# How long a command and a worker take to start, and a rebuild by a fresh command against a warm one: eng/measure-start.sh [EVENTS] [ROUNDS]. The program is
# published as the image has it, and works on a private server. docs/performance.md has the figures. Wall time needs a quiet machine; processor time hardly does.
set -euo pipefail
cd "$(dirname "$0")/.."

events=${1:-1000000} rounds=${2:-5}
place=$(mktemp -d)
demo= worker=
finish() {
    [ -z "$worker" ] || kill -TERM "$worker" 2>/dev/null || true
    [ -z "$demo" ] || kill -TERM "$demo" 2>/dev/null || true
    wait
    rm -rf "$place"
}
trap finish EXIT

TIMEFORMAT='%R s, of the processor %U + %S s'
now() { date +%s.%N; }
seconds_since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.2f", to - from }'; }
# A time in the status of the one version.
moment() { date -d "$(grep -o "\"$1\": *\"[^\"]*" "$place/status" | head -n 1 | cut -d'"' -f4)" +%s.%N; }
# Waits until a program has said something.
until_says() { until grep -q "$2" "$1"; do sleep 0.01; done; }

dotnet publish src/Projections.Host/Projections.Host.csproj --configuration Release -p:PublishReadyToRun=true --output "$place/app" --nologo --verbosity quiet
program=$place/app/projections
"$program" demo --stay --events "$events" >"$place/demo" 2>&1 &
demo=$!
until_says "$place/demo" 'Ctrl-C ends it'
ConnectionStrings__ReadModels=$(sed -n "s/.*ConnectionStrings__ReadModels='\(.*\)'/\1/p" "$place/demo")
export ConnectionStrings__ReadModels Http__Listen=127.0.0.1:0

for round in $(seq "$rounds"); do
    echo "== $round, load $(cut -d' ' -f1 /proc/loadavg)"
    printf 'status: '; time "$program" status >/dev/null
    began=$(now)
    "$program" run >"$place/run" 2>&1 &
    worker=$!
    until_says "$place/run" 'Ctrl-C stops it'
    echo "worker, to its first line: $(seconds_since "$began") s, of the processor $(awk '{ print ($14 + $15) / 100 }' "/proc/$worker/stat") s"
    kill -TERM "$worker"; wait "$worker" || true; worker=
    printf 'rebuild by a fresh command: '; time "$program" rebuild invoice_summary --to 1 >/dev/null
    "$program" abort invoice_summary --version 1 >/dev/null
done

"$program" run >"$place/run" 2>&1 &
worker=$!
until_says "$place/run" 'Ctrl-C stops it'
for round in $(seq "$rounds"); do
    "$program" rebuild invoice_summary --to 1 >/dev/null
    "$program" status invoice_summary --json >"$place/status"
    echo "rebuild by a worker that runs, from the command to ready: $(awk -v from="$(moment requestedAt)" -v to="$(moment readyAt)" 'BEGIN { printf "%.2f", to - from }') s"
    "$program" abort invoice_summary --version 1 >/dev/null
done
