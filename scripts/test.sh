#!/usr/bin/env bash
# Sets up, builds everything in Release and runs all tests. Ends with a line 'N passed, N failed[, N skipped]' and exits
# with 0 only when all is well. Options: --filter TEXT runs only test projects whose name holds TEXT.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

filter=
case "${1:-}" in
  --filter) filter=${2:?--filter needs a text} ;;
  "") ;;
  *) echo "test: unknown option '$1' (known: --filter TEXT)" >&2; exit 2 ;;
esac

# What only tests need: an independent solver to compare with, a message server, and a browser to look at pages. Without them those tests skip.
need() { # COMMAND PACKAGE WHAT-FOR
  if PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
  echo "test: installing $2 ($3)"
  { apt-get install -y -qq --no-install-recommends "$2" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"; }; } \
    >/dev/null 2>&1 || echo "test: $2 could not be installed; tests that need it skip"
}
need cbc coinor-cbc "an independent solver that some tests compare with"
need nats-server nats-server "the server of tests of a cluster"
need chromium chromium "a browser in which some tests look at pages"

scripts/setup.sh
# The storage emulator of the tests that store on Azure.
scripts/azurite.sh install || echo "test: tests that need Azurite skip"
echo "test: building"
failed_build() { echo "$1" >&2; echo "0 passed, 1 failed"; exit 1; }
solution=ServerlessLoki.sln
[ ! -f artifacts/buildable.slnf ] || solution=artifacts/buildable.slnf
log=$(dotnet build "$solution" -c Release -v q -nologo 2>&1) || failed_build "$log"

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
for project in tests/*.Tests; do
  name=$(basename "$project")
  [[ $name == *"$filter"* ]] || continue
  [ -f "$project/$name.csproj" ] || continue
  # The feed lacks what it needs: said, and counted as one skipped test.
  absent=$(awk -F'\t' -v p="$project/$name.csproj" '$1 == p { printf "%s%s", (c++ ? ", " : ""), $2 }' artifacts/lacking 2>/dev/null || true)
  if [ -n "$absent" ]; then echo "$name is not run: the package feed lacks $absent"; skipped=$((skipped + 1)); continue; fi
  dll=artifacts/bin/$name/release/$name.dll
  if [ ! -f "$dll" ]; then echo "test: $name was not built" >&2; failed=$((failed + 1)); continue; fi
  # A project whose tests have yet to be written runs nothing and is no failure.
  [ -n "$(find "$project" -name '*.cs' -not -path '*/obj/*' -print -quit)" ] || continue
  start=$SECONDS
  code=0
  dotnet exec "$dll" -noColor -noLogo -xml "$results/$name.xml" > "$results/$name.log" 2>&1 || code=$?
  # The whole report is one line: only the assembly's own tag has the totals.
  counts=$(grep -o '<assembly [^>]*>' "$results/$name.xml" 2>/dev/null | head -n 1 || true)
  number() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counts"; }
  p=$(number passed) f=$(number failed) s=$(number skipped) e=$(number errors)
  f=$((${f:-0} + ${e:-0}))
  # A test host that died has no counts: that is a failure too.
  if [ "$code" != 0 ] && [ "$f" = 0 ]; then f=1; fi
  printf '%-34s %5d passed %4d failed %4d skipped %5ds\n' "$name" "${p:-0}" "$f" "${s:-0}" $((SECONDS - start))
  if [ "$f" != 0 ]; then sed 's/^/    /' "$results/$name.log"; else grep -E '\[SKIP\]' -A 2 "$results/$name.log" | grep -v '^--' | sed 's/^/    /' || true; fi
  passed=$((passed + ${p:-0})) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
done
# Once more, short: a long report above is often cut where it is kept.
if [ "$failed" != 0 ]; then echo "Failed:"; grep -h -A 3 '\[FAIL\]' "$results"/*.log | cut -c 1-300 | grep -v '^--' || true; fi
if [ $((passed + failed)) = 0 ]; then echo "test: nothing ran" >&2; failed=1; fi
line="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then line="$line, $skipped skipped"; fi
echo "$line"
[ "$failed" = 0 ]
