# Says where it is and how to ask it. The key is fetched when it is needed and never printed here.
$ErrorActionPreference = 'Stop'
$subscription = if ($env:AZURE_SUBSCRIPTION_ID) { " --subscription $env:AZURE_SUBSCRIPTION_ID" } else { '' }
Write-Host @"

ServerlessLoki is at $env:LOKI_URL. Workers start within a few minutes; until then queries are told to come back.

  `$key = az functionapp keys list$subscription --resource-group $env:AZURE_RESOURCE_GROUP --name $env:LOKI_FUNCTION_APP_NAME --query functionKeys.default --output tsv
  Invoke-RestMethod -Headers @{ 'x-functions-key' = `$key } $env:LOKI_URL/v2/health/ready
  Invoke-RestMethod -Headers @{ 'x-functions-key' = `$key } $env:LOKI_URL/plan

"@
