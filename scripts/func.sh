#!/usr/bin/env bash
# The whole distributed system on this machine: Azurite, a Service Bus, the Function app and one worker, until Ctrl-C.
#   scripts/func.sh [FOLDER …]   folders with pipeline.json, models and, if there is one, profile.csv; default: the traffic sample
# The Function app runs under `func start` where Core Tools are installed and no package is stood in for (a Service Bus emulator must
# run then: scripts/docker-compose.yml), otherwise on our in-process host, at http://127.0.0.1:7071 either way.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
root=$PWD
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
state=$root/data/functions
port=${FUNC_PORT:-7071}

scripts/setup.sh >&2
scripts/azurite.sh install >&2
standins=$(sed -n 's/.*<StandIns>\(.*\)<\/StandIns>.*/\1/p' Directory.Build.local.props)
echo "func: building"
build() { dotnet build "$1" -c Release -v q -nologo >/dev/null || { dotnet build "$1" -c Release -v q -nologo; exit 1; }; }
build functions
build src/ServerlessLoki.Worker

pids=()
stop() {
  trap - EXIT INT TERM
  # The worker first: it gives back what it holds.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill -TERM "${pids[i]}" 2>/dev/null || true; wait "${pids[i]}" 2>/dev/null || true; done
}
trap stop EXIT
trap 'exit 130' INT TERM

mkdir -p "$state/models"
folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(src/ServerlessLoki.Samples/traffic)
for folder in "${folders[@]}"; do
  [ -f "$folder/pipeline.json" ] || { echo "func: $folder has no pipeline.json" >&2; exit 2; }
  copy=$state/models/$(basename "$folder")
  mkdir -p "$copy"
  cp -R "$folder/." "$copy/"
  # The planner plans with latencies, so it needs them before any worker is there.
  if [ ! -f "$copy/profile.csv" ]; then
    echo "func: measuring the models of $folder (once)"
    scripts/loki profile --pipeline "$copy/pipeline.json" --device cpu --batch 1,4,16 --seconds 0.3 --out "$copy/profile.csv" >&2
  fi
done

scripts/azurite.sh --silent >&2 &
pids+=($!)

export AzureWebJobsStorage=UseDevelopmentStorage=true
export Loki__ModelCache=$state/models Loki__Device=cpu Loki__Slots=${LOKI_SLOTS:-4}
export Loki__Fleet__0__Device=cpu Loki__Fleet__0__MinReplicas=1 Loki__Fleet__0__MaxReplicas=1 Loki__Fleet__0__SlotsPerReplica=$Loki__Slots
if [[ $standins == *Azure.Messaging.ServiceBus* ]]; then
  build src/StandIns/Azure.Messaging.ServiceBus.Broker
  socket=$state/bus.sock
  rm -f "$socket"
  dotnet artifacts/bin/Azure.Messaging.ServiceBus.Broker/release/Azure.Messaging.ServiceBus.Broker.dll "$socket" &
  pids+=($!)
  export ServiceBus=Endpoint=sb://unix$socket
else
  export ServiceBus=${ServiceBus:-"Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"}
fi

# Storage answers when its port is open.
for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/10002) 2>/dev/null && break; sleep 0.2; done

if [[ $standins != *Microsoft.Azure.Functions* ]] && command -v func >/dev/null; then
  (cd functions && exec func start --port "$port" --dotnet-isolated) &
else
  FunctionsHost__State=$state dotnet artifacts/bin/ServerlessLoki.Functions/release/ServerlessLoki.Functions.dll --urls "http://127.0.0.1:$port" &
fi
pids+=($!)
dotnet artifacts/bin/ServerlessLoki.Worker/release/ServerlessLoki.Worker.dll --urls "http://127.0.0.1:$((port + 1))" &
pids+=($!)
echo "func: the API is http://127.0.0.1:$port (status, plan, v2/…), the worker's probes http://127.0.0.1:$((port + 1)); Ctrl-C stops all"
wait -n "${pids[@]}" || true
echo "func: one of the processes ended" >&2
exit 1
