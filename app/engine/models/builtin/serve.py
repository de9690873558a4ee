"""The built-in model's own process: llama.cpp's HTTP server on loopback, behind a key.

    python -m app.engine.models.builtin.serve --model FILE --context TOKENS --threads N

The first line of standard input is the key that callers must send; it is never on the command line. When the server
is ready, one JSON line with its `url` (or the `error`) goes to standard output. The process ends when its standard
input does, so it never outlives its parent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

# Threads that spin while they wait starve each other on a busy machine, so they sleep; must be set before the import.
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}


def main() -> None:
    """Serve the model until standard input ends."""
    options = _options()
    key = sys.stdin.readline().strip()
    os.environ.update(WAITING)
    try:
        url, server = _start(options, key)
    except Exception as exc:  # The task's root: the parent turns the line into a run's error.
        _report(error=str(exc) or type(exc).__name__)
        sys.exit(1)
    _report(url=url)
    sys.stdin.read()
    del server
    os._exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve a GGUF model on loopback.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


def _start(options: argparse.Namespace, key: str) -> tuple[str, object]:
    import xllamacpp  # noqa: PLC0415  # Only after the environment is set.

    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_ctx = options.context
    params.n_parallel = 1
    params.no_extra_bufts = True
    params.cache_ram_mib = 512
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    # Code that is shown or changed repeats what stands in the prompt: guessing it from there is 2-3 times as fast.
    params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    params.speculative.ngram_simple.size_n = 6
    params.speculative.ngram_simple.size_m = 16
    params.ui = False
    params.verbosity = 0
    server = xllamacpp.Server(params)
    return str(server.listening_address), server


def _report(**line: str) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
