"""Rollout without the maps is the rollout of the maps, wherever these fit in memory."""

import tracemalloc
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout_lab import attention_weights, rollout, rollout_from_qk
from tests.strategies import RESIDUALS

MODULE = import_module("rollout_lab.rollout_from_qk")


def queries_and_keys(*shape, layers=2, shared=2, spread=1.0, dtype=np.float64, seed=0):
    """Queries (L, *shape), and keys that `shared` heads have in common; a large `spread` makes A sharp."""
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(layers, *shape)) * spread
    key = rng.normal(size=(layers, *shape[:-3], shape[-3] // shared, *shape[-2:]))
    return query.astype(dtype), key.astype(dtype)


def maps(query, key, mask):
    shared = query[0].shape[-3] // key[0].shape[-3]
    return [
        attention_weights(q, np.repeat(k, shared, axis=-3), mask) for q, k in zip(query, key, strict=True)
    ]


@st.composite
def cases(draw):
    """Queries, keys, their `causal` and `mask`, and the one mask that says both."""
    batch, n = draw(st.sampled_from([(), (1,), (3,)])), draw(st.integers(1, 9))
    shared, groups = draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, 2))
    heads, seed = shared * groups, draw(st.integers(0, 99))
    shape = (*batch, heads, n, draw(st.integers(1, 5)))
    query, key = queries_and_keys(
        *shape,
        layers=draw(st.integers(1, 4)),
        shared=shared,
        spread=draw(st.sampled_from([0.1, 3.0, 1e3])),
        seed=seed,
    )
    form = draw(
        st.sampled_from([None, (n,), (n, n), (heads, 1, n), (*batch, 1, 1, n), (*batch, heads, n, n)])
    )
    causal = draw(st.booleans())
    both = np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)
    if form is None:
        return query, key, {"causal": causal}, both
    mask = np.random.default_rng(seed).random(form) < 0.6
    mask[..., 0] = True  # nobody is left without a key
    return query, key, {"causal": causal, "mask": mask}, both & mask


@given(cases(), st.sampled_from(RESIDUALS), st.booleans(), st.data())
def test_it_is_the_rollout_of_the_maps(case, residual, normalize, data):
    query, key, how, mask = case
    n, start = query.shape[-2], data.draw(st.integers(0, len(query) - 1))
    options = {"residual": residual, "normalize": normalize, "start_layer": start}
    R = rollout(maps(query, key, mask), **options)
    options |= how
    position = st.integers(-n, n - 1)
    for queries in (data.draw(position), data.draw(st.lists(position, min_size=1, max_size=3))):
        rows = rollout_from_qk(query, key, queries=queries, **options)
        np.testing.assert_allclose(rows, R[..., queries, :], atol=1e-10)
    sources = np.random.default_rng(n).normal(size=(n, 2))
    found = rollout_from_qk(list(query), key, sources=sources, **options)
    np.testing.assert_allclose(found, R @ sources, atol=1e-9)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("spread", [1, 50])
@pytest.mark.parametrize(("dtype", "atol"), [(np.float64, 1e-14), (np.float32, 1e-6), (np.float16, 1e-6)])
def test_many_strips_make_up_a_matrix_in_the_precision_that_came(monkeypatch, causal, spread, dtype, atol):
    monkeypatch.setattr(MODULE, "_STRIP", 1)  # strips of 128 rows
    n = 300
    query, key = queries_and_keys(4, n, 8, layers=3, spread=spread, dtype=dtype)
    mask = np.arange(n) % 7 != 3
    before = query.copy(), key.copy()
    R = rollout(maps(query, key, mask & np.tri(n, dtype=bool) if causal else mask))
    rows = rollout_from_qk(query, key, queries=[200, 5], causal=causal, mask=mask)
    columns = rollout_from_qk(query, key, sources=np.eye(n), causal=causal, mask=mask)
    np.testing.assert_allclose(rows, R[[200, 5]], atol=atol)
    np.testing.assert_allclose(columns, R, atol=atol)
    assert rows.dtype == columns.dtype == R.dtype
    assert (query == before[0]).all()
    assert (key == before[1]).all()


@pytest.mark.parametrize("first", [np.float32, np.float64])
def test_one_layer_in_double_precision_makes_all_of_it_double(first):
    query, key = queries_and_keys(4, 5, 3, layers=3)
    layers = [
        [x.astype(t) for x, t in zip(xs, [first, np.float64, np.float32], strict=True)] for xs in (query, key)
    ]
    R = rollout(maps(*layers, True))
    for found in (rollout_from_qk(*layers, queries=slice(5)), rollout_from_qk(*layers, sources=np.eye(5))):
        assert found.dtype == R.dtype == np.float64
        np.testing.assert_allclose(found, R, atol=1e-7)


def test_the_scale_is_what_the_scores_are_multiplied_by():
    query, key = queries_and_keys(2, 5, 4)
    R = rollout_from_qk(query, key, queries=3)
    np.testing.assert_allclose(rollout_from_qk(query * 4, key, queries=3, scale=1 / 8), R)
    assert not np.allclose(rollout_from_qk(query, key, queries=3, scale=1), R)


def test_nested_lists_go_in_and_views_that_heads_share():
    query, key = queries_and_keys(2, 5, 4)
    R = rollout_from_qk(query, key, queries=3)
    np.testing.assert_allclose(rollout_from_qk(query.tolist(), [k.tolist() for k in key], queries=3), R)
    heads_last = [np.ascontiguousarray(q.swapaxes(0, 1)).swapaxes(0, 1) for q in query]
    np.testing.assert_allclose(rollout_from_qk(heads_last, key, queries=3), R)


@pytest.mark.parametrize("how", [{"queries": 2047}, {"sources": np.ones((2048, 1))}])
def test_memory_grows_with_N_and_not_with_its_square(how):
    query, key = queries_and_keys(2, 2048, 8, dtype=np.float32)
    tracemalloc.start()
    try:
        rollout_from_qk(query, key, causal=True, **how)
        assert tracemalloc.get_traced_memory()[1] < 2048**2 * 4 / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("how", [{"queries": 1}, {"sources": np.eye(3)}])
def test_what_grows_beyond_its_dtype_is_refused(how):
    query, key = queries_and_keys(2, 3, 2, layers=130, dtype=np.float32)
    with pytest.raises(ValueError, match=r"grows beyond 3\.4e\+38"):
        rollout_from_qk(query, key, normalize=False, **how)
    assert np.isfinite(rollout_from_qk(query, key, **how)).all()


@pytest.mark.parametrize("largest", [1e39, 3e38])
def test_sources_too_large_for_the_layers_are_refused(largest):
    query, key = queries_and_keys(2, 3, 2, dtype=np.float32)
    sources = np.array([[-largest], [0], [0]])
    for sign in (-1, 1):
        with pytest.raises(
            ValueError, match=r"R @ sources holds -?inf at .*expected smaller sources, for layers in float32"
        ):
            rollout_from_qk(query, key, sources=sources * sign)
    with pytest.raises(ValueError, match=r"grows beyond 3\.4e\+38"):
        rollout_from_qk(query, key, sources=[[-largest, 1], [0, 1], [0, 1]], normalize=False)


def test_a_long_run_tells_how_far_it_is_and_a_short_one_says_nothing(monkeypatch, capsys):
    query, key = queries_and_keys(2, 5, 4, layers=2)
    rollout_from_qk(query, key, queries=3)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(MODULE, "_QUIET", -1)
    rollout_from_qk(query, key, queries=3)
    told = capsys.readouterr().err
    assert told.startswith("\rrollout_from_qk: 25%")
    assert told.endswith("\rrollout_from_qk: 100%\n")


Q, K = queries_and_keys(4, 5, 3)
BLIND = np.ones((5, 5), dtype=bool)
BLIND[3] = False


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (TypeError, r"query is of type NoneType; expected a list of layers", {"query": None}),
        (TypeError, r"key is of type dict", {"key": {}}),
        (ValueError, r"query has 0 layers and key 0; expected .* at least one", {"query": [], "key": []}),
        (ValueError, r"query has 1 layers and key 2; expected as many", {"query": Q[:1]}),
        (
            ValueError,
            r"query\[0\] has shape \(5, 3\).*One layer alone goes in a list",
            {"query": Q[0], "key": Q[0]},
        ),
        (
            ValueError,
            r"query\[1\] has shape \(4, 5, 3\) .*key\[1\] \(3, 5, 3\);.* multiple",
            {"key": [K[0], Q[1, :3]]},
        ),
        (ValueError, r"query\[0\] has shape .* key\[0\] \(2, 4, 3\)", {"key": K[:, :, :4]}),
        (ValueError, r"query\[0\] has shape .* key\[0\] \(2, 5, 2\)", {"key": K[..., :2]}),
        (ValueError, r"query\[1\] .*expected .*, \(4, 5, 3\) as in the first", {"query": [Q[0], Q[1, :2]]}),
        (
            ValueError,
            r"query\[1\] holds nan at \[0, 2, 1\]",
            {"query": [Q[0], np.where(np.arange(60).reshape(4, 5, 3) == 7, np.nan, Q[1])]},
        ),
        (TypeError, r"key\[1\] has dtype complex128; expected real numbers", {"key": K * 1j}),
        (TypeError, r"query\[0\] is a masked array", {"query": [np.ma.array(Q[0]), Q[1]]}),
        (ValueError, r"scores of head 0 go beyond float64", {"query": Q * 1e200, "key": K * 1e200}),
        (ValueError, r"got neither queries nor sources; expected one .*np\.eye\(5\)", {"queries": None}),
        (ValueError, r"got both queries and sources; expected one", {"sources": np.eye(5)}),
        (IndexError, r"queries=5 is out of range; expected -5 to 4", {"queries": 5}),
        (TypeError, r"queries=1\.5 is of type float", {"queries": 1.5}),
        (
            ValueError,
            r"sources has shape \(4, 4\); expected \(N, g\) for N = 5",
            {"queries": None, "sources": np.eye(4)},
        ),
        (
            ValueError,
            r"sources has shape \(5,\); expected \(N, g\)",
            {"queries": None, "sources": np.ones(5)},
        ),
        (
            ValueError,
            r"sources holds inf at \[1, 0\]",
            {"queries": None, "sources": [[1], [np.inf], [0], [0], [0]]},
        ),
        (TypeError, r"mask has dtype int64; expected bool", {"mask": np.ones(5, dtype=np.int64)}),
        (ValueError, r"mask has shape \(4,\); expected it to broadcast to", {"mask": np.ones(4, dtype=bool)}),
        (ValueError, r"mask has shape \(3, 5, 5\); .* \(4, 5, 5\)", {"mask": np.ones((3, 5, 5), dtype=bool)}),
        (ValueError, r"mask leaves the query at \[3\] nothing to attend to", {"mask": BLIND}),
        (
            ValueError,
            r"mask and causal .* query at \[0\] nothing .*pad, cut it off",
            {"mask": np.arange(5) > 0, "causal": True},
        ),
        (TypeError, r"causal=1 is of type int; expected True or False", {"causal": 1}),
        (ValueError, r"scale=inf; expected a finite number", {"scale": np.inf}),
        (ValueError, r"scale='auto'; expected a finite number", {"scale": "auto"}),
        (ValueError, r"residual='half' is unknown", {"residual": "half"}),
        (TypeError, r"normalize='no' is of type str", {"normalize": "no"}),
        (IndexError, r"start_layer=2 is out of range; expected 0 to 1", {"start_layer": 2}),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_found_and_expected(error, message, change):
    with pytest.raises(error, match=message):
        rollout_from_qk(**{"query": Q, "key": K, "queries": 0} | change)
