#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and ends with the line "N passed, N failed".
#   --postgres VERSION  runs everything against the server programs of that version (15 to 18), which come from npm
#   --also VERSION      runs what depends most on the server's version a second time, against that one; CI does so with 18
#   --again             runs tests that failed, if they are few, a second time; those that pass then are counted as passed, and named as unsteady
# Other arguments go to dotnet test: eng/test.sh --filter FullyQualifiedName~SafeHead
set -euo pipefail
cd "$(dirname "$0")/.."

results=artifacts/test-results
configuration=Release

# What runs, and judges, statements of all kinds, and what looks into the server's own tables. The others run on another version by --postgres, for they
# would take as long again.
by_version="Projections.Migrations.Tests Projections.PostgresEvents.Tests"

# More than these in one project are no matter of chance.
few=3

also= again=
while [ $# -gt 0 ]; do
    case $1 in
        --postgres) PROJECTIONS_POSTGRES_BIN=$(eng/install-postgres-version.sh "$2") && export PROJECTIONS_POSTGRES_BIN; shift 2 ;;
        --also) also=$2; shift 2 ;;
        --again) again=yes; shift ;;
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
broken=() unsteady=()

# One attribute of the <Counters> element of a result file.
counter() {
    sed -n "s/.*<Counters .*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1
}

# The names of the tests in a result file that had the given outcome, each followed by the first lines of what it said.
tests_with_outcome() {
    awk -v outcome="$2" '
        /<UnitTestResult / {
            wanted = index($0, "outcome=\"" outcome "\"") > 0
            lines = 0
            if (wanted) { match($0, /testName="[^"]*"/); print "  " substr($0, RSTART + 10, RLENGTH - 11) }
        }
        wanted && /<(Message|StackTrace|StdOut)>/ { inside = 1 }
        wanted && inside { line = $0; gsub(/^ *<(Message|StackTrace|StdOut)>|<\/(Message|StackTrace|StdOut)>.*$/, "", line); if (line != "" && ++lines <= 30) print "      " line }
        /<\/(Message|StackTrace|StdOut)>/ { inside = 0 }
        /<\/UnitTestResult>/ { wanted = 0 }
    ' "$1" | sed -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
}

# Why tests of a result file were skipped, and how many for each reason.
reasons_of_skips() {
    tests_with_outcome "$1" NotExecuted | sed -n 's/^      //p' | sort | uniq -c | sed -E 's/^ *([0-9]+) /  \1: /'
}

# A filter for the tests that failed, or nothing when they are too many to be a matter of chance.
filter_of_failed() {
    local names
    names=$(tests_with_outcome "$1" Failed | sed -nE 's/^  ([^ (]+).*/\1/p' | sort -u)
    [ "$(wc -l <<<"$names")" -le "$few" ] && sed 's/^/FullyQualifiedName=/' <<<"$names" | paste -sd '|'
}

run_tests() {
    local project=$1 file=$2
    shift 2
    dotnet test "tests/$project/$project.csproj" --no-build --configuration "$configuration" \
        --logger "trx;LogFileName=$(basename "$file")" --results-directory "$results" "$@"
}

# Runs a project's tests, and counts them under a name.
run_project() {
    local project=$1 name=$2 file=$results/$2.trx status=0 project_failed filter
    shift 2
    echo
    echo "== $name"
    run_tests "$project" "$file" "$@" || status=$?
    if [ ! -f "$file" ]; then
        [ "$status" -eq 0 ] || broken+=("$name: the test run ended with $status and left no results")
        return 0
    fi
    project_failed=$(counter "$file" failed)
    passed=$((passed + $(counter "$file" passed)))
    skipped=$((skipped + $(grep -c '<UnitTestResult .*outcome="NotExecuted"' "$file" || true)))
    if [ "$status" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        broken+=("$name: no test failed, but the test run ended with $status")
    fi
    if [ "$project_failed" -gt 0 ] && [ -n "$again" ] && filter=$(filter_of_failed "$file"); then
        echo "-- $name, what failed, again"
        if run_tests "$project" "$results/$name.again.trx" --filter "$filter"; then
            mv "$file" "$results/$name.unsteady"
            unsteady+=("$name")
            passed=$((passed + project_failed))
            project_failed=0
        fi
    fi
    failed=$((failed + project_failed))
}

for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    # Those of eng/Projections.Adapters.slnx need packages that cannot be restored everywhere.
    grep -qF "$name.csproj" Projections.sln || continue
    run_project "$name" "$name" "$@"
done

if [ -n "$also" ]; then
    if folder=$(eng/install-postgres-version.sh "$also"); then
        for name in $by_version; do
            PROJECTIONS_POSTGRES_BIN=$folder run_project "$name" "$name on PostgreSQL $also" "$@"
        done
        # What seed.sql may be is read off the server's own tree of it.
        [ $# -ne 0 ] || PROJECTIONS_POSTGRES_BIN=$folder run_project Projections.EndToEnd.Tests "Seeds on PostgreSQL $also" --filter FullyQualifiedName~SeedTests
    else
        echo "The tests against PostgreSQL $also are skipped."
    fi
fi

# What is tried from outside, as a user would: a test each.
if [ $# -eq 0 ]; then
    for outside in eng/test-image.sh eng/test-packages.sh; do
        echo "== $outside"
        if "$outside"; then passed=$((passed + 1)); else broken+=("$outside failed"); fi
    done
fi

# What failed stands last, where whoever reads the end of a long log finds it.
echo
for file in "$results"/*.trx "$results"/*.unsteady; do
    case $file in *.again.trx | *'*'*) continue ;; esac
    list=$(reasons_of_skips "$file")
    [ -z "$list" ] || printf 'Skipped in %s:\n%s\n' "$(basename "${file%.*}")" "$list"
done
for name in "${unsteady[@]+"${unsteady[@]}"}"; do
    printf 'Failed in %s, and passed when run again:\n%s\n' "$name" "$(tests_with_outcome "$results/$name.unsteady" Failed)"
done
for file in "$results"/*.trx; do
    case $file in *.again.trx | *'*'*) continue ;; esac
    list=$(tests_with_outcome "$file" Failed)
    [ -z "$list" ] || printf 'Failed in %s:\n%s\n' "$(basename "$file" .trx)" "$list"
done

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
