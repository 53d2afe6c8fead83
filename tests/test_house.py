"""The files around the library: they exist, agree with each other, and are fit for any machine."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rollout_lab import cli, rollout
from rollout_lab.models import paper_example
from rollout_lab.models.blank_out_study import load_study
from rollout_lab.rollout import FORMULAS

from .needs import skip_without
from .test_layout import RANKS

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
CONDA_NAMES: dict[str, str] = {}  # where conda-forge calls a package otherwise
COMMISSIONED = {"jupyterlab", "ipywidgets", "numpy", "matplotlib", "nbgrader", "pytest"}
TEST_RUNNERS = {"pytest", "pytest-xdist"}
PACKAGES = packages_distributions()
NEEDED_BESIDES = {
    "rollout_lab": [],
    "rollout_lab/flow.py": ["flow"],
    "rollout_lab/launch.py": ["lab"],
    "rollout_lab/doctor.py": ["class"],
    "rollout_lab/classroom": ["class"],
    "rollout_lab/classroom/grade/cluster.py": ["cluster"],
    "course/text": [],
    "quizzes": ["class"],
    "benchmarks": ["test"],
    "tests": ["test"],
    "tools": ["tools"],
    "site": ["site"],
}
"""The extras that a room may import from, besides the wheel's own dependencies; the longest name counts."""


@pytest.fixture(scope="module")
def tracked():
    """The files that git tracks and that are there."""
    skip_without("git")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout; clone the repository with git")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def requirements(*extras):
    listed = [*PYPROJECT["project"]["dependencies"], *(each for extra in extras for each in EXTRAS[extra])]
    return [each for each in map(Requirement, listed) if each.name != "rollout-lab"]


def with_all_they_name(extras):
    """The extras, and those that they name as `rollout-lab[...]`."""
    named = {name for extra in extras for each in EXTRAS[extra] for name in Requirement(each).extras}
    return with_all_they_name({*extras, *named}) if named - {*extras} else {*extras}


def imported(path):
    """The packages of others that a file imports, anywhere in it, by the names they are installed by."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    others = names - {*sys.stdlib_module_names, "rollout_lab", "tests", "tools", "benchmarks", "edition"}
    return {canonicalize_name(PACKAGES.get(name, [name])[0]) for name in others}


def commands(document):
    """The words after `make` and `rollout-lab` in a document's code."""
    blocks = re.findall(r"```(?:\w*)\n(.*?)```|`([^`\n]+)`", document, flags=re.DOTALL)
    code = "\n".join(block or span for block, span in blocks)
    found = re.findall(r"(?:^|[\s&;])(make|rollout-lab) ([a-z][a-z-]*)", code)
    return {
        tool: {word for found_tool, word in found if found_tool == tool} for tool in ("make", "rollout-lab")
    }


def links(document):
    return [link for link in re.findall(r"\]\(([^)#]+)", document) if "://" not in link]


def makefile_targets():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z-]+):.* ## ", makefile, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "CODE_OF_CONDUCT.md",
        "NON-GOALS.md",
        "SECURITY.md",
        "CITATION.cff",
        "LICENSE",
        "LICENSE-CONTENT",
        "NOTICE",
        "Makefile",
        "constraints.txt",
        "environment.yml",
        ".pre-commit-config.yaml",
        ".ci/run",
        ".devcontainer/devcontainer.json",
        ".devcontainer/Dockerfile",
        ".github/workflows/tests.yml",
        ".github/workflows/release.yml",
        ".github/ISSUE_TEMPLATE/bug.yml",
        ".github/ISSUE_TEMPLATE/content.yml",
        ".github/pull_request_template.md",
    ],
)
def test_the_file_is_tracked_and_not_empty(tracked, name):
    assert ROOT / name in tracked
    assert (ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_command_in_a_document_exists(name):
    printed = commands((ROOT / name).read_text("utf-8"))
    subcommands = next(action for action in cli._parser()._actions if action.choices).choices
    assert printed["make"]
    assert printed["make"] <= makefile_targets()
    assert printed["rollout-lab"] <= set(subcommands)


def test_the_readme_opens_with_the_two_commands_and_its_links_lead_somewhere():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make lab" in readme[: readme.index("## ")]
    assert readme.index("make lab ") < readme.index("make test ")
    assert {"CONTRIBUTING.md", "NON-GOALS.md", "SECURITY.md"} <= set(links(readme))


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "NON-GOALS.md", "SECURITY.md", "quizzes/README.md"]
)
def test_every_link_and_path_in_a_document_leads_somewhere(name):
    document = (ROOT / name).read_text("utf-8")
    paths = set(re.findall(r"`((?:rollout_lab|tests|tools|course|quizzes|\.github)/[\w./-]+)`", document))
    to_be_made = {"course/text/NN_name.py", "rollout_lab/explorers/NAME.py", "quizzes/private.yml"}
    assert [path for path in paths - to_be_made if not (ROOT / path).exists()] == []
    assert [link for link in links(document) if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_contributing_lists_the_rooms_in_the_order_that_a_test_holds_them_to():
    document = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (block,) = re.findall(r"```text\n(.*?)```", document, flags=re.DOTALL)
    assert [set(line.split()) for line in block.splitlines()] == RANKS


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "course/README.md", "quizzes/README.md"])
def test_no_document_waits_for_an_address_to_be_filled_in(name):
    text = (ROOT / name).read_text("utf-8")
    assert (
        re.findall(
            r"(?i)<(?:address|url|repository|your[ -])[^>]*>|TODO|FIXME|REPLACE_ME|example\.(?:com|net)", text
        )
        == []
    )


def test_the_readme_s_surprises_are_what_the_lessons_compute():
    readme = (ROOT / "README.md").read_text("utf-8")
    study = load_study()
    usual, last = (f"{study.interval(method)[0]:.2f}" for method in ("identity", "layer 6"))
    assert f"{len(study.sentences)} sentences" in readme
    assert re.search(rf"rank correlation of\s+{usual}\. The last layer alone.*: {last} ", readme)
    maps = paper_example().attentions
    sums = {name: rollout(maps, residual=name, normalize=False).sum(axis=1) for name in FORMULAS}
    for name, total in {"none": 1, "recursion": len(maps), "identity": 2 ** len(maps)}.items():
        np.testing.assert_allclose(sums[name], total)
    assert "sum to 1, to *L* or to 2^*L*" in readme


def test_the_devcontainer_sets_up_with_commands_that_exist():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    made = [settings[name] for name in ("postCreateCommand", "postAttachCommand")]
    assert {command.split()[1] for command in made} <= makefile_targets()
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).is_file()


def workflows():
    folder = ROOT / ".github" / "workflows"
    files = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yml"))]
    return [step for file in files for job in file["jobs"].values() for step in job["steps"]]


def test_workflows_run_commands_that_exist_and_tests_that_are_there():
    runs = "\n".join(step["run"] for step in workflows() if "run" in step)
    makes = set(re.findall(r"^make ([a-z-]+)", runs, flags=re.MULTILINE))
    subcommands = next(action for action in cli._parser()._actions if action.choices).choices
    assert {"lint", "test", "dist"} <= makes <= makefile_targets()
    assert set(re.findall(r"rollout-lab ([a-z-]+)", runs)) <= set(subcommands)
    assert "bash .ci/run" in runs
    assert [path for path in re.findall(r"tests/[\w/.]+", runs) if not (ROOT / path).exists()] == []
    installed = re.search(r"pip install.*", runs).group()
    assert installed in (ROOT / "README.md").read_text("utf-8")


def test_workflows_pin_what_they_use_by_its_major_version():
    used = [step["uses"] for step in workflows() if "uses" in step]
    assert [each for each in used if not re.search(r"@(v\d+|release/v\d+)$", each)] == []


def test_what_is_checked_on_each_commit_is_what_ci_checks_before_the_tests():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    checked = [line.split("/", 1)[1].partition(" --check")[0] for line in lint.group(1).splitlines()]
    entries = [hook["entry"].removeprefix(".venv/bin/") for hook in hooks]
    assert [
        each for each in checked if not any(entry.startswith(each.rstrip(" .")) for entry in entries)
    ] == []
    drift = "rollout-lab build --check"
    assert drift in entries
    assert drift in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.needs("make")
def test_the_size_is_printed_beside_the_budget_that_contributing_states():
    printed = subprocess.run(
        ["make", "-s", "size"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    library, limit = re.match(r"library (\d+) of ([\d,]+) lines, tests \d+ of \d+", printed).groups()
    assert int(library) == sum(
        path.read_bytes().count(b"\n") for path in (ROOT / "rollout_lab").rglob("*.py")
    )
    document = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"at most {limit} lines" in document


@pytest.mark.needs("make")
def test_make_alone_lists_every_command():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = {line.split()[1] for line in listed.splitlines()}
    assert words == makefile_targets()
    assert {"setup", "lab", "teach", "test", "notebooks", "lint", "clean", "help"} <= words


def test_every_requirement_is_pinned_within_its_bounds():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, version = re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups()
            pins[canonicalize_name(name)] = version
    for requirement in requirements(*EXTRAS):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("room", NEEDED_BESIDES)
def test_what_a_file_imports_is_declared_where_it_is_used(room):
    declared = {
        canonicalize_name(each.name) for each in requirements(*with_all_they_name(NEEDED_BESIDES[room]))
    }
    paths = [ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py")
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("tests/quiz/shelf/") or room != max(
            (each for each in NEEDED_BESIDES if name.startswith(each)), key=len
        ):
            continue
        assert imported(path) <= declared, f"{name} imports what pyproject.toml does not list for {room}"


def test_the_guide_names_what_a_python_that_runs_submissions_needs():
    guide = (ROOT / "quizzes" / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^~/python3\.\d+/bin/python -m pip install (.*)", guide, flags=re.MULTILINE)
    come_along = {"ipython", "pillow", "traitlets"}
    assert {*line.split(), *come_along} == {each.name for each in requirements()}


def test_every_requirement_names_the_oldest_version_that_will_do():
    for requirement in requirements(*EXTRAS):
        assert {each.operator for each in requirement.specifier} == {">="}, requirement


def test_conda_s_environment_is_in_step_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    listed = {each for each in environment["dependencies"] if isinstance(each, str)}
    runners = [each for each in map(Requirement, EXTRAS["test"]) if each.name in TEST_RUNNERS]
    wanted = {
        f"{CONDA_NAMES.get(each.name, each.name)}{each.specifier}"
        for each in [*requirements("flow", "lab", "class"), *runners]
    }
    assert listed == {*wanted, f"python{PYPROJECT['project']['requires-python']}", "pip"}
    assert {Requirement(each).name for each in listed} >= COMMISSIONED
    assert environment["channels"][0] == "conda-forge"


@pytest.mark.parametrize("name", ["environment.yml", "README.md"])
def test_conda_users_read_what_brings_the_rest_of_the_test_tools(name):
    assert "pip install -c constraints.txt -e '.[test]'" in (ROOT / name).read_text("utf-8")


def test_the_citation_names_the_version_that_pyproject_builds():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == PYPROJECT["project"]["version"]
    assert f"## {citation['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_tracked_notebook_has_outputs_or_pairing(tracked):
    notebooks = [path for path in tracked if path.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        notebook = json.loads(path.read_text("utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        opens = (ROOT / "course" / "text" / f"{path.stem}.html").exists()  # with a picture, before it is run
        assert [cell["outputs"] for cell in code[opens:] if cell["outputs"]] == [], path
        assert {cell["execution_count"] for cell in code} <= {None}, path
        assert "jupytext" not in notebook["metadata"], path
        assert "widgets" not in notebook["metadata"], path


def test_no_tracked_file_is_over_two_megabytes(tracked):
    assert [path for path in tracked if path.stat().st_size > 2_000_000] == []


def test_no_tracked_file_names_a_folder_of_someone_s_machine(tracked):
    personal = re.compile(rb"(?<![\w.:/])/(?:home|root|Users|work|mnt|private)/\w[\w.-]*")
    found = {
        str(path.relative_to(ROOT)): match.group().decode()
        for path in tracked
        if path.suffix not in (".npz", ".png") and (match := personal.search(path.read_bytes()))
    }
    assert found == {}


@pytest.mark.parametrize("name", ["Makefile", "constraints.txt", "pyproject.toml", ".ci/run"])
def test_where_packages_come_from_is_left_to_the_machine(name):
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"\w+://\S+|--index-url|--find-links", text) == []
