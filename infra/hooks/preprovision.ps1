# Before anything is made: what is missing on this machine is said now, not after ten minutes of deployment.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')

function Fail([string] $Message) { [Console]::Error.WriteLine("preprovision: $Message"); exit 1 }

if (-not (Get-Command az -ErrorAction SilentlyContinue)) { Fail 'the Azure CLI is missing: it uploads the models (https://aka.ms/azure-cli)' }
az account show --only-show-errors *> $null
if ($LASTEXITCODE -ne 0) { Fail 'the Azure CLI is not signed in: az login (azd''s own sign-in does not serve it)' }
$subscription = if ($env:AZURE_SUBSCRIPTION_ID) { '--subscription', $env:AZURE_SUBSCRIPTION_ID } else { @() }
if ($env:AZURE_SUBSCRIPTION_ID) {
  az account show @subscription --only-show-errors *> $null
  if ($LASTEXITCODE -ne 0) { Fail "the Azure CLI's account does not see subscription $env:AZURE_SUBSCRIPTION_ID, which azd deploys to: az login with one that does" }
}
if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) { Fail 'the .NET 10 SDK is missing: it publishes the Function app (https://dot.net)' }

# A GPU profile that the region does not offer fails late and with few words.
function Test-Gpu([string] $Maximum, [string] $WorkloadProfile) {
  if (-not $Maximum -or [int] $Maximum -le 0) { return }
  $offered = az containerapp env workload-profile list-supported @subscription --location $env:AZURE_LOCATION --query '[].name' --output tsv
  if ($offered -notcontains $WorkloadProfile) { Fail "$env:AZURE_LOCATION does not offer $WorkloadProfile; choose another region or leave these workers out" }
}
Test-Gpu $env:LOKI_T4_MAX 'Consumption-GPU-NC8as-T4'
Test-Gpu $env:LOKI_A100_MAX 'Consumption-GPU-NC24-A100'

# The Function app is published on this machine, with packages that not every feed serves. They are asked for in a folder of its own, so
# that nothing in this tree changes.
$scratch = Join-Path ([IO.Path]::GetTempPath()) "loki-$([Guid]::NewGuid().ToString('N'))"
$project = 'functions/ServerlessLoki.Functions.csproj'
Write-Host 'preprovision: asking the package feed for what the Function app needs on Azure'
$language = $env:DOTNET_CLI_UI_LANGUAGE
$env:DOTNET_CLI_UI_LANGUAGE = 'en'
$log = dotnet restore $project '-p:PublishForAzure=true' --artifacts-path $scratch -v q 2>&1 | ForEach-Object { "$_" }
$restored = $LASTEXITCODE -eq 0
$env:DOTNET_CLI_UI_LANGUAGE = $language
Remove-Item $scratch -Recurse -Force -ErrorAction SilentlyContinue
if (-not $restored) {
  $lacking = ($log | Select-String 'error NU110[123]: Unable to find (a stable )?package ([A-Za-z0-9._-]*[A-Za-z0-9])[. ]' | ForEach-Object { $_.Matches[0].Groups[2].Value } | Sort-Object -Unique) -join ', '
  if ($lacking) { Fail "the package feed lacks what the Function app needs on Azure: $lacking; add a source that serves them (dotnet nuget list source shows yours) or deploy from a machine that has one" }
  $log | Write-Host
  Fail "the packages of $project cannot be restored, see above"
}

# A budget keeps the month in which it began.
if (-not $env:LOKI_BUDGET_START) {
  azd env set LOKI_BUDGET_START ([DateTime]::UtcNow.ToString('yyyy-MM-01', [Globalization.CultureInfo]::InvariantCulture))
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
