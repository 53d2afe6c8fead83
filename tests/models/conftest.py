import pytest

from rollout_lab.models import Encoder, ModelNotFetched, model_path


@pytest.fixture(scope="session")
def model_folder():
    try:
        return model_path()
    except ModelNotFetched:
        pytest.skip("all-MiniLM-L6-v2 is not on this machine: run `rollout-lab fetch-model`")


@pytest.fixture(scope="session")
def encoder(model_folder):
    return Encoder.load()
