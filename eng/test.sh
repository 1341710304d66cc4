#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and ends with the line "N passed, N failed".
#   --postgres VERSION  runs everything against the server programs of that version (15 to 18), which come from npm
#   --also VERSION      runs what depends most on the server's version a second time, against that one
# Other arguments go to dotnet test: eng/test.sh --filter FullyQualifiedName~SafeHead
set -euo pipefail
cd "$(dirname "$0")/.."

results=artifacts/test-results
configuration=Release

# What runs, and judges, statements of all kinds.
by_version="Projections.Migrations.Tests"

also=
while [ $# -gt 0 ]; do
    case $1 in
        --postgres) PROJECTIONS_POSTGRES_BIN=$(eng/install-postgres-version.sh "$2") && export PROJECTIONS_POSTGRES_BIN; shift 2 ;;
        --also) also=$2; shift 2 ;;
        *) break ;;
    esac
done

if [ -z "${PROJECTIONS_TEST_POSTGRES:-}" ]; then
    eng/install-postgres.sh
fi
eng/install-rabbitmq.sh || echo "The tests against a real RabbitMQ are skipped."
eng/install-chromium.sh || echo "The tests of the page in a browser are skipped."

dotnet restore Projections.sln --locked-mode
dotnet build Projections.sln --configuration "$configuration" --no-restore

rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
broken=()

# One attribute of the <Counters> element of a result file.
counter() {
    sed -n "s/.*<Counters .*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1
}

# The names and messages of the tests in a result file that had the given outcome.
tests_with_outcome() {
    awk -v outcome="$2" '
        /<UnitTestResult / {
            wanted = index($0, "outcome=\"" outcome "\"") > 0
            if (wanted) { match($0, /testName="[^"]*"/); print "  " substr($0, RSTART + 10, RLENGTH - 11) }
        }
        wanted && /<(Message|StdOut)>/ { inside = 1 }
        wanted && inside { line = $0; gsub(/^ *<(Message|StdOut)>|<\/(Message|StdOut)>.*$/, "", line); if (line != "") print "      " line }
        /<\/(Message|StdOut)>/ { inside = 0 }
        /<\/UnitTestResult>/ { wanted = 0 }
    ' "$1" | sed -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
}

# Runs a project's tests, and counts them under a name.
run_project() {
    local project=tests/$1/$1.csproj name=$2 file=$results/$2.trx status=0 project_failed
    shift 2
    echo
    echo "== $name"
    dotnet test "$project" --no-build --configuration "$configuration" \
        --logger "trx;LogFileName=$name.trx" --results-directory "$results" "$@" || status=$?
    if [ ! -f "$file" ]; then
        [ "$status" -eq 0 ] || broken+=("$name: the test run ended with $status and left no results")
        return 0
    fi
    project_failed=$(counter "$file" failed)
    passed=$((passed + $(counter "$file" passed)))
    failed=$((failed + project_failed))
    skipped=$((skipped + $(grep -c '<UnitTestResult .*outcome="NotExecuted"' "$file" || true)))
    if [ "$status" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        broken+=("$name: no test failed, but the test run ended with $status")
    fi
}

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    run_project "$name" "$name" "$@"
done

if [ -n "$also" ]; then
    if folder=$(eng/install-postgres-version.sh "$also"); then
        for name in $by_version; do
            PROJECTIONS_POSTGRES_BIN=$folder run_project "$name" "$name on PostgreSQL $also" "$@"
        done
    else
        echo "The tests against PostgreSQL $also are skipped."
    fi
fi

echo
for file in "$results"/*.trx; do
    [ -f "$file" ] || continue
    for outcome in Failed NotExecuted; do
        list=$(tests_with_outcome "$file" "$outcome")
        [ -z "$list" ] && continue
        [ "$outcome" = Failed ] && echo "Failed in $(basename "$file" .trx):" || echo "Skipped in $(basename "$file" .trx):"
        echo "$list"
    done
done
# What is tried from outside, as a user would: a test each.
if [ $# -eq 0 ]; then
    for outside in eng/test-image.sh eng/test-packages.sh; do
        echo "== $outside"
        if "$outside"; then passed=$((passed + 1)); else broken+=("$outside failed"); fi
    done
fi

for problem in "${broken[@]+"${broken[@]}"}"; do
    echo "$problem"
    failed=$((failed + 1))
done
if [ $((passed + failed)) -eq 0 ]; then
    echo "No test was run."
fi

summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
