"""How far a reader has come, at a glance."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from .before_and_after import in_one_line
from .bundled import Folder, bundled_item, bundled_names
from .kept_answers import Answered, Kind, all_answers
from .progress import where_kept
from .tables import Table

_COLUMNS = {
    "Predictions": "prediction",
    "Practice": "practice",
    "Gaps": "gap",
    "Break it": "break",
    "Self-check": "self-check",
}
_FOLDERS: dict[Kind, Folder] = {
    "prediction": "predictions",
    "practice": "practice",
    "gap": "gaps",
    "break": "breaks",
}


def progress_overview() -> Table:
    """Show for each lesson how many predictions, practice items, gaps and self-checks you have answered.

    Of self-checks only those that you have answered are counted. A prediction counts as right or not once the
    lesson has shown what comes out.
    """
    there: dict[str, Counter[str]] = defaultdict(Counter)  # by lesson
    lessons: dict[tuple[str, str], str] = {}  # by kind and item
    for kind, folder in _FOLDERS.items():
        for name in bundled_names(folder):
            lessons[kind, name] = bundled_item(folder, name).lesson.partition("#")[0]
    # The id of a prediction or a gap begins with the lesson that asks it; another may say why it holds.
    numbered = {lesson.partition("_")[0]: lesson for lesson in lessons.values()}
    for item, explained in lessons.items():
        lessons[item] = lesson = numbered.get(item[1].partition("-")[0], explained)
        there[lesson][item[0]] += 1
    by_place: dict[tuple[str, str], list[Answered]] = defaultdict(list)
    for each in all_answers():
        if lesson := lessons.get((each.kind, each.item)) or each.answer.lesson:
            by_place[lesson, each.kind].append(each)
    rows = [
        [
            lesson.replace("_", " "),
            *(_cell(by_place[lesson, kind], counts[kind]) for kind in _COLUMNS.values()),
        ]
        for lesson, counts in sorted(there.items())
    ]
    below = [
        in_one_line(),
        f"{where_kept()} your_answers() downloads, adds or deletes them; export_answers() writes what "
        "you may hand in.",
    ]
    return Table("Your progress: answered of all, and right", ("Lesson", *_COLUMNS), rows, below)


def _cell(answered: Iterable[Answered], there: int) -> str:
    marks = [each.answer.right for each in answered]
    if not (marks or there):
        return "–"
    of = f" of {there}" if there else ""
    right = f", {sum(mark is True for mark in marks)} right" if set(marks) - {None} else ""
    return f"{len(marks)}{of}{right}"
