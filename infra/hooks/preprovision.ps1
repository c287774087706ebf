# Before anything is made: what is missing on this machine is said now, not after ten minutes of deployment.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')

function Fail([string] $Message) { Write-Error "preprovision: $Message" -ErrorAction Continue; exit 1 }

if (-not (Get-Command az -ErrorAction SilentlyContinue)) { Fail 'the Azure CLI is missing: it uploads the models (https://aka.ms/azure-cli)' }
az account show --only-show-errors *> $null
if ($LASTEXITCODE -ne 0) { Fail 'the Azure CLI is not signed in: az login (azd''s own sign-in does not serve it)' }
$subscription = if ($env:AZURE_SUBSCRIPTION_ID) { '--subscription', $env:AZURE_SUBSCRIPTION_ID } else { @() }
if ($env:AZURE_SUBSCRIPTION_ID) {
  az account show @subscription --only-show-errors *> $null
  if ($LASTEXITCODE -ne 0) { Fail "the Azure CLI's account does not see subscription $env:AZURE_SUBSCRIPTION_ID, which azd deploys to: az login with one that does" }
}
if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) { Fail 'the .NET 10 SDK is missing: it publishes the Function app (https://dot.net)' }

# The Function app is published on this machine and needs the real packages.
$props = 'Directory.Build.local.props'
if ((Test-Path $props) -and -not (Select-String -Path $props -SimpleMatch '<StandIns></StandIns>' -Quiet)) {
  Fail 'this machine''s package feed lacks packages of the product (see StandIns in Directory.Build.local.props); deploy from one whose feed has them'
}

# A GPU profile that the region does not offer fails late and with few words.
function Test-Gpu([string] $Maximum, [string] $WorkloadProfile) {
  if (-not $Maximum -or [int] $Maximum -le 0) { return }
  $offered = az containerapp env workload-profile list-supported @subscription --location $env:AZURE_LOCATION --query '[].name' --output tsv
  if ($offered -notcontains $WorkloadProfile) { Fail "$env:AZURE_LOCATION does not offer $WorkloadProfile; choose another region or leave these workers out" }
}
Test-Gpu $env:LOKI_T4_MAX 'Consumption-GPU-NC8as-T4'
Test-Gpu $env:LOKI_A100_MAX 'Consumption-GPU-NC24-A100'

# A budget keeps the month in which it began.
if (-not $env:LOKI_BUDGET_START) {
  azd env set LOKI_BUDGET_START ([DateTime]::UtcNow.ToString('yyyy-MM-01', [Globalization.CultureInfo]::InvariantCulture))
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
