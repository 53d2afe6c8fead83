"""Write the SHA-256 of each bundled file that NOTICE lists anew: `python -m tools.hash_files`.

A new file gets its line there first, under what it was made from and by, with 64 zeros for a hash.
"""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTICE = ROOT / "NOTICE"
LINE = re.compile(r"^([0-9a-f]{64})  (\S+)$", re.MULTILINE)


def sha256(path):
    """The SHA-256 of a file of this repository, in hexadecimal digits."""
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


def hashed(text):
    """The text of NOTICE with the hashes of the files as they are; those of files elsewhere stay."""
    return LINE.sub(
        lambda line: f"{sha256(line[2]) if (ROOT / line[2]).is_file() else line[1]}  {line[2]}", text
    )


if __name__ == "__main__":
    NOTICE.write_text(hashed(NOTICE.read_text("utf-8")), encoding="utf-8")
