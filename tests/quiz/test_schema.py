"""A broken item is refused with the name of its file and of the field, one case per way of breaking."""

from __future__ import annotations

import copy
import subprocess
import sys
import tomllib

import pytest

from rollout_lab.quiz.schema import ItemError, load_item, parse_item

from .judging import BANK

QUESTION = tomllib.loads((BANK / "q8.toml").read_text("utf-8"))
EXERCISE = tomllib.loads((BANK / "softmax.toml").read_text("utf-8"))


def without(*path):
    def change(item):
        place = item
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


def having(value, *path):
    def change(item):
        place = item
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


BROKEN_QUESTIONS = {
    "a missing field": (without("stem"), "must contain ['stem']"),
    "a field of the wrong type": (having("one", "minutes"), "field minutes must be number"),
    "an empty text": (having("", "stem"), "field stem must be longer"),
    "an unknown field": (having("x", "colour"), "must not contain {'colour'}"),
    "an unknown kind": (having("essay", "kind"), 'field "kind" must be'),
    "no kind": (without("kind"), 'field "kind" must be'),
    "a difficulty beyond the scale": (having(4, "difficulty"), "field difficulty must be one of [1, 2, 3]"),
    "no minutes": (having(0, "minutes"), "field minutes must be bigger"),
    "a lesson without a section": (having("02_matrix_product_rollout", "lesson"), "field lesson must match"),
    "hints that are no list": (having("look", "hints"), "field hints must be array"),
    "an id unlike the file's name": (having("q9", "id"), "field \"id\" is 'q9'"),
    "a key that is no letter": (having("b", "key"), "field key must match"),
    "a key not among the options": (having("E", "key"), "field key is 'E'"),
    "letters out of order": (having("C", "options", 1, "letter"), "letters must run A, B, C"),
    "an option without text": (without("options", 0, "text"), "field options[0] must contain ['text']"),
    "an unknown field of an option": (having(1, "options", 0, "weight"), "field options[0] must not contain"),
    "a misconception whose name is no name": (
        having("One Matrix!", "options", 0, "misconception"),
        "field options[0].misconception must match",
    ),
    "a misconception without diagnosis": (
        without("options", 0, "diagnosis"),
        "field options[0].diagnosis is missing",
    ),
    "a misconception without lesson": (without("options", 0, "lesson"), "field options[0].lesson is missing"),
    "a diagnosis without a name": (without("options", 2, "misconception"), "field options[2].diagnosis: "),
    "a right option with a misconception": (
        having("right-after-all", "options", 1, "misconception"),
        "field options[1]: the right option",
    ),
    "a wrong option that earns everything": (
        having(1.0, "options", 0, "credit"),
        "field options[0].credit must be less than 1",
    ),
    "a credit below nothing": (having(-1, "options", 0, "credit"), "field options[0].credit must be bigger"),
    "a misconception that stands twice": (
        having("layers-stay-apart", "options", 0, "misconception"),
        "field options: the misconception 'layers-stay-apart' stands twice",
    ),
    "a single option": (lambda item: item["options"].__delitem__(slice(1, None)), "field options must"),
}
BROKEN_EXERCISES = {
    "a missing field": (without("reference"), "must contain ['reference']"),
    "an unknown field": (having("x", "solution"), "must not contain {'solution'}"),
    "an example without result": (without("example", "expected"), "field example must contain ['expected']"),
    "an untagged probe": (without("probes", 0, "promise"), "field probes[0] must contain ['promise']"),
    "a probe of no promise": (having("speed", "probes", 0, "promise"), "field probes[0].promise is 'speed'"),
    "a promise without a probe": (having("it is fast", "promises", "speed"), "no probe tests the promises"),
    "a single probe": (lambda item: item["probes"].__delitem__(slice(1, None)), "field probes must"),
    "too few misconceptions": (
        lambda item: item["misconceptions"].__delitem__(slice(3, None)),
        "field misconceptions must contain at least 4",
    ),
    "a misconception without diagnosis": (
        without("misconceptions", 0, "diagnosis"),
        "field misconceptions[0] must contain ['diagnosis']",
    ),
    "a misconception without code": (
        without("misconceptions", 0, "code"),
        "field misconceptions[0] must contain ['code']",
    ),
    "a misconception that earns everything": (
        having(1.0, "misconceptions", 2, "credit"),
        "field misconceptions[2].credit must be less than 1",
    ),
    "a misconception that stands twice": (
        having("overflow", "misconceptions", 0, "misconception"),
        "field misconceptions: the misconception 'overflow' stands twice",
    ),
    "a reference that is not Python": (having("    return (", "reference"), "field reference is not Python"),
    "a starter that defines something else": (
        having('def hardmax(scores):\n    """No."""\n', "starter"),
        "field starter does not define softmax(...)",
    ),
    "a misconception that is not Python": (
        having("def softmax(scores) return", "misconceptions", 1, "code"),
        "field misconceptions[1].code is not Python",
    ),
    "a misconception that only mentions the function": (
        having("# def softmax(scores): ...", "misconceptions", 1, "code"),
        "field misconceptions[1].code does not define softmax(...)",
    ),
    "a probe that is not Python": (
        having("[np.eye(2]", "probes", 1, "arguments"),
        "field probes[1].arguments is not Python",
    ),
    "an example that is not Python": (
        having("[1, 2", "example", "expected"),
        "field example.expected is not Python",
    ),
    "a way of comparing that is not known": (having("exactly", "compare"), "field compare must be one of"),
}


def test_the_items_that_are_broken_below_are_whole():
    assert parse_item(QUESTION, "q8.toml").id == "q8"
    assert parse_item(EXERCISE, "softmax.toml").id == "softmax"


@pytest.mark.parametrize(
    ("item", "change", "field"),
    [(QUESTION, *case) for case in BROKEN_QUESTIONS.values()]
    + [(EXERCISE, *case) for case in BROKEN_EXERCISES.values()],
    ids=[f"question: {way}" for way in BROKEN_QUESTIONS] + [f"exercise: {way}" for way in BROKEN_EXERCISES],
)
def test_a_broken_item_is_refused_with_its_file_and_field(item, change, field):
    broken = copy.deepcopy(item)
    where = f"{item['id']}.toml"
    change(broken)
    with pytest.raises(ItemError) as refusal:
        parse_item(broken, where)
    assert str(refusal.value).startswith(f"{where}: ")
    assert field in str(refusal.value)


def test_a_file_that_is_not_toml_is_refused_with_its_name_and_line(tmp_path):
    (tmp_path / "q1.toml").write_text('id = "q1"\nkind = choice\n', "utf-8")
    with pytest.raises(ItemError, match=r"q1\.toml: this is not valid TOML: .*line 2"):
        load_item(tmp_path / "q1.toml")


def test_an_item_that_is_not_checked_again_is_the_same_item():
    for name in ("q8", "softmax"):
        path = BANK / f"{name}.toml"
        assert load_item(path, check=False) == load_item(path)


def test_reading_a_checked_item_does_not_load_the_validator():
    code = (
        "import sys; from pathlib import Path; from rollout_lab.quiz.schema import load_item; "
        f"load_item(Path({str(BANK / 'q8.toml')!r}), check=False); print('fastjsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_an_option_leaves_out_is_filled_in_neutrally():
    bare = [{"letter": option["letter"], "text": option["text"]} for option in QUESTION["options"]]
    question = parse_item({**QUESTION, "options": bare}, "q8.toml")
    belief = question.options[0].misconception
    assert (belief.name, belief.credit, belief.lesson) == (None, 0.0, QUESTION["lesson"])
    assert belief.diagnosis
    assert question.options[1].misconception is None
