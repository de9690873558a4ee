#!/bin/sh
# Make sure that the browser tests find a Chromium: the system's, Google's, or playwright's own.
set -eu

for name in chromium chromium-browser google-chrome; do
    # Ubuntu's "chromium-browser" may be a stub that only asks for a snap.
    if command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1; then
        exit 0
    fi
done
if ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/ >/dev/null 2>&1; then
    exit 0
fi

if grep -qs '^ID=debian' /etc/os-release; then
    "$(dirname "$0")/apt_install.sh" chromium
else
    .venv/bin/playwright install --with-deps chromium
fi
