# Uploads each pipeline's folder: pipeline.json, profile.csv, the models and lists of labels (*.txt), nothing else. LOKI_PIPELINES names the folders,
# separated by commas; without it the traffic sample goes up.
$ErrorActionPreference = 'Stop'
$subscription = if ($env:AZURE_SUBSCRIPTION_ID) { '--subscription', $env:AZURE_SUBSCRIPTION_ID } else { @() }
Set-Location (Join-Path $PSScriptRoot '../..')

function Fail([string] $Message) { [Console]::Error.WriteLine("postprovision: $Message"); exit 1 }

# The grant that lets this account write may take minutes to be known everywhere.
function Send-Files([string] $Folder, [string] $Name, [string] $Pattern) {
  for ($try = 1; $true; $try++) {
    az storage blob upload-batch @subscription --account-name $env:LOKI_STORAGE_ACCOUNT --auth-mode login --destination $env:LOKI_MODELS_CONTAINER `
      --destination-path $Name --source $Folder --pattern $Pattern --overwrite --only-show-errors --output none
    if ($LASTEXITCODE -eq 0) { return }
    if ($try -ge 20) { Fail "could not upload $Folder/$Pattern (a private account takes uploads only from LOKI_DEPLOYER_ADDRESS)" }
    Write-Host 'postprovision: not allowed to upload yet, trying again in 15 s'
    Start-Sleep -Seconds 15
  }
}

$pipelines = if ($env:LOKI_PIPELINES) { $env:LOKI_PIPELINES } else { 'src/ServerlessLoki.Samples/traffic' }
foreach ($folder in $pipelines.Split(',', [StringSplitOptions]::RemoveEmptyEntries)) {
  if (-not (Test-Path "$folder/pipeline.json")) { Fail "$folder has no pipeline.json (LOKI_PIPELINES names folders, separated by commas)" }
  $name = Split-Path $folder -Leaf
  Write-Host "postprovision: uploading $folder as $name"
  Send-Files $folder $name '*.onnx'
  if (Test-Path "$folder/*.txt") { Send-Files $folder $name '*.txt' }
  if (Test-Path "$folder/profile.csv") { Send-Files $folder $name 'profile.csv' }
  # Last, because a folder with a pipeline.json is served.
  Send-Files $folder $name 'pipeline.json'
}
