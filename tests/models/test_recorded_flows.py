import numpy as np
import pytest

from rollout_lab.flow import flow_through
from rollout_lab.models import example_names, load_example
from rollout_lab.models.recorded_flows import recorded_flows
from rollout_lab.rollout import add_identity, fuse_heads
from tools.make_examples import random_layers, saturated_share


@pytest.mark.parametrize("name", ["question", "negation"])
def test_the_recorded_flows_are_what_the_solver_finds(name):
    pytest.importorskip("scipy")
    layers = add_identity(fuse_heads(load_example(name).attentions)).astype(float)
    flow = flow_through(list(layers))
    found = [flow(0, source) for source in range(layers.shape[-1])]
    np.testing.assert_allclose(recorded_flows().to_cls[name], found, atol=1e-4)


@pytest.mark.parametrize("name", example_names())
def test_flow_to_cls_is_layer_1_and_a_constant(name):
    A = fuse_heads(load_example(name).attentions).astype(float)
    bottleneck = sum(1 - layer[0, 0] for layer in A[1:]) / 2
    np.testing.assert_allclose(recorded_flows().to_cls[name][1:], A[0, 0, 1:] / 2 + bottleneck, atol=1e-4)


def test_the_recorded_shares_are_what_the_solver_finds():
    pytest.importorskip("scipy")
    found = np.mean([saturated_share(random_layers(4, seed)) for seed in range(3)])
    assert recorded_flows().saturated[4] == pytest.approx(found, abs=1e-9)
    assert recorded_flows().saturated[7] == 1
