#!/usr/bin/env bash
# A cluster on this machine, to see it work: a nats-server, ingress and planner, and three workers of two kinds, as processes. Drives load, kills a
# worker, brings one back, and prints what happened to the queries. Options: --rate QPS (5), --seconds S of each of three phases (10), --keep leaves it running.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
rate=5 seconds=10 keep=
while [ $# -gt 0 ]; do
  case "$1" in
    --rate) rate=${2:?--rate needs a number}; shift 2 ;;
    --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
    --keep) keep=1; shift ;;
    *) echo "cluster: unknown option '$1' (known: --rate QPS, --seconds S, --keep)" >&2; exit 2 ;;
  esac
done
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null || { echo "cluster: nats-server is not installed. Debian: apt-get install nats-server; others: https://nats.io/download" >&2; exit 1; }
loki() { "$root/scripts/loki" "$@"; }
loki --version >/dev/null

folder=$(mktemp -d)
declare -A pids=()
ended() {
  trap - EXIT
  for name in "${!pids[@]}"; do kill "${pids[$name]}" 2>/dev/null || true; done
  for name in "${!pids[@]}"; do wait "${pids[$name]}" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap ended EXIT
trap 'exit 130' INT TERM

dll=$root/artifacts/bin/ServerlessLoki.Cli/release/loki.dll
start() { # NAME COMMAND…
  local name=$1
  shift
  "$@" > "$folder/$name.log" 2>&1 &
  pids[$name]=$!
}
process() { # NAME ARGUMENTS… of loki cluster
  local name=$1
  shift
  start "$name" dotnet "$dll" cluster "$@" --nats "$url" --models "$folder/models-$name"
}
port=$((20000 + RANDOM % 10000))
url=nats://127.0.0.1:$port
start nats nats-server -a 127.0.0.1 -p "$port" -js -sd "$folder/nats"
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
echo "cluster: the library gets the traffic sample"
loki cluster models push "$root/src/ServerlessLoki.Samples/traffic" --nats "$url"

http=$((30000 + RANDOM % 10000))
process up up --port "$http"
process worker-1 worker --device cpu --slots 4 --cores 1 --zone a
process worker-2 worker --device cpu --slots 4 --cores 1 --zone b
# The same machine under another name: measured by itself, planned together with the others.
process worker-3 worker --device cpu-small --slots 2 --cores 1 --zone b
echo "cluster: waiting until it serves; a worker of a new kind measures its models first"
for _ in $(seq 600); do
  if curl -fs "http://127.0.0.1:$http/v2/health/ready" >/dev/null 2>&1; then break; fi
  for name in "${!pids[@]}"; do kill -0 "${pids[$name]}" 2>/dev/null || { echo "cluster: $name ended:" >&2; cat "$folder/$name.log" >&2; exit 1; }; done
  sleep 0.5
done
curl -fs "http://127.0.0.1:$http/v2/health/ready" >/dev/null || { echo "cluster: it does not serve after five minutes; logs: $folder" >&2; tail -n 20 "$folder"/*.log >&2; exit 1; }
loki cluster status --nats "$url"
phase() { echo; echo "cluster: $1"; loki load --url "http://127.0.0.1:$http" --rate "$rate" --duration "$seconds" || true; }
phase "all workers, $rate queries/s for $seconds s"
kill -9 "${pids[worker-1]}"
wait "${pids[worker-1]}" 2>/dev/null || true
unset 'pids[worker-1]'
phase "worker-1 was killed (SIGKILL) a moment ago"
process worker-1 worker --device cpu --slots 4 --cores 1 --zone a
phase "worker-1 is back"
echo
loki cluster status --nats "$url"
if [ -n "$keep" ]; then echo "cluster: http://127.0.0.1:$http, NATS at $url. Ctrl-C ends it."; wait "${pids[up]}"; fi
