#!/bin/sh
# Uploads each pipeline's folder: pipeline.json, profile.csv, the models and lists of labels (*.txt), nothing else. LOKI_PIPELINES names the folders,
# separated by commas; without it the traffic sample goes up.
set -eu
cd "$(dirname "$0")/../.."

fail() { echo "postprovision: $*" >&2; exit 1; }

# The grant that lets this account write may take minutes to be known everywhere.
upload() { # FOLDER NAME PATTERN
  tries=0
  until az storage blob upload-batch ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --account-name "$LOKI_STORAGE_ACCOUNT" --auth-mode login --destination "$LOKI_MODELS_CONTAINER" \
    --destination-path "$2" --source "$1" --pattern "$3" --overwrite --only-show-errors --output none; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || fail "could not upload $1/$3 (a private account takes uploads only from LOKI_DEPLOYER_ADDRESS)"
    echo "postprovision: not allowed to upload yet, trying again in 15 s"
    sleep 15
  done
}

printf '%s\n' "${LOKI_PIPELINES:-src/ServerlessLoki.Samples/traffic}" | tr ',' '\n' | while read -r folder; do
  [ -n "$folder" ] || continue
  [ -f "$folder/pipeline.json" ] || fail "$folder has no pipeline.json (LOKI_PIPELINES names folders, separated by commas)"
  name=$(basename "$folder")
  echo "postprovision: uploading $folder as $name"
  upload "$folder" "$name" '*.onnx'
  if ls "$folder"/*.txt >/dev/null 2>&1; then upload "$folder" "$name" '*.txt'; fi
  if [ -f "$folder/profile.csv" ]; then upload "$folder" "$name" profile.csv; fi
  # Last, because a folder with a pipeline.json is served.
  upload "$folder" "$name" pipeline.json
done
