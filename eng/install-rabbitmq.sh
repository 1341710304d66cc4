#!/usr/bin/env bash
# Makes sure that RabbitMQ's server programs are on this machine, for the tests of the message bus: does nothing when they are,
# installs Debian's or Ubuntu's package when it may, and else says what to do.
set -euo pipefail

has_server() {
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }
}

has_server && exit 0
if ! may_install; then
    {
        echo "RabbitMQ was not found; the tests against a real broker are skipped without it. Install it:"
        echo "  sudo apt-get install rabbitmq-server   (Debian, Ubuntu)"
        echo "  brew install rabbitmq                  (macOS)"
    } >&2
    exit 1
fi

echo "Installing RabbitMQ ..."
# The package starts a broker of its own on port 5672 unless it is told not to; nobody asked for that one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    trap 'as_root rm -f "$policy"' EXIT
fi
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null
has_server
