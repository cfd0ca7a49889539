#!/bin/sh
# usage: run.sh FOLDER   runs the plugin in FOLDER in a container and speaks the protocol of the hub over stdin and stdout.
# The hub runs it in place of Node. Ended by SIGTERM, it ends the container too.
set -eu

folder=${1:?usage: run.sh FOLDER}
docker=${TENDRIL_CONTAINER_CLI:-docker}
image=${TENDRIL_PLUGIN_IMAGE:-tendril-plugin}
name="tendril-plugin-$$-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"

# Jobs in the background have no stdin of their own.
exec 3<&0
trap '"$docker" kill "$name" >/dev/null 2>&1 || true' TERM INT HUP

"$docker" run --rm --interactive \
  --name "$name" \
  --network none \
  --read-only \
  --user 65534:65534 \
  --cap-drop ALL \
  --security-opt no-new-privileges \
  --pids-limit 32 \
  --memory 256m --memory-swap 256m \
  --cpus 1 \
  --ulimit nofile=256:256 --ulimit core=0 \
  --ipc none \
  --log-driver none \
  --runtime "${TENDRIL_CONTAINER_RUNTIME:-runc}" \
  --volume "$folder:/plugin:ro" \
  "$image" <&3 3<&- &

# A signal ends the first wait; the second one learns how the container ended.
wait $! || status=$?
wait $! 2>/dev/null || status=$?
exit "${status:-0}"
