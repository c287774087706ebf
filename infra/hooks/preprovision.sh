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

# The Function app is published on this machine and needs the real packages.
if [ -f Directory.Build.local.props ] && ! grep -q '<StandIns></StandIns>' Directory.Build.local.props; then
  fail "this machine's package feed lacks packages of the product ($(sed -n 's/.*<StandIns>\(.*\)<\/StandIns>.*/\1/p' Directory.Build.local.props)); deploy from one whose feed has them, or run scripts/setup.sh --force to ask again"
fi

# A GPU profile that the region does not offer fails late and with few words.
gpu() { # MAXIMUM PROFILE
  [ "${1:-0}" -gt 0 ] || return 0
  az containerapp env workload-profile list-supported ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --location "$AZURE_LOCATION" --query '[].name' --output tsv | grep -qx "$2" ||
    fail "$AZURE_LOCATION does not offer $2; choose another region or leave these workers out"
}
gpu "${LOKI_T4_MAX:-0}" Consumption-GPU-NC8as-T4
gpu "${LOKI_A100_MAX:-0}" Consumption-GPU-NC24-A100

# A budget keeps the month in which it began.
if [ -z "${LOKI_BUDGET_START:-}" ]; then
  azd env set LOKI_BUDGET_START "$(date -u +%Y-%m-01)"
fi
