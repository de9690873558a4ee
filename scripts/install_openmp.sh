#!/bin/sh
# Install OpenMP's library for the built-in model, where Linux lacks it; all else works without.
set -eu

if [ "$(uname -s)" != Linux ] || .venv/bin/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; then
    exit 0
fi
"$(dirname "$0")/apt_install.sh" libgomp1 || echo "The built-in model will not start before libgomp.so.1 is installed." >&2
