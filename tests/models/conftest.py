import pytest

from rollout_lab.models import Encoder


@pytest.fixture(scope="session")
def encoder(model_folder):
    return Encoder.load()
