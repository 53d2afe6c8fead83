"""A broken item is refused with the name of its file and of the field, one case per way of breaking."""

import copy
import subprocess
import sys
import tomllib
from functools import reduce
from importlib import resources
from operator import getitem, setitem

import pytest

from rollout_lab.quiz.schema import ItemError, load_item, normal_text, parse_item

from .judging import BANK

QUESTION = tomllib.loads((BANK / "q8.toml").read_text("utf-8"))
EXERCISE = tomllib.loads((BANK / "softmax.toml").read_text("utf-8"))
NUMBER, ORDER, ENTRY, PREDICTION, GAP = (
    tomllib.loads((resources.files("rollout_lab.quiz") / f"{name}.toml").read_text("utf-8"))
    for name in (
        "practice/fill-in-a-product",
        "practice/factors-in-order",
        "practice/who-reads-whom",
        "predictions/01-good-reads",
        "gaps/02-goes-round",
    )
)


def without(*path):
    return lambda item: reduce(getitem, path[:-1], item).pop(path[-1])


def having(value, *path):
    return lambda item: setitem(reduce(getitem, path[:-1], item), path[-1], value)


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
    "a lesson without a name": (without("options", 2, "misconception"), "field options[2].lesson: "),
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
    "probes of which none is shown": (
        lambda item: [probe.pop("shown", None) for probe in item["probes"]],
        "field probes: some must be shown",
    ),
    "a probe that is shown a little": (having(1, "probes", 0, "shown"), "field probes[0].shown must be"),
    "a twist that is not Python": (
        having("lambda f lambda s", "misconceptions", 0, "twist"),
        "field misconceptions[0].twist is not Python",
    ),
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


BROKEN_NUMBERS = {
    "a missing field": (without("otherwise"), "must contain ['otherwise']"),
    "an unknown field": (having("x", "pieces"), "must not contain {'pieces'}"),
    "a key that is no number": (having("3/8", "key"), "field key must be number"),
    "no tolerance": (having(0, "tolerance"), "field tolerance must be bigger"),
    "a number that nothing computes": (without("computed"), "must contain ['computed']"),
    "a wrong number that nothing computes": (
        without("misconceptions", 0, "computed"),
        "field misconceptions[0] must contain ['computed']",
    ),
    "a computation that is not Python": (having("(P @ Q", "computed"), "field computed is not Python"),
    "a wrong computation that is not Python": (
        having("P Q", "misconceptions", 1, "computed"),
        "field misconceptions[1].computed is not Python",
    ),
    "a misconception without diagnosis": (
        without("misconceptions", 0, "diagnosis"),
        "field misconceptions[0] must contain ['diagnosis']",
    ),
    "a misconception that stands twice": (
        having("row-times-row", "misconceptions", 0, "misconception"),
        "field misconceptions: the misconception 'row-times-row' stands twice",
    ),
    "a wrong answer taken for the right one": (
        having(0.38, "misconceptions", 0, "answer"),
        "field misconceptions[0].answer is 0.38, too near to key, 0.375",
    ),
    "two beliefs that cannot be told apart": (
        having(0.755, "misconceptions", 2, "answer"),
        "field misconceptions[2].answer is 0.755, too near to misconceptions[1].answer, 0.75",
    ),
    "a matrix with a row too short": (
        having([["1", "0"], ["1"]], "matrices", 1, "values"),
        "field matrices[1].values has rows of [2, 1] entries, but there are 2 rows and 2 columns",
    ),
    "a matrix of numbers, which would lose how they are written": (
        having([[1, 0], [0, 1]], "matrices", 0, "values"),
        "field matrices[0].values[0][0] must be string",
    ),
}
BROKEN_ORDERS = {
    "no pieces": (without("pieces"), "must contain ['pieces']"),
    "a key that is no order of them": (
        having([0, 1, 1, 3], "key"),
        "field key must hold each of 0 to 3 once",
    ),
    "a wrong order that is none": (
        having([0, 1], "misconceptions", 0, "answer"),
        "field misconceptions[0].answer must hold each of 0 to 3 once, found [0, 1]",
    ),
    "pieces that are in order": (
        having([0, 1, 2, 3], "key"),
        "field key: the pieces stand in the right order",
    ),
    "a belief in the right order": (
        having([1, 3, 0, 2], "misconceptions", 0, "answer"),
        "field misconceptions[0].answer is [1, 3, 0, 2], too near to key",
    ),
}
BROKEN_ENTRIES = {
    "no matrix": (without("matrices"), "must contain ['matrices']"),
    "two matrices": (
        lambda item: item["matrices"].append(item["matrices"][0]),
        "field matrices must contain less than or equal to 1",
    ),
    "a key outside the matrix": (
        having([1, 3], "key"),
        "field key must be a row and a column of a (3, 3) matrix",
    ),
    "a key of three places": (having([1, 2, 0], "key"), "field key must contain less than or equal to 2"),
    "a wrong entry of three places": (
        having([1, 2, 0], "misconceptions", 0, "answer"),
        "field misconceptions[0].answer must be a row and a column",
    ),
}
BROKEN_PREDICTIONS = {
    "an id without its lesson": (having("good-reads", "id"), "field id must match"),
    "an option without value": (without("options", 1, "value"), "field options[1] must contain ['value']"),
    "a value that stands twice": (
        having("not", "options", 1, "value"),
        "options: the value 'not' stands twice",
    ),
    "a key not among the options": (having("E", "key"), "field key is 'E'"),
    "nothing to say": (without("comes_out"), "must contain ['comes_out']"),
}
BROKEN_GAPS = {
    "a key in words": (having("an eighth", "key"), "field key"),
    "a belief that leads to the key": (
        having(0.13, "misconceptions", 1, "answer"),
        "field misconceptions[1].answer is 0.13, too near to key, 0.125",
    ),
    "a number of no origin": (without("misconceptions", 0, "computed"), "must contain ['computed']"),
}


def test_the_items_that_are_broken_below_are_whole():
    assert parse_item(QUESTION, "q8.toml").id == "q8"
    assert parse_item(EXERCISE, "softmax.toml").id == "softmax"
    for task in (NUMBER, ORDER, ENTRY, PREDICTION, GAP):
        assert parse_item(task, f"{task['id']}.toml").kind == task["kind"]


@pytest.mark.parametrize(
    ("item", "change", "field"),
    [
        pytest.param(item, *case, id=f"{item['kind']}: {way}")
        for item, broken in (
            (QUESTION, BROKEN_QUESTIONS),
            (EXERCISE, BROKEN_EXERCISES),
            (NUMBER, BROKEN_NUMBERS),
            (ORDER, BROKEN_ORDERS),
            (ENTRY, BROKEN_ENTRIES),
            (PREDICTION, BROKEN_PREDICTIONS),
            (GAP, BROKEN_GAPS),
        )
        for way, case in broken.items()
    ],
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


def test_a_field_that_is_misspelt_is_named_beside_those_that_there_are():
    misspelt = {"stme" if name == "stem" else name: value for name, value in QUESTION.items()}
    with pytest.raises(ItemError, match=r"the file must not contain {'stme'}, but may contain .*stem"):
        parse_item(misspelt, "q8.toml")


def test_texts_that_read_the_same_are_equal():
    assert normal_text("e\u0301t\u00e9 \r\n  ici") == normal_text("\u00e9te\u0301 ici") == "\u00e9t\u00e9 ici"


def test_reading_an_item_loads_no_other_validator():
    code = (
        "import sys; from pathlib import Path; from rollout_lab.quiz.schema import load_item; "
        f"load_item(Path({str(BANK / 'q8.toml')!r})); "
        "print([name for name in ('fastjsonschema', 'jsonschema', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_option_without_a_belief_may_have_words_of_its_own():
    options = [dict(option) for option in QUESTION["options"]]
    options[0] = {"letter": "A", "text": options[0]["text"], "diagnosis": "There is a reason."}
    belief = parse_item({**QUESTION, "options": options}, "q8.toml").options[0].misconception
    assert (belief.name, belief.diagnosis) == (None, "There is a reason.")


def test_what_an_option_leaves_out_is_filled_in_neutrally():
    bare = [{"letter": option["letter"], "text": option["text"]} for option in QUESTION["options"]]
    question = parse_item({**QUESTION, "options": bare}, "q8.toml")
    belief = question.options[0].misconception
    assert (belief.name, belief.credit, belief.lesson) == (None, 0.0, QUESTION["lesson"])
    assert belief.diagnosis
    assert question.options[1].misconception is None
