"""Draw the page of the instructor's report."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from rollout_lab.classroom.pages import page
from rollout_lab.quiz.scoring import LIBRARY_VERSION, read_again

from . import item_statistics
from .exported_answers import ExportedAnswers
from .feedback import lesson_link
from .plots import MARKS, marks_plot, name_of, scores_plot
from .results import PYTHON_MISTAKES, GradedItem, Results


def report_page(
    results: Results, exported: ExportedAnswers | None = None, *, lessons: str | None, today: date
) -> str:
    """The page; `lessons` is the folder of the lesson notebooks as seen from it, None for no links."""
    marks = {item.name: Counter(answer.mark for answer in results.answers(item)) for item in results.items}
    return page(
        "course_report/report.html.j2",
        results=results,
        exported=exported,
        today=today,
        reteach=to_reteach(results),
        misconceptions=shared_misconceptions(results),
        unexplained=_unexplained(results),
        marks={name: {mark: counts[mark] for mark in MARKS} for name, counts in marks.items()},
        items=[_facts(results, item) for item in results.items],
        distribution=_distribution(results),
        late=[student for student in results.students if student.penalty],
        fewest=item_statistics.FEWEST,
        students_on_a_sheet=50,
        many_names=25,
        link=lambda anchor: lesson_link(anchor, lessons) if lessons else None,
        read_again=read_again,
        in_words=in_words,
        marks_plot=marks_plot,
    )


@dataclass(frozen=True)
class SharedMisconception:
    """A misconception with the students who have it, and how many answers to each item show it."""

    name: str
    students: tuple[str, ...]
    items: Mapping[str, int]
    diagnosis: str
    lessons: tuple[str, ...]

    @property
    def title(self) -> str:
        return in_words(self.name)

    @property
    def is_slip(self) -> bool:
        return self.name in PYTHON_MISTAKES and self.name != LIBRARY_VERSION


def shared_misconceptions(results: Results) -> list[SharedMisconception]:
    """All misconceptions that were found, those of most students first."""
    students: dict[str, dict[str, None]] = defaultdict(dict)  # names in their order, each once
    items: dict[str, Counter[str]] = defaultdict(Counter)
    for student in results.students:
        for item, answer in student.answers.items():
            for name in answer.misconceptions:
                students[name][student.name] = None
                items[name][item] += 1
    by_name = {item.name: item for item in results.items}
    found = []
    for name, who in students.items():
        ordered = dict(items[name].most_common())
        beliefs = [belief for item in ordered if (belief := by_name[item].beliefs.get(name))]
        lessons = tuple(dict.fromkeys(belief.lesson for belief in beliefs))
        diagnosis = beliefs[0].diagnosis if beliefs else ""
        found.append(SharedMisconception(name, tuple(who), ordered, diagnosis, lessons))
    return sorted(found, key=lambda each: (-len(each.students), each.name))


def to_reteach(results: Results) -> list[SharedMisconception]:
    """The five misconceptions of most students; those of a single one only if there are no others."""
    found = shared_misconceptions(results)
    return ([each for each in found if len(each.students) > 1] or found)[:5]


def _distribution(results: Results) -> dict[str, Any] | None:
    """Facts on the scores together, None where one student or none makes no distribution."""
    scores = [student.score for student in results.students]
    if len(scores) < 2:
        return None
    ranges = item_statistics.histogram(scores, results.most)
    return {
        "mean": float(np.mean(scores)),
        "median": float(np.median(scores)),
        "ranges": [(name_of(each), each[2]) for each in ranges],
        "plot": scores_plot(ranges),
        "chance": item_statistics.chance(len(scores)) if len(scores) >= item_statistics.FEWEST else None,
    }


def _unexplained(results: Results) -> list[tuple[str, int]]:
    """The items that several students got wrong in ways that have no name, with how many did."""
    counts = [(item.name, sum(each.unexplained for each in results.answers(item))) for item in results.items]
    few = max(2, len(results.students) / 10)
    return sorted(((name, count) for name, count in counts if count >= few), key=lambda each: -each[1])


def _facts(results: Results, item: GradedItem) -> dict[str, Any]:
    """What the page shows of an item."""
    answers = results.answers(item)
    points = [answer.points for answer in answers]
    totals = [sum(each.points for each in student.answers.values()) for student in results.students]
    rest = [total - own for total, own in zip(totals, points, strict=True)]
    chosen = Counter(answer.option for answer in answers)
    found = Counter(name for answer in answers for name in answer.misconceptions)
    in_order = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    options = [(option.text, option, chosen[text]) for text, option in item.options.items()]
    return {
        "item": item,
        "difficulty": item_statistics.difficulty(points, item.most),
        "discrimination": item_statistics.discrimination(points, rest),
        "options": options,
        "no_option": sum(answer.option is None and not answer.blank for answer in answers) if options else 0,
        "blank": sum(answer.blank for answer in answers),
        "found": [(name, count, item.beliefs.get(name)) for name, count in in_order],
        "unexplained": sum(answer.unexplained for answer in answers),
    }


def in_words(name: str) -> str:
    """A misconception's name to read: "sum-for-product" is "Sum for product"."""
    return name[:1].upper() + name[1:].replace("-", " ")
