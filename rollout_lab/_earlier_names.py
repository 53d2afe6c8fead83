"""Modules that have moved, under the names that notebooks and configuration out there import them by."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "classroom.autograding": "classroom.grade.autograder",
    "classroom.bank": "classroom.build.bank",
    "classroom.builds": "classroom.submission.quiz_builds",
    "classroom.bundle": "classroom.build.student_bundle",
    "classroom.cluster": "classroom.grade.cluster",
    "classroom.collecting": "classroom.lms.collect",
    "classroom.evidence": "classroom.sandbox.sanitize",
    "classroom.exchange": "classroom.submission.exchange",
    "classroom.feedback": "classroom.report.feedback",
    "classroom.folder": "classroom.submission.folder",
    "classroom.grading_table": "classroom.grade.grading_table",
    "classroom.gradesheet": "classroom.lms.grade_table",
    "classroom.handed_in": "classroom.submission.reading",
    "classroom.inside": "classroom.sandbox.worker",
    "classroom.interpreter": "classroom.sandbox.interpreter",
    "classroom.lessons": "classroom.build.notebooks",
    "classroom.notebooks": "classroom.build.notebooks",
    "classroom.papers": "classroom.build.papers",
    "classroom.playing": "classroom.sandbox.runner",
    "classroom.plots": "classroom.report.plots",
    "classroom.preprocessors": "classroom.grade.preprocessors",
    "classroom.private": "classroom.build.private",
    "classroom.quizzes": "classroom.build.quizzes",
    "classroom.repair": "classroom.submission.repair",
    "classroom.results": "classroom.report.results",
    "classroom.roll": "classroom.lms.students",
    "classroom.shape": "classroom.submission.notebook_format",
    "classroom.statistics": "classroom.report.item_statistics",
    "classroom.unpacking": "classroom.lms.zips",
    "classroom.validating": "classroom.grade.validate",
    "classroom.versions": "classroom.submission.python_versions",
    "explorers.attention": "explorers.attention_explorer",
    "explorers.collapse": "explorers.row_collapse",
    "explorers.finder": "explorers.source_finder",
    "explorers.flows": "explorers.edge_weights",
    "explorers.formulas": "explorers.formula_comparison",
    "explorers.glance": "explorers.overview",
    "explorers.live": "explorers.browser_base",
    "explorers.match": "explorers.match_with_model",
    "explorers.own": "explorers.own_sentence",
    "explorers.patches": "explorers.patch_explorer",
    "explorers.reading": "explorers.inputs",
    "explorers.residual": "explorers.residual_weight",
    "explorers.stage": "explorers.widget_base",
    "explorers.stepper": "explorers.rollout_stepper",
    "explorers.tracer": "explorers.path_tracer",
    "figures.sheet": "figures.canvas",
    "models.flows": "models.recorded_flows",
    "quiz.keys": "quiz.key",
    "quiz.slips": "quiz.python_mistakes",
}
"""Each module's earlier name and its name now, within `rollout_lab`."""

_TOOLS = ("blank_out_study.__main__", "blank_out_study.methods", "make_bundle", "make_photograph")
IN_TOOLS = {f"models.{name}" for name in (*_TOOLS, "pointer_training")}
"""Makers of bundled data and weights, which have left the package."""


class _EarlierNames:
    """Finder and loader of modules under their earlier names: the same module, no second copy."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, module = name.partition(".")
        if package != __package__ or (module not in MOVED and module not in IN_TOOLS):
            return None
        return ModuleSpec(name, self)  # type: ignore[arg-type]  # a loader by its methods: importing one costs time

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        _, _, name = spec.name.partition(".")
        if name in IN_TOOLS:
            raise ImportError(
                f"{spec.name} has left the package: it is in the folder tools of the course's repository",
                name=spec.name,
            )
        module = import_module(f"{__package__}.{MOVED[name]}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The module has run under its own name. The import system has just given it the earlier name's spec.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


sys.meta_path.append(_EarlierNames())  # last: a module that there is comes first
