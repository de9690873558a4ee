#!/bin/sh
# Bring a virtual environment to exactly what a lock file names:  make_venv.sh FOLDER LOCK
set -eu

folder=$1
lock=$2
python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "There is no '$python'. Install Python 3.11 or newer, or name one:  make PYTHON=/path/to/python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "'$python' is $("$python" -V 2>&1), but 3.11 or newer is needed:  make PYTHON=/path/to/python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$(dirname "$0")/apt_install.sh" python3-venv
fi
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$folder"
fi

echo "Installing $lock into $folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
