#!/usr/bin/env bash
# Makes sure that PostgreSQL server programs of version 15 or newer are on this machine: does nothing when there are, installs
# Debian's or Ubuntu's package when it may, and else says what to do.
set -euo pipefail

oldest=15

has_server() {
    local folder version folders
    folders=(${PATH//:/ } /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin)
    # The named folder counts alone, as for the programs that use it.
    [ -z "${PROJECTIONS_POSTGRES_BIN:-}" ] || folders=("$PROJECTIONS_POSTGRES_BIN")
    for folder in "${folders[@]}"; do
        [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] || continue
        version=$("$folder/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
        [ "${version:-0}" -ge "$oldest" ] && return 0
    done
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }
}

say_what_to_do() {
    {
        echo "PostgreSQL $oldest or newer is needed and was not found. Either"
        echo "  install it:  sudo apt-get install postgresql   (Debian, Ubuntu)"
        echo "               brew install postgresql@17        (macOS)"
        echo "  or set PROJECTIONS_POSTGRES_BIN to the folder that holds its initdb and postgres."
    } >&2
    exit 1
}

has_server && exit 0
[ -z "${PROJECTIONS_POSTGRES_BIN:-}" ] || say_what_to_do
may_install || say_what_to_do

echo "Installing PostgreSQL ..."
# The package starts a server of its own on port 5432 unless it is told not to; nobody asked for that one.
as_root mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/projections.conf >/dev/null
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
has_server || say_what_to_do
