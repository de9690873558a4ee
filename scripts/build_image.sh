#!/bin/sh
# Build the server's image with Docker, or else Podman or Buildah:  build_image.sh [OPTION OF THE BUILDER]...
set -eu

cd "$(dirname "$0")/.."
name=assistants-playground

if docker info >/dev/null 2>&1; then
    exec docker build --tag "$name" "$@" .
fi
# Docker's format, because the other one has no health check.
for builder in podman buildah; do
    if command -v "$builder" >/dev/null 2>&1; then
        exec "$builder" build --format docker --layers --tag "$name" "$@" .
    fi
done
echo "Install Docker, Podman or Buildah first, such as:  apt-get install buildah" >&2
exit 1
