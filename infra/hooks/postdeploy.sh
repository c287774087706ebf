#!/bin/sh
# Says where it is and how to ask it. The key is fetched when it is needed and never printed here.
set -eu
cat <<TEXT

ServerlessLoki is at $LOKI_URL. Workers start within a few minutes; until then queries are told to come back.

  key=\$(az functionapp keys list${AZURE_SUBSCRIPTION_ID:+ --subscription $AZURE_SUBSCRIPTION_ID} --resource-group $AZURE_RESOURCE_GROUP --name $LOKI_FUNCTION_APP_NAME --query functionKeys.default --output tsv)
  curl -H "x-functions-key: \$key" $LOKI_URL/v2/health/ready
  curl -H "x-functions-key: \$key" $LOKI_URL/plan

TEXT
