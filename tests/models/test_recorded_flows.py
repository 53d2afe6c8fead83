import numpy as np
import pytest

from rollout_lab.attention import softmax
from rollout_lab.flow import attention_flow
from rollout_lab.models import example_names, load_example
from rollout_lab.models.recorded_flows import recorded_flows
from rollout_lab.rollout import add_identity, fuse_heads


@pytest.mark.parametrize("name", example_names())
def test_flow_to_cls_is_layer_1_and_a_constant(name):
    A = fuse_heads(load_example(name).attentions).astype(float)
    bottleneck = sum(1 - layer[0, 0] for layer in A[1:]) / 2
    np.testing.assert_allclose(recorded_flows().to_cls[name][1:], A[0, 0, 1:] / 2 + bottleneck, atol=1e-4)


def test_the_recorded_shares_are_what_the_solver_finds():
    pytest.importorskip("scipy")
    saturated = []
    for seed in range(3):
        layers = softmax(np.random.default_rng(seed).normal(size=(4, 6, 6)))
        sent_up = np.minimum(1, add_identity(layers[0]).sum(axis=0))
        saturated.append(np.isclose(attention_flow(layers, heads=None), sent_up, atol=1e-4))
    assert recorded_flows().saturated[4] == pytest.approx(np.mean(saturated))
    assert recorded_flows().saturated[7] == 1
