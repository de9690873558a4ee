"""A process that confines itself as a reader of documents does, attacks that, and prints what it could do."""

from __future__ import annotations

import json
import os
import sys

from app.engine.tools.code_interpreter.jail import selftest
from app.engine.tools.file_search.confinement import confine

if __name__ == "__main__":
    missing = confine()
    holes = selftest.find_holes(sys.argv[1], os.getppid())
    sys.stdout.write(json.dumps({"missing": missing, "holes": holes}) + "\n")
