#!/usr/bin/env bash
# Runs the experiments of the published systems again, each on its own data, trace and metric rules, with its baselines and `unified`
# beside it, and writes the tables of tests/ServerlessLoki.Benchmarks/RESULTS.md again.
#   scripts/reproduce.sh             all sets
#   scripts/reproduce.sh loki ipa    these only: loki, proteus, infadapter, ipa, inferline, hard (cases in which planners fail)
#   scripts/reproduce.sh hard/ramp   one experiment; its tables are shown, and only the summary is written
#   scripts/reproduce.sh summary     the table of `unified` against every rival at its best, from the runs made last
#   scripts/reproduce.sh sweep loki  searches the rivals' best settings again (Reproduction/best-settings.json)
# The data is not part of this project: LOKI_DATA names its folder (otherwise ../shared/data); a set without its data is skipped.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
scripts/setup.sh tests/ServerlessLoki.Benchmarks/ServerlessLoki.Benchmarks.csproj
dotnet build tests/ServerlessLoki.Benchmarks -c Release -v q -nologo
exec dotnet exec artifacts/bin/ServerlessLoki.Benchmarks/release/ServerlessLoki.Benchmarks.dll reproduce "$@"
