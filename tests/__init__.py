"""What holds in every process that runs tests, before NumPy and nbgrader are imported."""

import os
import sys

# Two workers with two threads each wait for each other more than they compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where byte code is not to be written, each of some hundred processes compiles the library anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# jsonschema does without it where it is not installed; it checks one format of addresses and takes seconds.
sys.modules.setdefault("rfc3987_syntax", None)
