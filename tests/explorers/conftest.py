import pytest

from rollout_lab.explorers import widget_base


@pytest.fixture(autouse=True)
def nothing_chosen_before(monkeypatch):
    """Each test opens its explorers as if for the first time."""
    monkeypatch.setattr(widget_base, "CHOSEN", {})
