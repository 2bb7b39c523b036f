#!/bin/sh
# Brings this gateway to what the repository says. Run by fleet-update.timer with the variables of gateway.env; it can be
# run at any time and any number of times. .deployed is the commit that runs, so an update that failed is tried again.
set -eu
cd "$(dirname "$0")"

has_changed() { ! git diff --quiet "$deployed" "$wanted" -- "$@"; }

# systemd starts it again.
restart() {
  process=$(systemctl show --property MainPID --value node-red)
  if [ "$process" -gt 0 ]; then kill "$process"; fi
}

reload() {
  curl --silent --show-error --fail --cacert "$CLUSTER_CA" --request POST "$GATEWAY_URL/flows" \
    --header "Authorization: Bearer $UPDATE_TOKEN" --header "Node-RED-Deployment-Type: reload" \
    --header "Content-Type: application/json" --data "{}"
}

git pull --quiet --ff-only
deployed=$(cat .deployed)
wanted=$(git rev-parse HEAD)

if has_changed package-lock.json; then npm ci --omit=dev; fi
if has_changed package-lock.json settings.js; then
  restart
elif has_changed flows.json flows_cred.json; then
  reload
fi
# That table.csv has changed, the push node sees by itself.

echo "$wanted" >.deployed
