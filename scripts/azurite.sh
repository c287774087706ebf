#!/usr/bin/env bash
# Azurite, the storage emulator (blobs, queues, tables), from npm: pinned by scripts/azurite/package-lock.json, each package with its hash.
#   scripts/azurite.sh install     puts it into .native/azurite; quick when it is there
#   scripts/azurite.sh [OPTION …]  installs, then runs it on the usual ports (10000 to 10002) until Ctrl-C; data under data/azurite
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

into=.native/azurite
lock=scripts/azurite/package-lock.json
main=node_modules/azurite/dist/src/azurite.js

install() {
  if cmp -s "$lock" "$into/package-lock.json" && [ -f "$into/$main" ]; then return; fi
  command -v npm >/dev/null || { echo "azurite: npm is missing: install Node.js 20 or later (https://nodejs.org), then run this again" >&2; exit 1; }
  echo "azurite: installing $(sed -n 's/.*"azurite": "\([^"]*\)".*/azurite \1/p' scripts/azurite/package.json) from npm (about 190 MB)"
  local fresh=$into.new.$$
  mkdir -p "$fresh"
  trap 'rm -rf "$fresh"' EXIT
  cp scripts/azurite/package.json "$lock" "$fresh/"
  # No install scripts: none of what we run needs them.
  (cd "$fresh" && npm ci --silent --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund) \
    || { echo "azurite: npm could not install it" >&2; exit 1; }
  # Another run may have installed it meanwhile.
  if ! { cmp -s "$lock" "$into/package-lock.json" && [ -f "$into/$main" ]; }; then
    rm -rf "$into"
    mv "$fresh" "$into"
  fi
  rm -rf "$fresh"
  trap - EXIT
}

install
if [ "${1:-}" = install ]; then exit 0; fi
mkdir -p data/azurite
exec node scripts/azurite/run.js "$PWD/$into/$main" --location data/azurite --silent --disableTelemetry --skipApiVersionCheck "$@"
