"""The folder of Pyodide: from where its files come, which are refused, and what its lock file says."""

import hashlib
import json
from zipfile import ZipFile

import pytest
from edition import __main__ as edition
from edition import live, pyodide_folder
from edition.pyodide_folder import NotListed, NotToBeHad, WrongHash, fetch, lock

from .test_wheels import FILES, PROJECT, ROOT, VERSIONS

WANTED = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a.whl", "b.mjs")}


def source(asked, *names, content=None):
    """A source that has the named files, and notes what it is asked for."""

    def bring(wanted, folder):
        asked.append(sorted(wanted))
        for name in names:
            (folder / name).write_text(content or name)
        if not names:
            raise ConnectionError("no network")

    return bring


def test_the_cache_comes_first_and_the_next_source_is_asked_for_the_rest_alone(tmp_path):
    first, second = [], []
    sources = {"first": source(first, "a.whl"), "second": source(second, "b.mjs")}
    fetch(tmp_path, WANTED, sources)
    assert (first, second) == ([["a.whl", "b.mjs"]], [["b.mjs"]])
    fetch(tmp_path, WANTED, sources)
    assert (len(first), len(second)) == (1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(WANTED)
    assert list(pyodide_folder.SOURCES) == ["the package registry", "Pyodide's distribution"]


def test_a_file_with_another_hash_is_refused_and_never_gets_its_name(tmp_path):
    with pytest.raises(WrongHash, match=r"a\.whl from the registry has SHA-256 [0-9a-f]{64}, expected"):
        fetch(tmp_path, WANTED, {"the registry": source([], "a.whl", content="other bytes")})
    assert not (tmp_path / "a.whl").exists()


def test_what_an_interrupted_attempt_left_behind_does_no_harm(tmp_path):
    (tmp_path / "a.whl.part").write_text("half")
    (tmp_path / "b.mjs").write_text("cut off by somebody else")
    fetch(tmp_path, WANTED, {"registry": source([], "a.whl", "b.mjs")})
    assert {name: (tmp_path / name).read_text() for name in WANTED} == {name: name for name in WANTED}


def test_where_no_source_has_a_file_each_answer_is_told(tmp_path):
    with pytest.raises(NotToBeHad, match=r"a\.whl, b\.mjs\. one: no network \| two: no network"):
        fetch(tmp_path, WANTED, {"one": source([]), "two": source([])})


def wheel(folder, name, *needs, files=("__init__.py",)):
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        lines = [f"Name: {name}", *(f"Requires-Dist: {need}" for need in needs)]
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines))
        for file in files:
            archive.writestr(f"{name}/{file}", "")
    return path


def test_a_dependency_that_is_not_listed_is_an_error_unless_a_browser_has_no_use_for_it(tmp_path):
    needs = ["jupyterlab_widgets~=3.0", 'pexpect; sys_platform != "emscripten"', 'scipy; extra == "flow"']
    entries = lock([wheel(tmp_path, "ours", "Rows", *needs), wheel(tmp_path, "rows")])["packages"]
    assert entries["ours"]["depends"] == ["rows"]
    assert entries["rows"]["imports"] == ["rows"]
    with pytest.raises(NotListed, match="ours needs tornado: add it"):
        lock([wheel(tmp_path, "ours", "tornado")])


def test_the_list_covers_the_library_with_what_pyproject_says(tmp_path):
    """Against the lock file itself: each dependency of the library is a name that the lock would have."""
    listed = [wheel(tmp_path, name.split("-")[0]) for name in FILES if name.endswith(".whl")]
    own = wheel(tmp_path, "rollout_lab", *PROJECT["dependencies"])
    assert set(lock([*listed, own])["packages"]["rollout-lab"]["depends"]) >= {"numpy", "msgspec", "pillow"}
    with pytest.raises(NotListed, match="rollout-lab needs"):
        lock([*listed, wheel(tmp_path, "rollout_lab", *PROJECT["dependencies"], "not-listed>=1")])


def test_the_settings_name_no_other_host_and_only_wheels_that_are_there():
    settings = json.loads((ROOT / "site" / "live" / "jupyter-lite.json").read_text("utf-8"))
    (options,) = settings["jupyter-config-data"]["litePluginSettings"].values()
    there = {*VERSIONS, "rollout-lab", *(name.rstrip("-").replace("_", "-") for name in live.OF_THE_KERNEL)}
    assert set(options["loadPyodideOptions"]["packages"]) <= there
    assert options["disablePyPIFallback"]
    assert "://" not in json.dumps(settings)


@pytest.mark.parametrize("arguments", [[], ["--without-live"]])
def test_a_site_without_its_live_edition_says_so_in_one_line_and_keeps_none_of_an_earlier_one(
    arguments, tmp_path, monkeypatch, capsys
):
    def nowhere(_site):
        assert not arguments
        raise NotToBeHad("no source has numpy")

    monkeypatch.setattr(edition, "SITE", tmp_path)
    monkeypatch.setattr(live, "build", nowhere)
    (tmp_path / "live").mkdir()
    edition.build_live(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("!!! THE SITE IS BUILT WITHOUT ITS LIVE EDITION: ")
    assert list(tmp_path.iterdir()) == []
