#!/bin/sh
# Install Debian or Ubuntu packages, with sudo where that is needed, or say what to type.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install these with this system's package manager, then try again: $*" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root() { "$@"; }
elif command -v sudo >/dev/null 2>&1; then
    as_root() { sudo "$@"; }
else
    echo "Please type this as root, then try again:  apt-get update && apt-get install -y $*" >&2
    exit 1
fi

echo "Installing with apt-get: $*"
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
