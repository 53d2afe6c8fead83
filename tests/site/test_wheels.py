"""The list of what the live edition is made of: whole, and with hashes that are hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parents[2]
LISTED = tomllib.loads((ROOT / "site" / "edition" / "wheels.toml").read_text("utf-8"))
FILES = LISTED["official"] | LISTED["registry"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSIONS = {
    name: version for name, version, *_ in map(parse_wheel_filename, (f for f in FILES if f.endswith(".whl")))
}


@pytest.mark.parametrize("needed", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["flow"]])
def test_the_list_has_each_dependency_of_the_library_in_a_version_that_will_do(needed):
    requirement = Requirement(needed)
    name = canonicalize_name(requirement.name)
    assert name in VERSIONS, f"site/edition/wheels.toml lacks {name}"
    assert requirement.specifier.contains(VERSIONS[name])


@pytest.mark.parametrize("name", FILES)
def test_what_stands_beside_a_file_is_a_sha_256(name):
    assert re.fullmatch("[0-9a-f]{64}", FILES[name])


def test_no_file_is_listed_twice():
    assert not LISTED["official"].keys() & LISTED["registry"].keys()
    assert len(VERSIONS) == sum(name.endswith(".whl") for name in FILES)
