"""nbgrader's settings for this course. Run nbgrader's commands in this folder."""

import os
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    OverwriteCells,
    OverwriteKernelspec,
)

from rollout_lab._commands import search_path
from rollout_lab.classroom.grade.preprocessors import ExecuteSayingVersions, RepairCells
from rollout_lab.classroom.grade.validate import install as install_validate
from rollout_lab.classroom.report.feedback import configure as configure_feedback
from rollout_lab.classroom.submission.exchange import CollectFilesOnly
from rollout_lab.working_copy import exchange_folder

c = get_config()  # noqa: F821 (traitlets defines it)

course_folder = Path(__file__).resolve().parent

os.environ["PATH"] = search_path()

c.CourseDirectory.course_id = "attention_rollout"
c.CourseDirectory.root = str(course_folder)

# With a private.yml the quizzes are an instructor's own, and never the public ones by oversight.
if (course_folder / "private.yml").exists():
    from rollout_lab.classroom.grade.preprocessors import CheckPrivateBuild

    c.CourseDirectory.source_directory = "private_source"
    c.GenerateAssignment.preprocessors = [CheckPrivateBuild, *GenerateAssignment.preprocessors.default()]
    if not (course_folder / "private_source").is_dir():
        print("private.yml is there, but private_source is not. Build it: rollout-lab build", file=sys.stderr)

# Where released quizzes and hand-ins change hands: a folder that teacher and students share.
c.Exchange.root = str(exchange_folder(course_folder))

# Students may write into it: links are not followed, and one bad submission stops no other. Whoever submits
# again is collected again.
c.ExchangeFactory.collect = CollectFilesOnly
c.ExchangeCollect.update = True

# In a container everything belongs to root, and root may collect what root submitted.
if hasattr(os, "getuid") and os.getuid() == 0:
    c.ExchangeCollect.check_owner = False

# What a student gets stands outside the solution markers; nothing takes the solution's place.
c.ClearSolutions.code_stub = {"python": ""}

c.Autograde.sanitize_preprocessors = [
    RepairCells,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

c.Autograde.autograde_preprocessors = [
    ExecuteSayingVersions if step is Execute else step for step in Autograde.autograde_preprocessors.default()
]

# A hidden test that does not run earns full marks, so no tag of a student's may have it skipped.
c.Execute.skip_cells_with_tag = ""

# Validate names what grading would mend, and goes on.
install_validate()

# Feedback shows a student's own work and its diagnosis, never a hidden test.
configure_feedback(c)
