#!/bin/sh
# usage: build.sh IMAGE@sha256:DIGEST [TAG]   builds the image of a plugin's process on an official Node image of version 25 or later
set -eu

base=${1:-}
tag=${2:-tendril-plugin}
case "$base" in
  *@sha256:*) ;;
  *)
    echo "build.sh: name the base with its digest, as in node:26-slim@sha256:..., so that it is the one you have looked at" >&2
    exit 2
    ;;
esac
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ ! -f "$root/core/isolation/dist/child/bootstrap.js" ]; then
  echo "build.sh: build the packages first (npm run build)" >&2
  exit 2
fi
exec docker build --pull --build-arg "NODE_IMAGE=$base" --file "$root/deploy/plugin-container/Dockerfile" --tag "$tag" "$root"
