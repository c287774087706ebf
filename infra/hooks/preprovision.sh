#!/bin/sh
# Before anything is made: what is missing on this machine is said now, not after ten minutes of deployment.
set -eu
cd "$(dirname "$0")/../.."

fail() { echo "preprovision: $*" >&2; exit 1; }

command -v az >/dev/null || fail "the Azure CLI is missing: it uploads the models (https://aka.ms/azure-cli)"
az account show --only-show-errors >/dev/null 2>&1 || fail "the Azure CLI is not signed in: az login (azd's own sign-in does not serve it)"
if [ -n "${AZURE_SUBSCRIPTION_ID:-}" ]; then
  az account show --subscription "$AZURE_SUBSCRIPTION_ID" --only-show-errors >/dev/null 2>&1 || fail "the Azure CLI's account does not see subscription $AZURE_SUBSCRIPTION_ID, which azd deploys to: az login with one that does"
fi
command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: it publishes the Function app (https://dot.net)"

# A GPU profile that the region does not offer fails late and with few words.
gpu() { # MAXIMUM PROFILE
  [ "${1:-0}" -gt 0 ] || return 0
  az containerapp env workload-profile list-supported ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --location "$AZURE_LOCATION" --query '[].name' --output tsv | grep -qx "$2" ||
    fail "$AZURE_LOCATION does not offer $2; choose another region or leave these workers out"
}
gpu "${LOKI_T4_MAX:-0}" Consumption-GPU-NC8as-T4
gpu "${LOKI_A100_MAX:-0}" Consumption-GPU-NC24-A100

# The Function app is published on this machine, with packages that not every feed serves. They are asked for in a folder of its own, so
# that nothing in this tree changes.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
project=functions/ServerlessLoki.Functions.csproj
echo "preprovision: asking the package feed for what the Function app needs on Azure"
if ! DOTNET_CLI_UI_LANGUAGE=en dotnet restore "$project" -p:PublishForAzure=true --artifacts-path "$scratch/artifacts" -v q >"$scratch/log" 2>&1; then
  lacking=$(sed -nE 's/.*error NU110[123]: Unable to find (a stable )?package ([A-Za-z0-9._-]*[A-Za-z0-9])[. ].*/\2/p' "$scratch/log" | sort -u | paste -sd , - | sed 's/,/, /g')
  [ -z "$lacking" ] || fail "the package feed lacks what the Function app needs on Azure: $lacking; add a source that serves them (dotnet nuget list source shows yours) or deploy from a machine that has one"
  cat "$scratch/log" >&2
  fail "the packages of $project cannot be restored, see above"
fi

# A budget keeps the month in which it began.
if [ -z "${LOKI_BUDGET_START:-}" ]; then
  azd env set LOKI_BUDGET_START "$(date -u +%Y-%m-01)"
fi
