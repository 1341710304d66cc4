#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and ends with the line "N passed, N failed".
# Arguments go to dotnet test: eng/test.sh --filter FullyQualifiedName~SafeHead
set -euo pipefail
cd "$(dirname "$0")/.."

results=artifacts/test-results
configuration=Release

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

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    file="$results/$name.trx"
    echo
    echo "== $name"
    status=0
    dotnet test "$project" --no-build --configuration "$configuration" \
        --logger "trx;LogFileName=$name.trx" --results-directory "$results" "$@" || status=$?
    if [ ! -f "$file" ]; then
        [ "$status" -eq 0 ] || broken+=("$name: the test run ended with $status and left no results")
        continue
    fi
    project_failed=$(counter "$file" failed)
    passed=$((passed + $(counter "$file" passed)))
    failed=$((failed + project_failed))
    skipped=$((skipped + $(grep -c '<UnitTestResult .*outcome="NotExecuted"' "$file" || true)))
    if [ "$status" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        broken+=("$name: no test failed, but the test run ended with $status")
    fi
done

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
