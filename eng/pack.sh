#!/usr/bin/env bash
# Makes the packages, with symbols: eng/pack.sh [FOLDER] (artifacts/packages). Further arguments go to dotnet pack: -p:Version=1.2.3, and
# --no-build where Projections.sln has been built for release.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${1:-artifacts/packages}")
rm -rf "$folder"
# Deterministic, with no path of this machine in them.
CI=true dotnet pack Projections.sln --configuration Release --output "$folder" --nologo --verbosity quiet "${@:2}"
ls "$folder"
