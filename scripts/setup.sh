#!/usr/bin/env bash
# Restores the packages of the solution, or of the projects named, from the package feeds of this machine. Needs the .NET SDK. No root.
#   scripts/setup.sh [PROJECT …]          quick when nothing changed
#   scripts/setup.sh --force [PROJECT …]  forgets what the feeds lacked before
# What the feeds lack is named, with what can be built all the same:
# - The Service Bus trigger of the Functions worker has a small library of ours in its place; the property OwnServiceBusTrigger in
#   Directory.Build.local.props (not committed) says so. An app that is published for Azure never takes it.
# - A version that a feed has only newer is taken newer.
# - Projects that need another absent package are left out: artifacts/buildable.slnf lists the rest, artifacts/lacking why.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

solution=ServerlessLoki.sln
props=Directory.Build.local.props
trigger=Microsoft.Azure.Functions.Worker.Extensions.ServiceBus
# The half of it that the Functions host loads.
host_half=Microsoft.Azure.WebJobs.Extensions.ServiceBus
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

if [ "${1:-}" = --force ]; then rm -f "$props"; shift; fi
case "${1:-}" in -*) echo "setup: unknown option '$1' (known: --force)" >&2; exit 2 ;; esac
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("$solution")
command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (https://dot.net), then run this again"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
restore() {
  local target
  : >"$log"
  for target in "${targets[@]}"; do dotnet restore "$target" -v q -nologo >>"$log" 2>&1 || true; done
  ! grep -qE ': error|^MSBUILD : error|^error' "$log"
}
lacking() { sed -nE 's/.*error NU110[123]: Unable to find (a stable )?package ([A-Za-z0-9_.-]*[A-Za-z0-9_-]).*/\2/p' "$log" | sort -u; }
newer() { sed -nE 's/.*(error|warning) NU1603: .* depends on ([^ ]+) \(>= ([^)]*)\) but .* was not found\. (An approximate best match of )?[^ ]+ ([^ ]+) was resolved.*/\2 \3 → \5/p' "$log" | sort -u; }
has() { grep -qs "<$1>" "$props"; }

# Adds a property to what this machine's feeds lack.
note() { # NAME VALUE
  has "$1" && return
  { [ -f "$props" ] && grep -v '</Project>' "$props" || echo '<Project>'
    echo "  <PropertyGroup Condition=\"'\$($1)' == ''\"><$1>$2</$1></PropertyGroup>"
    echo '</Project>'
  } >"$props.new"
  mv "$props.new" "$props"
}

# What was noted for other pins may not hold for these.
pins=$(cksum <Directory.Packages.props | tr ' ' '-')
if [ -f "$props" ] && ! grep -q "<PinsWhenAsked>$pins<" "$props"; then rm -f "$props"; fi

restored=true
if ! restore; then
  restored=false
  # Each turn notes one kind of lack and tries again.
  for _ in 1 2; do
    if lacking | grep -qxE "$trigger|$host_half" && ! has OwnServiceBusTrigger; then
      note PinsWhenAsked "$pins"
      note OwnServiceBusTrigger true
    elif [ -n "$(newer)" ] && ! has TakeNewerPackages; then
      note PinsWhenAsked "$pins"
      note TakeNewerPackages true
      newer | while read -r line; do say "the feed lacks this version and gives a newer one: $line"; done
    else
      break
    fi
    if restore; then restored=true; break; fi
  done
fi
if has OwnServiceBusTrigger; then say "the feed lacks $trigger, or the host's half of it ($host_half): the Function app is built with src/ServerlessLoki.Functions.ServiceBus in its place, and cannot be published for Azure from here"; fi

mkdir -p artifacts
if [ "${targets[*]}" = "$solution" ]; then rm -f artifacts/lacking artifacts/buildable.slnf; fi
if $restored; then say "packages are restored"; exit 0; fi

absent=$(lacking)
if [ -z "$absent" ] || grep -E ': error|^error' "$log" | grep -qvE 'NU110[123]|NU1603'; then
  cat "$log" >&2
  fail "the packages could not be restored (see above): check the network and 'dotnet nuget list source', then run this again"
fi
# PROJECT<tab>PACKAGE of every project that cannot be restored, projects relative to the root.
pairs=$(awk -v root="$PWD/" '/ : error NU110[123]: Unable to find/ {
  project = $0; sub(/ : error NU110.*/, "", project); if (index(project, root) == 1) project = substr(project, length(root) + 1)
  package = $0; sub(/.*Unable to find (a stable )?package /, "", package); sub(/[^A-Za-z0-9_.-].*/, "", package); sub(/\.$/, "", package)
  print project "\t" package }' "$log" | sort -u)
if [ "${targets[*]}" = "$solution" ]; then echo "$pairs" >artifacts/lacking; fi
for package in $absent; do
  say "the feed lacks $package, needed by $(awk -F'\t' -v p="$package" '$2 == p { n = split($1, path, "/"); sub(/\.csproj$/, "", path[n]); printf "%s%s", (c++ ? ", " : ""), path[n] }' <<<"$pairs")" >&2
done
[ "${targets[*]}" = "$solution" ] || fail "so this cannot be built here: add a feed that has the package (dotnet nuget add source), then run this again"

{
  echo '{ "solution": { "path": "../ServerlessLoki.sln", "projects": ['
  dotnet sln "$solution" list | tr '\\' '/' | grep 'proj$' | grep -vxFf <(cut -f1 artifacts/lacking) | sed 's/.*/    "&"/; $!s/$/,/'
  echo '] } }'
} >artifacts/buildable.slnf
say "the other projects can be built: artifacts/buildable.slnf" >&2
