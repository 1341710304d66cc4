#!/usr/bin/env bash
# Makes the packages, with symbols: eng/pack.sh [FOLDER] (artifacts/packages). VERSION=1.2.3 eng/pack.sh gives them another version.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${1:-artifacts/packages}")
rm -rf "$folder"
# Deterministic, with no path of this machine in them.
dotnet pack Projections.sln --configuration Release --output "$folder" --nologo --verbosity quiet \
    -p:ContinuousIntegrationBuild=true ${VERSION:+-p:Version="$VERSION"}
ls "$folder"
