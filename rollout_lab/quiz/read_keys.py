"""Print what the sealed keys of quizzes hold: `python -m rollout_lab.quiz.read_keys NOTEBOOK`."""

import json
import sys
from pathlib import Path

import msgspec

from .key import key_in

if __name__ == "__main__":
    for path in sys.argv[1:]:
        for cell in json.loads(Path(path).read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code" and (key := key_in("".join(cell["source"]))):
                print(json.dumps(msgspec.to_builtins(key), indent=1, ensure_ascii=False))
