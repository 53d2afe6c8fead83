"""GlobEnc, from the weights of the model and its definition: a token of a layer at a time."""

import numpy as np

from rollout_lab.models import Encoder
from tools.study_methods import successors_of


def linear(weights, name, vector):
    return weights[f"{name}.weight"].astype(float) @ vector


def globenc_layer(encoder, encoding, layer):
    """Modarressi et al. (2022): residual and both LayerNorms by their real spread, head by head, no MLP."""
    w, x = encoder._weights, encoding.hidden_states[layer].astype(float)
    name, N, e = f"encoder.layer.{layer}", len(x), 32
    dense = w[f"{name}.attention.output.dense.weight"].astype(float)
    value = [linear(w, f"{name}.attention.self.value", t) + w[f"{name}.attention.self.value.bias"] for t in x]

    def handed(i, j):
        parts = range(12)
        return sum(
            encoding.attentions[layer, h, i, j] * dense[:, e * h : e * h + e] @ value[j][e * h : e * h + e]
            for h in parts
        )

    norms = np.zeros((N, N))
    for i in range(N):
        parts = np.array([handed(i, j) + (x[i] if i == j else 0) for j in range(N)])
        state = parts.sum(axis=0) + w[f"{name}.attention.output.dense.bias"]
        for norm, after in (("attention.output.LayerNorm", True), ("output.LayerNorm", False)):
            gain, shift = w[f"{name}.{norm}.weight"], w[f"{name}.{norm}.bias"]
            spread = np.sqrt(state.var() + 1e-12)
            parts = gain * (parts - parts.mean(axis=1, keepdims=True)) / spread
            if after:
                state = gain * (state - state.mean()) / spread + shift
                state = state + encoder._mlp(name, state)
        norms[i] = np.sqrt((parts**2).sum(axis=1))
    return norms / norms.sum(axis=1, keepdims=True)


def test_globenc_is_the_product_of_its_layers_as_they_are_defined(model_folder):
    encoder = Encoder.load()
    encoding = encoder.encode("It rains.", blocks=True)
    found, R = successors_of(encoding), np.eye(len(encoding.tokens))
    for layer in range(2, 6):
        R = globenc_layer(encoder, encoding, layer) @ R
    np.testing.assert_allclose(found["GlobEnc, from layer 3"], R, atol=1e-5)
    for method, rows in found.items():
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5, err_msg=method)
