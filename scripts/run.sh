#!/usr/bin/env bash
# From a fresh clone to a running pipeline: sets up, builds, shows the demo, then keeps serving until Ctrl-C.
#   scripts/run.sh           demo, then serve
#   scripts/run.sh --once    demo only; exits with 0 only if it broke no promise (what other processes disturbed too much is not judged)
# Other options go to `loki demo`; see scripts/loki demo --help.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# What setup says is for people; standard output is the demo's, which with --json is one document.
"$here/setup.sh" src/ServerlessLoki.Cli/ServerlessLoki.Cli.csproj >&2
exec "$here/loki" demo "$@"
