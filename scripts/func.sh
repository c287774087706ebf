#!/usr/bin/env bash
# The whole distributed system on this machine: Azurite, a Service Bus, the Function app and one worker, until Ctrl-C.
#   scripts/func.sh [FOLDER …]   folders with pipeline.json, models and, if there is one, profile.csv; default: the traffic sample
# The Function app runs under `func start` where Functions Core Tools are installed, otherwise on the host of our own tests
# (tests/LocalCloud), at http://127.0.0.1:7071 either way (FUNC_PORT takes another). The Service Bus is the one that the environment
# variables ServiceBus and ServiceBus__administration name, for example the emulator of scripts/docker-compose.yml; without them it is
# our own broker, which keeps its messages in data/functions/bus. Logs are in data/functions/logs.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
root=$PWD
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
state=$root/data/functions
logs=$state/logs
port=${FUNC_PORT:-7071}
probes=$((port + 1))
url=http://127.0.0.1:$port

say() { echo "func: $*"; }
fail() { say "$*" >&2; exit 1; }
is_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(src/ServerlessLoki.Samples/traffic)
for folder in "${folders[@]}"; do
  [ -f "$folder/pipeline.json" ] || { say "$folder has no pipeline.json" >&2; exit 2; }
done
own_bus=true own_host=true
if [ -n "${ServiceBus:-}" ]; then own_bus=false; fi
if command -v func >/dev/null; then own_host=false; fi
bus=5672 administration=5300
ports=(10000 10001 10002 "$port" "$probes")
if $own_bus; then ports+=("$bus" "$administration"); fi
for taken in "${ports[@]}"; do
  ! is_open "$taken" || fail "port $taken is taken: stop what listens there, or choose another for the app with FUNC_PORT (Azurite's are 10000 to 10002, the broker's $bus and $administration)"
done

scripts/setup.sh functions/ServerlessLoki.Functions.csproj >&2
if ! $own_host && grep -qs '<OwnServiceBusTrigger>true' Directory.Build.local.props; then
  say "Core Tools are here, but they cannot load an app that is built with our own Service Bus trigger, so the local Functions host runs it"
  own_host=true
fi
projects=(functions src/ServerlessLoki.Worker)
if $own_bus; then projects+=(tests/LocalCloud/ServerlessLoki.LocalCloud.ServiceBus); fi
if $own_host; then projects+=(tests/LocalCloud/ServerlessLoki.LocalCloud.FunctionsHost); fi
scripts/setup.sh "${projects[@]}" >&2
scripts/azurite.sh install >&2
say "building"
build() { local log; log=$(dotnet build "$1" -c Release -v q -nologo 2>&1) || { echo "$log" >&2; fail "$1 does not build"; }; }
for project in "${projects[@]}"; do build "$project"; done
exe() { echo "artifacts/bin/$1/release/$1.dll"; }

pids=() names=()
stop() {
  trap - EXIT
  trap '' INT TERM HUP
  [ ${#pids[@]} = 0 ] || say "stopping"
  # The worker first, while what it gives back to is still there.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null || continue
    for ((tenths = 0; tenths < 250; tenths++)); do kill -0 "${pids[i]}" 2>/dev/null || continue 2; sleep 0.1; done
    say "${names[i]} does not end, so it is killed" >&2
    kill -KILL "${pids[i]}" 2>/dev/null || true
  done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

rm -rf "$state/models" "$logs"
mkdir -p "$state/models" "$state/profiles" "$logs"

# Starts a process that writes to its own log, in a group of its own: Ctrl-C would end all at once, in no order.
start() { # NAME COMMAND …
  names+=("$1")
  set -m
  "${@:2}" >"$logs/$1.log" 2>&1 </dev/null &
  pids+=($!)
  set +m
}

# Ends with the log of a process that has ended: all of them go on until they are told to stop.
check() {
  for i in "${!pids[@]}"; do
    kill -0 "${pids[i]}" 2>/dev/null && continue
    tail -n 20 "$logs/${names[i]}.log" >&2
    fail "${names[i]} ended by itself; its whole log is $logs/${names[i]}.log"
  done
}

for folder in "${folders[@]}"; do
  name=$(basename "$(readlink -f "$folder")")
  cp -R "$folder/." "$state/models/$name"
  if [ ! -f "$folder/profile.csv" ]; then
    # The planner plans with latencies, so it needs them before any worker is there.
    profile=$state/profiles/$name.csv
    if [ ! -f "$profile" ] || [ -n "$(find "$folder" -type f -newer "$profile" -print -quit)" ]; then
      say "measuring the models of $folder, once until they change"
      scripts/loki profile --pipeline "$state/models/$name/pipeline.json" --device cpu --batch 1,4,16 --seconds 0.3 --out "$profile" >"$logs/profile.log" 2>&1 \
        || { tail -n 20 "$logs/profile.log" >&2; fail "the models of $folder could not be measured"; }
    fi
    cp "$profile" "$state/models/$name/profile.csv"
  fi
done

start azurite scripts/azurite.sh
if $own_bus; then
  start bus dotnet "$(exe ServerlessLoki.LocalCloud.ServiceBus)" --amqp-port "$bus" --admin-port "$administration" --data "$state/bus"
  key='SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true'
  # They come before those of a local.settings.json.
  export ServiceBus="Endpoint=sb://127.0.0.1:$bus;$key" ServiceBus__administration="Endpoint=sb://127.0.0.1:$administration;$key"
fi
until is_open 10002 && { ! $own_bus || { is_open "$bus" && is_open "$administration"; }; }; do check; sleep 0.1; done

slots=${LOKI_SLOTS:-4}
cores=$(getconf _NPROCESSORS_ONLN)
# Durable runs are kept in Azurite; host.json names Azure's scheduler.
durable=AzureFunctionsJobHost__extensions__durableTask__storageProvider__
export "${durable}type=AzureStorage" "${durable}connectionStringName=AzureWebJobsStorage"
# A message that a killed host had taken comes back after this time.
export "${durable}controlQueueVisibilityTimeout=00:01:00" "${durable}workItemQueueVisibilityTimeout=00:01:00"
# Idle queues would be looked at twice a minute.
export "${durable}maxQueuePollingInterval=00:00:01"
export AzureWebJobsStorage=UseDevelopmentStorage=true FUNCTIONS_WORKER_RUNTIME=dotnet-isolated
export Loki__ModelCache=$state/models Loki__Device=cpu Loki__Slots=$slots
export Loki__Fleet__0__Device=cpu Loki__Fleet__0__MinReplicas=1 Loki__Fleet__0__MaxReplicas=1 Loki__Fleet__0__SlotsPerReplica=$slots
# Slots share the cores.
Loki__Fleet__0__SlotShare=$(awk -v c="$cores" -v s="$slots" 'BEGIN { print (c < s ? c / s : 1) }')
export Loki__Fleet__0__SlotShare
app=artifacts/bin/ServerlessLoki.Functions/release
if $own_host; then
  start app dotnet "$(exe ServerlessLoki.LocalCloud.FunctionsHost)" --app "$app" --port "$port"
else
  # shellcheck disable=SC2016 # expanded by the inner shell
  start app bash -c 'cd "$0" && exec func start --port "$1" --no-build' "$app" "$port"
fi
start worker dotnet "$(exe ServerlessLoki.Worker)" --urls "http://127.0.0.1:$probes"

say "starting: the first plan comes within some ten seconds"
until curl -fs -o /dev/null "$url/v2/health/ready"; do check; sleep 0.5; done
say "ready, logs in $logs; Ctrl-C stops all"
cat <<HINT
  the last second    $url/status
  the plan           $url/plan
  one image          curl -H 'Content-Type: image/png' --data-binary @IMAGE.png $url/v2/models/NAME/infer
  a durable run      curl -H 'Content-Type: image/png' --data-binary @IMAGE.png '$url/runs?pipeline=NAME'
  the worker         http://127.0.0.1:$probes/healthz/ready
HINT
while :; do check; sleep 1; done
