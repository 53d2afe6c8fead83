"""Build the quiz notebooks from the items: one for nbgrader, one for self-study."""

import functools
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from rollout_lab.classroom.submission import quiz_builds
from rollout_lab.quiz import breaking, names
from rollout_lab.quiz.key import seal
from rollout_lab.quiz.schema import BankItem, BreakIt, Exercise, Question

from .bank import Assignment, Course, exercise_key, option_orders, question_key, shown_options
from .notebooks import Cell, code, markdown, notebook_text

_SETUP = """\
import numpy as np

from rollout_lab.quiz import {names}"""

_ABOUT_YOU = """\
# Who you are, with whom you worked, and what helped you (people, pages, tools). Fill in the quotes.
NAME = ""
COLLABORATORS = ""
HELP_USED = \"\""""

_GRADED_INTRO = """\
# {title}

After lesson `{lesson}`. {items}, {points:g} points, about
{minutes:.0f} minutes.

- **Questions.** Run the cell and click an option: the letter is written into the cell, and the cell is your
  answer. You can also type the letter between the quotation marks.
- **Exercises.** Write the function with NumPy. A check below it looks at its form and at one small example.
{break_it}- **Validate** (button above, or `nbgrader validate`) runs all checks and says what is missing. Then
  save and submit. Whether an answer is right is graded after you hand in; the feedback says why."""

_BREAK_IT = """\
- **Break it.** You see a function that is wrong. Write an input on which it goes wrong.
"""

_SELF_CHECK_INTRO = """\
# {title}: check yourself

After lesson `{lesson}`. {items}, about {minutes:.0f} minutes, for
your eyes only.

- **Questions.** Run the cell and click an option. What your answer shows about your picture of {subject}
  stands below it at once.
- **Exercises.** Write the function with NumPy, run the cell, then run the check below it.
{break_it}
Run the next two cells first."""


def source_notebook(course: Course, assignment: Assignment) -> str:
    """The text of an assignment's nbgrader source notebook, with solutions and hidden tests."""
    return notebook_text(f"source/{assignment.name}", _graded_cells(course, assignment))


def self_check_notebook(course: Course, assignment: Assignment) -> str:
    """The text of an assignment's self-check notebook: the same items, judged at once."""
    return notebook_text(f"self_check/{assignment.name}", _self_check_cells(course, assignment))


def sealed_keys(course: Course, assignment: Assignment, orders: Mapping[str, str]) -> dict[str, str]:
    """The sealed keys of an assignment's items, the questions' options shown in `orders`."""
    keys = {}
    for name in assignment.items:
        item, points = course.items[name], course.points(name)
        if isinstance(item, Question):
            keys[name] = seal(question_key(item, orders[name], points))
        elif isinstance(item, BreakIt):
            keys[name] = seal(breaking.break_key(item, course.items, points))
        else:
            keys[name] = _sealed_exercise(item, course.seeds["probes"], points)
    return keys


@functools.lru_cache(maxsize=64)  # the graded and the self-check copy both ask for it
def _sealed_exercise(exercise: Exercise, seed: int, points: float) -> str:
    return seal(exercise_key(exercise, seed, points))


def _graded_cells(course: Course, assignment: Assignment) -> Iterator[Cell]:
    orders = option_orders(course, course.seeds["options"])
    keys = sealed_keys(course, assignment, orders)
    yield markdown(_intro(_GRADED_INTRO, course, assignment))
    yield code(_ABOUT_YOU)
    breaks = any(isinstance(course.items[name], BreakIt) for name in assignment.items)
    setup = _SETUP.format(names=f"check_choice, check_function, {'check_input, ' * breaks}choose")
    yield code(setup, nbgrader=_nbgrader(names.SETUP, locked=True))
    for name in assignment.items:
        item = course.items[name]
        title = item_title(item, assignment, course)
        statement = _statement(item, course, title, orders, course.points(name))
        yield markdown(statement, nbgrader=_nbgrader(names.STATEMENT + name, locked=True))
        own = {quiz_builds.METADATA: {"build": quiz_builds.fingerprint(statement)}}
        yield code(_answer(item, orders, solution=True), nbgrader=_nbgrader(name, solution=True), **own)
        yield code(_form_check(item), nbgrader=_nbgrader(names.CHECK + name, locked=True, points=0))
        yield code(
            "# Graded after you hand in. There is nothing to do here.\n"
            "### BEGIN HIDDEN TESTS\n"
            "from rollout_lab.quiz import grade\n"
            f'grade("{name}", globals(), {_wrapped(keys[name])})\n'
            "### END HIDDEN TESTS",
            nbgrader=_nbgrader(names.TEST + name, locked=True, points=course.points(name)),
        )


def _self_check_cells(course: Course, assignment: Assignment) -> Iterator[Cell]:
    orders = option_orders(course, course.seeds["self_check"])
    keys = sealed_keys(course, assignment, orders)
    yield markdown(_intro(_SELF_CHECK_INTRO, course, assignment))
    yield code(_SETUP.format(names="choose, self_check"))
    sealed = "\n".join(f'    "{name}": {_wrapped(keys[name])},' for name in assignment.items)
    yield code(
        f"# What the checks below compare your answers with. Run it; there is nothing to read.\n"
        f"keys = {{\n{sealed}\n}}",
        jupyter={"source_hidden": True},
    )
    for name in assignment.items:
        item = course.items[name]
        title = item_title(item, assignment, course)
        yield markdown(_statement(item, course, title, orders, None))
        yield code(_answer(item, orders, solution=False))
        if not isinstance(item, Question):  # a click is judged where it is made
            yield code(f'self_check("{name}", globals(), keys)')


def _nbgrader(
    grade_id: str, *, solution: bool = False, locked: bool = False, points: float | None = None
) -> dict[str, Any]:
    metadata = {
        "schema_version": 3,
        "grade_id": grade_id,
        "solution": solution,
        "grade": points is not None,
        "locked": locked,
        "task": False,
    }
    return metadata if points is None else {**metadata, "points": points}


def _intro(template: str, course: Course, assignment: Assignment) -> str:
    items = [course.items[name] for name in assignment.items]
    return template.format(
        subject=course.subject,
        title=assignment.title,
        lesson=assignment.lesson,
        items=_counted(items),
        break_it=_BREAK_IT if any(isinstance(item, BreakIt) for item in items) else "",
        points=sum(course.points(name) for name in assignment.items),
        minutes=sum(item.minutes for item in items),
    )


def _statement(
    item: BankItem, course: Course, title: str, orders: Mapping[str, str], points: float | None
) -> str:
    facts = [f"{item.minutes:g} min", "difficulty " + "●" * item.difficulty + "○" * (3 - item.difficulty)]
    if points is not None:
        facts.insert(0, f"{points:g} point{'s' if points != 1 else ''}")
    parts = [f"## {title}", f"*{item.objective} ({', '.join(facts)})*"]
    if isinstance(item, Question):
        shown = shown_options(item, orders[item.id])
        options = "\n".join(f"- **{letter})** {option.text}" for letter, option in shown.items())
        # Buttons and the answer cell show the options; those here are for reading a hand-in without them.
        parts += [f"> {item.stem}", quiz_builds.unseen(options) if points else "", item.note.strip()]
    elif isinstance(item, BreakIt):
        parts += break_it_asked(item, course)
    else:
        parts.append(item.statement.strip())
    for number, hint in enumerate(item.hints, start=1):
        parts.append(f"<details><summary>Hint {number}</summary>\n\n{hint}\n\n</details>")
    return "\n\n".join(filter(None, parts))


def break_it_asked(item: BreakIt, course: Course) -> list[str]:
    """The parts of a question that asks for an input: its words, the wrong function, what inputs must be."""
    _right, wrong = breaking.functions_of(item, course.items)
    promised = f"**Your input:** `{item.input.name}`, {breaking.promises(item.input)}."
    return [item.stem.strip(), f"```python\n{wrong.strip()}\n```", promised]


def _counted(items: Sequence[BankItem]) -> str:
    """How many items there are of each kind, in words."""
    kinds = ((Question, "question{}"), (Exercise, "exercise{}"), (BreakIt, "function{} to break"))
    counts = [(sum(isinstance(item, kind) for item in items), name) for kind, name in kinds]
    words = [f"{count} {name.format('s' * (count != 1))}" for count, name in counts if count]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def item_title(item: BankItem, assignment: Assignment, course: Course) -> str:
    """What stands above an item, on the screen and on paper."""
    if isinstance(item, Question):
        asked = [name for name in assignment.items if isinstance(course.items[name], Question)]
        return f"Question {asked.index(item.id) + 1} of {len(asked)} (`{item.id}`)"
    if isinstance(item, BreakIt):
        return f"Break it: `{item.function}`"
    return f"Exercise: `{item.id}`"


def _answer(item: BankItem, orders: Mapping[str, str], *, solution: bool) -> str:
    """The answer cell: what stands outside the solution markers is what students get."""
    if isinstance(item, Question):
        shown = shown_options(item, orders[item.id])
        texts = {letter: json.dumps(option.text, ensure_ascii=False) for letter, option in shown.items()}
        options = "".join(f"    {letter}={text},\n" for letter, text in texts.items())
        (right,) = (letter for letter, option in shown.items() if option.letter == item.key)
        variable, marked = names.answer_name(item.id), ""
        if solution:
            marked = f'### BEGIN SOLUTION\n{variable} = "{right}"\n### END SOLUTION\n'
        keys = "" if solution else "    keys=keys,\n"
        call = f'choose(\n    "{item.id}",\n    {variable},\n{options}{keys})'
        return f'{variable} = ""\n{marked}{call}'
    if isinstance(item, BreakIt):
        marked = f"### BEGIN SOLUTION\n{item.id} = {item.solutions[0]}\n### END SOLUTION\n" * solution
        return f"{item.id} = None  # in place of None: your {item.input.name}\n{marked}".rstrip()
    marked = f"    ### BEGIN SOLUTION\n{reference_body(item)}\n    ### END SOLUTION\n" if solution else "\n"
    return f'{item.starter.strip()}\n{marked}    raise NotImplementedError("{item.id} is not written yet")'


def reference_body(exercise: Exercise) -> str:
    """The body of the reference function, indented as it stands below the starter."""
    return textwrap.indent(textwrap.dedent(exercise.reference).strip("\n"), "    ")


def _form_check(item: BankItem) -> str:
    if isinstance(item, Question):
        letters = "".join(option.letter for option in item.options)
        return f'check_choice("{item.id}", globals(), "{letters}")'
    if isinstance(item, BreakIt):
        promised = "".join(f"    {name}={value!r},\n" for name, value in asdict(item.input).items())
        return f'check_input(\n    "{item.id}",\n    globals(),\n{promised})'
    return (
        f'check_function(\n    "{item.id}",\n    globals(),\n    arguments={item.example.arguments},\n'
        f"    expected={item.example.expected},\n"
        f"    library_versions={json.dumps(item.library_versions)},\n)"
    )


def _wrapped(sealed: str) -> str:
    return '"""\n' + "\n".join(textwrap.wrap(sealed, 100)) + '\n"""'
