#!/usr/bin/env bash
# Makes sure that there is a Chromium for the tests of the page: does nothing when there is one, installs Debian's or Ubuntu's
# package when it may, and else says what to do. Without one, those tests are skipped.
set -euo pipefail

for program in "${PROJECTIONS_TEST_CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    [ -n "$program" ] && [ -x "$program" ] && exit 0
done

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }; then
    echo "Installing Chromium ..."
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
    [ -x /usr/bin/chromium ] && exit 0
fi

{
    echo "No Chromium was found. Either"
    echo "  install it:  sudo apt-get install chromium   (Debian)"
    echo "  or set PROJECTIONS_TEST_CHROMIUM to the path of a Chromium or Chrome."
} >&2
exit 1
