"""The built wheel, installed outside the clone: what students get when they get no clone."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import textwrap
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECRET_FIELDS = (
    "stem",
    "statement",
    "explanation",
    "hints",
    "reference",
    "misconceptions",
    "options",
    "probes",
)
BANK = sorted((ROOT / "quizzes" / "bank").glob("*.toml"))


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The folder with the source distribution, and with the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation nothing is downloaded: the test extra holds the build backend.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    (path,) = distributions.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of an environment with the wheel, which sees this environment's other packages."""
    environment = tmp_path_factory.mktemp("elsewhere") / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    site_packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A path file inside a path file is not followed, so the clone itself stays out of sight.
    (site_packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        wheel,
    )
    return python


def ask(python, program, cwd):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return run(python, "-c", textwrap.dedent(program), cwd=cwd, env=clean)


def test_the_source_distribution_holds_the_example_that_readme_runs(distributions):
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        assert f"{path.name.removesuffix('.tar.gz')}/examples/long_prompt.py" in archive.getnames()


def test_the_installed_wheel_is_what_is_imported(python, tmp_path):
    where = Path(ask(python, "import rollout_lab; print(rollout_lab.__file__)", tmp_path).strip())
    assert where.is_relative_to(python.parent.parent)


def test_the_wheel_loads_its_examples_and_computes_a_rollout(python, tmp_path):
    ask(
        python,
        """
        import numpy as np
        import rollout_lab
        from rollout_lab.models import example_names, load_example

        assert len(example_names()) >= 12
        for name in example_names():
            example = load_example(name)
            R = rollout_lab.rollout(example.attentions)
            assert R.shape == (len(example.tokens),) * 2
            np.testing.assert_allclose(R.sum(axis=-1), 1, rtol=1e-4)
        """,
        tmp_path,
    )


def test_the_wheel_s_items_of_lessons_can_be_shown(python, tmp_path):
    items = [
        (path.parent.name, path.stem)
        for folder in ("practice", "predictions", "gaps")
        for path in sorted((ROOT / "rollout_lab" / "quiz" / folder).glob("*.toml"))
    ]
    assert len({folder for folder, _ in items}) == 3
    shown = ask(
        python,
        f"""
        from rollout_lab.quiz import check, practice, predict
        show = {{"practice": practice, "predictions": predict, "gaps": lambda name: check(name, None)}}
        for folder, name in {items!r}:
            show[folder](name)
        print("shown")
        """,
        tmp_path,
    )
    assert shown.strip().endswith("shown")


def test_the_wheel_s_figures_can_be_drawn(python, tmp_path):
    ask(
        python,
        """
        from rollout_lab import figures
        from rollout_lab.models import paper_example

        example = paper_example()
        figure = figures.heatmap(example.attentions[0, 0], example.tokens, title="One layer")
        assert figure.alt
        """,
        tmp_path,
    )


def test_the_wheel_s_command_explains_that_there_is_no_course_here(python, tmp_path):
    command = python.parent / "rollout-lab"
    done = subprocess.run([command, "start", "--no-lab"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("rollout-lab: No course found")


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def secrets(value):
    """Every text in an item that is long enough to be nobody else's; lesson anchors are everybody's."""
    if isinstance(value, dict):
        value = [part for field, part in value.items() if field != "lesson"]
    if isinstance(value, str):
        return [squeezed(value)] if len(squeezed(value)) >= 40 else []
    if not isinstance(value, list):
        return []
    return [secret for part in value for secret in secrets(part)]


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_no_bank_file_and_no_quiz_notebook_is_in_the_wheel(wheel):
    names = contents(wheel)
    bank = {path.name for path in BANK}
    assert len(bank) == 29  # 14 questions, 11 exercises, 3 functions to break and the course's plan.
    assert [name for name in names if Path(name).name in bank or name.endswith(".ipynb")] == []


@pytest.mark.parametrize("path", BANK, ids=lambda path: path.stem)
def test_no_key_reference_solution_probe_or_diagnosis_is_in_the_wheel(wheel, path):
    item = tomllib.loads(path.read_text("utf-8"))
    found = secrets({name: item.get(name) for name in SECRET_FIELDS})
    assert found or path.stem == "course"
    squeezed_contents = {
        name: squeezed(content.decode("utf-8", "replace")) for name, content in contents(wheel).items()
    }
    leaks = [(name, secret) for name, text in squeezed_contents.items() for secret in found if secret in text]
    assert leaks == []


def test_no_file_in_the_wheel_gives_a_question_s_key(wheel):
    questions = [item for item in (tomllib.loads(path.read_text("utf-8")) for path in BANK) if "key" in item]
    assert len(questions) == 14
    for name, content in contents(wheel).items():
        text = content.decode("utf-8", "replace")
        for question in questions:
            given = rf"""{question["id"]}\b["']?\s*[:=]\s*["']?{question["key"]}\b"""
            assert re.search(given, text) is None, name
