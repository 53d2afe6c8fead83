"""Lesson 00 opens with a picture, before anything was run."""

import json

from tools.make_opening import LESSON, PICTURE, opening


def test_the_picture_is_that_of_the_explorer_that_takes_its_place():
    notebook = json.loads((LESSON.parents[1] / f"{LESSON.stem}.ipynb").read_text("utf-8"))
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    (output,) = first["outputs"]
    assert "".join(output["data"]["text/plain"]) == opening().alt
    assert "".join(output["data"]["text/html"]) == PICTURE.read_text("utf-8").strip()
