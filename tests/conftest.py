"""What all tests share: Jupyter folders of their own, workers, the model, no skip where all is installed."""

import gc
import os
import tempfile

import pytest

from .needs import skip_without, what_was_skipped
from .warm_commands import WarmCommands

NO_SKIP = os.environ.get("ROLLOUT_LAB_NO_SKIP", "0") not in ("", "0")


def pytest_configure(config):
    """Keep tests apart from the user's Jupyter settings, and from nbgrader's cache of submissions there."""
    folder = tempfile.TemporaryDirectory(prefix="rollout-lab-jupyter-")
    config.add_cleanup(folder.cleanup)
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        os.environ[f"JUPYTER_{kind}_DIR"] = os.path.join(folder.name, kind.lower())


@pytest.fixture(scope="session")
def model_folder():
    """The folder of the fetched model; without it the test is skipped."""
    from rollout_lab.models import model_path

    skip_without("model")
    return model_path()


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """Runs the commands `nbgrader` and `rollout-lab` in processes of their own, their imports shared."""
    with WarmCommands(tmp_path_factory.mktemp("warm")) as commands:
        yield commands


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect without looking for garbage: five thousand tests are made, and all are kept."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip a test marked `needs("bubblewrap")` where there is none, before its fixtures cost anything."""
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            skip_without(name)
    if item.get_closest_marker("torch"):
        skip_without("torch")


def pytest_terminal_summary(terminalreporter):
    """Say in a few lines what was not tested here, and the one command after which it is."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("not tested on this machine", bold=True)
        for line in what_was_skipped([str(report.longrepr[2]) for report in skipped]):
            terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays on one worker, for its fixtures; so do folders whose tests share servers and classes."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            folders = ("tests/browser", "tests/classroom")
            return next((each for each in folders if nodeid.startswith(each)), nodeid.partition("::")[0])

    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if not item.get_closest_marker("torch"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report):
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = (
            f"No test may be skipped here (ROLLOUT_LAB_NO_SKIP is set), but this one was. {reason}"
        )
