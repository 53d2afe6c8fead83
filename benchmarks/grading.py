"""Seconds per submission: `nbgrader autograde` against `rollout-lab grade`, on the same honest class.

    python -m benchmarks.grading                      # 50 submissions, both, side by side
    python -m benchmarks.grading 10 50 200 --growth   # how the time grows

Half of the class answers rightly, the others show one misconception each. Both graders start with the same
course, and their scores are compared. Seconds are what an instructor waits, starting the program included.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rollout_lab.classroom.build.bank import load_course, option_orders
from rollout_lab.classroom.nbgrader_course import NbgraderCourse
from tests.classroom.nbgrader_class import ROOT, Classroom, fill_in

QUIZ = "quiz2_matrix_product"
PLAIN, OURS = "nbgrader autograde", "rollout-lab grade"


def answers(size: int) -> list[dict[str, str]]:
    """What the students of a class hand in."""
    course = load_course(ROOT / "quizzes" / "bank")
    (assignment,) = (a for a in course.assignments if a.name == QUIZ)
    orders = option_orders(course, course.seeds["options"])
    right, wrong = {}, []
    for name in assignment.items:
        item = course.items[name]
        if item.kind == "choice":
            letters = {letter: "ABCD"[place] for place, letter in enumerate(orders[name])}
            right[name] = letters[item.key]
            wrong += [{name: shown} for letter, shown in letters.items() if letter != item.key]
        else:
            right[name] = item.starter + item.reference
            wrong += [{name: belief.code} for belief in item.misconceptions]
    return [right if n % 2 else right | wrong[n // 2 % len(wrong)] for n in range(size)]


def make_class(folder: Path, size: int) -> Path:
    classroom = Classroom(folder)
    released = classroom.release(QUIZ) / f"{QUIZ}.ipynb"
    for number, given in enumerate(answers(size)):
        place = classroom.course / "submitted" / f"student{number:04}" / QUIZ
        place.mkdir(parents=True)
        shutil.copy(released, place)
        fill_in(place / released.name, given)
    return classroom.course


def copy_of(course: Path, folder: Path) -> Path:
    """The course in another folder."""
    return shutil.copytree(course, folder / course.name)


def seconds(command: list[str], course: Path) -> float:
    """How long a command takes that grades the course."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], cwd=course, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[50])
    parser.add_argument("--growth", action="store_true", help=f"measure {OURS} alone")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    print("| submissions | grader | seconds | seconds each | submissions per minute | speed-up |")
    print("|---|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            course = make_class(Path(folder) / "class", size)
            copy = copy_of(course, Path(folder) / "copy")
            graders = {OURS: (["rollout_lab.cli", "grade", QUIZ], course)}
            if not options.growth:
                graders = {PLAIN: (["nbgrader", "autograde", QUIZ], copy), **graders}
            took = {}
            for grader, (command, place) in graders.items():
                took[grader] = one = seconds(command, place)
                gain = f"{took[PLAIN] / one:.2f}" if PLAIN in took else ""
                row = (size, grader, f"{one:.1f}", f"{one / size:.2f}", f"{60 * size / one:.0f}", gain)
                print(f"| {' | '.join(map(str, row))} |", flush=True)
            if not options.growth:
                ours, plain = NbgraderCourse(course), NbgraderCourse(copy)
                students = ours.submissions(QUIZ)
                differ = [s for s in students if ours.scores(QUIZ, s) != plain.scores(QUIZ, s)]
                print(f"\nThe same scores for {size - len(differ)} of {size} submissions.", *differ)


if __name__ == "__main__":
    main()
