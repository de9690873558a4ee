#!/bin/sh
# Install the clients of other ages and languages that the contract tests drive, each into a folder of its own.
set -eu

cd "$(dirname "$0")/.."
locks=tests/contract/clients
clients=.cache/clients
mkdir -p "$clients"

install_python() {
    mark=$clients/$1/.lock
    if ! cmp -s "$locks/$1.lock" "$mark"; then
        scripts/make_venv.sh "$clients/$1" "$locks/$1.lock"
        cp "$locks/$1.lock" "$mark"
    fi
}

# Node comes from a wheel, because the systems' own is often older than the SDK asks for.
install_javascript() {
    install_python node
    mark=$clients/npm/.lock
    if ! cmp -s "$locks/package-lock.json" "$mark"; then
        echo "Installing $locks/package-lock.json into $clients/npm"
        mkdir -p "$clients/npm"
        cp "$locks/package.json" "$locks/package-lock.json" "$clients/npm/"
        path=$(pwd)/$clients/node/bin:$PATH
        PATH=$path npm ci --prefix "$clients/npm" --silent --ignore-scripts --no-audit --no-fund
        cp "$locks/package-lock.json" "$mark"
    fi
}

command -v curl >/dev/null 2>&1 || scripts/apt_install.sh curl
install_python openai-1.20.0
install_python schemathesis
install_python csharp
install_javascript
