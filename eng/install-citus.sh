#!/usr/bin/env bash
# Builds Citus from its public source against the PostgreSQL 15 to 17 that is on this machine, and installs it there, for the tests that need a coordinator and
# two workers. The server's headers have to be there, of the server's own version (Debian: postgresql-server-dev-15), beside git, make, gcc, flex, and the headers of lz4, zstd and Kerberos (libkrb5-dev).
# With CITUS_SOURCE set, that folder is built in place of a clone.
set -euo pipefail

version=${1:-13.2.2}
config=${PG_CONFIG:-$(ls /usr/lib/postgresql/*/bin/pg_config /usr/bin/pg_config 2>/dev/null | head -n 1)}

if [ ! -f "$("$config" --includedir-server)/postgres.h" ]; then
    echo "The headers of $("$config" --version) are missing." >&2
    exit 1
fi

if [ -f "$("$config" --pkglibdir)/citus.so" ]; then
    echo "Citus is installed already."
    exit 0
fi

source=${CITUS_SOURCE:-}
if [ -z "$source" ]; then
    source=$(mktemp -d)
    trap 'rm -rf "$source"' EXIT
    git clone --quiet --depth 1 --branch "v$version" https://github.com/citusdata/citus "$source"
fi

cd "$source"
./configure PG_CONFIG="$config" --without-libcurl --quiet
# Without the bitcode, which only makes queries a little faster.
make --silent -j"$(nproc)" with_llvm=no
make --silent with_llvm=no install
