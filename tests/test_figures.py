"""Figures say in words what they show, fit a notebook, and refuse what does not fit together."""

import io
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from PIL import Image

from rollout_lab import figures
from rollout_lab.figures.axis import Axis
from rollout_lab.figures.canvas import MAX_WIDTH, SERIES, text_width, wrap
from rollout_lab.figures.words import aligned, distinct, largest, number, route, short, subscript, tidy
from rollout_lab.paths import top_paths
from rollout_lab.rollout import rollout


def attention(layers, n, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(n, 0.4), size=(layers, n))


def words(n):
    return [f"word{i}" for i in range(n)]


def pixels(figure, dpi=50):
    return np.asarray(Image.open(io.BytesIO(figure.png(dpi))).convert("RGB"), dtype=int)


def every_figure(n, layers=2):
    A, tokens = attention(layers, n), words(n)
    paths = top_paths(A, 0, n - 1, k=3)
    return {
        "heatmap": figures.heatmap(A[0], tokens, title="One layer", row=0, mark=(0, n - 1)),
        "heatmaps": figures.heatmaps(A[:2], tokens, titles=["one", "two"], title="Two layers", row=0),
        "row_bars": figures.row_bars(A[0, 0], tokens, title="One row", mark=0),
        "grouped_bars": figures.grouped_bars({"one": A[0, 0], "two": A[1, 0]}, tokens, title="Two rows"),
        "layered_graph": figures.layered_graph(A, tokens, paths=paths, title="Paths", mark=(0, n - 1)),
        "lines": figures.lines(range(n), {"one": A[0, 0]}, title="A curve", xlabel="x", ylabel="y"),
        "grouped_bars, with a long key": figures.grouped_bars(
            {f"the name of method {k}": A[0, 0] for k in range(6)}, words(n), title="6"
        ),
        "lines, with a key": figures.lines(
            range(n), {f"curve {k}": A[0, 0] for k in range(6)}, title="6", xlabel="x", ylabel="y", key=True
        ),
        "patch_maps": figures.patch_maps(
            np.zeros((n, n, 3), dtype=np.uint8), {"one": A[0].ravel()}, (n, n), title="Patches", mark=0
        ),
        "patch_maps, on one scale": figures.patch_maps(
            np.zeros((n, n, 3), dtype=np.uint8),
            {f"map {k}": A[k % 2].ravel() for k in range(4)},
            (n, n),
            title="Patches",
            common=True,
        ),
    }


def test_the_figures_below_are_all_that_the_package_offers():
    offered = {name.split(",")[0] for name in every_figure(3)}
    assert {*offered, "Figure", "Pictures", "side_by_side"} == set(figures.__all__)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (map(number, (0.5, 0.0042, 0, 12.34, 640)), ["0.50", "0.0042", "0.00", "12.3", "640"]),
        (map(tidy, (0.99999994, 0.0625, 0.0000123, 64.0, 4096)), ["1", "0.0625", "0.0000123", "64", "4096"]),
        (aligned([0.357, 0.3]), ["0.357", "0.300"]),
        (aligned([1.0, 2.0]), ["1", "2"]),
        (map(short, ("a\nb", "antidisestablishment", "")), ["a↵b", "antidisestabl…", "∅"]),
        (distinct(["the", "cat", "the"]), ["the (position 0)", "cat", "the (position 2)"]),
        (distinct(["the", "cat", "the"], brief=True), ["the₀", "cat", "the₂"]),
        ([largest([0.2, 0.7, 0.1, 0.0], "ABCD", 2)], ["“B” 0.70, “A” 0.20"]),
        ([largest([0.0, 1.0], "AB", 2)], ["“B” 1.00"]),
        ([route((1, 2, 2, 0), "ABC"), subscript(12)], ["A → C (stays 1) → B", "₁₂"]),
    ],
)
def test_numbers_and_tokens_are_written_briefly(written, expected):
    assert list(written) == expected


def test_an_axis_lays_values_over_inches_with_round_ticks():
    axis = Axis(0, 1, start=2, length=4)
    assert (axis.at(0.25), axis.ticks(2)) == (3.0, [(0.0, "0"), (0.5, "0.5"), (1.0, "1")])


def test_an_image_has_its_alternative_and_its_size_in_css_pixels():
    figure = figures.Figure(figsize=(2, 1))
    figure.alt = "Nothing, on white"
    assert '<img alt="Nothing, on white" width="192" height="96" style="d' in figure.html()


@pytest.mark.parametrize("n", [1, 3, 8, 14, 24])
def test_every_figure_fits_a_notebook_at_every_size(n):
    for name, figure in every_figure(n).items():
        width, height = figure.get_size_inches()
        assert width <= MAX_WIDTH + 0.01, name
        assert height <= 9, name


@pytest.mark.parametrize("n", [3, 14])
def test_no_figure_draws_over_its_edge(n):
    for name, figure in every_figure(n, layers=6).items():
        image = pixels(figure, dpi=72)
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert (border == 255).all(), name
        for letters in figure.findobj(PathPatch):
            places = letters.get_path().vertices[letters.get_path().codes != Path.CLOSEPOLY]
            assert ((places >= 0) & (places <= figure.get_size_inches())).all(), name


def test_a_notebook_shows_a_figure_as_an_image_with_its_alternative():
    figure = figures.row_bars([0.4, 0.6], ["<s>", 'say "hi"'], title="Bars & more")
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == figure.alt
    assert '<img alt="Bars &amp; more. Bars for 2 tokens, largest first: “say &quot;hi' in bundle["text/html"]
    assert 'src="data:image/png;base64,' in bundle["text/html"]
    assert "<s>" not in bundle["text/html"]


def test_a_figure_is_white_whatever_the_style_of_the_notebook():
    from matplotlib import rc_context

    with rc_context({"figure.facecolor": "black", "axes.facecolor": "black", "text.color": "white"}):
        dark = figures.heatmap(np.eye(3), words(3), title="Dark style")
        assert (pixels(dark)[0, 0] == 255).all()
        assert (pixels(dark) == pixels(figures.heatmap(np.eye(3), words(3), title="Dark style"))).all()
    assert (pixels(dark) == pixels(figures.heatmap(np.eye(3), words(3), title="Dark style"))).all()


def test_figures_leave_pyplot_alone():
    import subprocess
    import sys

    code = (
        "import sys, rollout_lab.figures as f; f.row_bars([1.0], ['A'], title='t').png(); print(*sys.modules)"
    )
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "matplotlib.pyplot" not in modules.split()


def test_the_same_figure_twice_is_the_same_to_the_byte():
    assert every_figure(5)["heatmap"].png() == every_figure(5)["heatmap"].png()


def test_the_alternative_of_a_heatmap_follows_its_data():
    A = np.array([[0.7, 0.3], [0.1, 0.9]])
    assert (
        "Largest entries: “B” from “B” 0.90, “A” from “A” 0.70"
        in figures.heatmap(A, ["A", "B"], title="t").alt
    )
    turned = figures.heatmap(A[::-1], ["A", "B"], title="t").alt
    assert "Largest entries: “A” from “B” 0.90, “B” from “A” 0.70" in turned
    assert "Rows sum to 1." in turned
    assert "Rows sum to between 0.5 and 1" in figures.heatmap(A * [[1], [0.5]], ["A", "B"], title="t").alt


def test_the_alternative_names_the_outlined_row_and_cell():
    A = np.array([[0.7, 0.3], [0.1, 0.9]])
    said = figures.heatmap(A, ["A", "B"], title="t", row=1, mark=(0, 1)).alt
    assert "row “B”: “B” 0.90, “A” 0.10" in said
    assert "Outlined: “A” from “B” 0.30." in said


def test_a_token_that_occurs_twice_is_told_apart_in_words():
    said = figures.row_bars([0.2, 0.5, 0.3], ["the", "cat", "the"], title="t").alt
    assert "“cat” 0.50, “the” (position 2) 0.30, “the” (position 0) 0.20" in said


def test_bars_and_curves_say_their_sums_and_turns():
    assert "They sum to 2." in figures.row_bars([0.5, 1.5], ["A", "B"], title="t").alt
    said = figures.grouped_bars({"x": [0.9, 0.1], "y": [2.0, 4.0]}, ["A", "B"], title="t").alt
    assert "x: largest “A” 0.90, “B” 0.10; sum 1. y: largest “B” 4.00, “A” 2.00; sum 6." in said
    said = figures.lines([1, 2, 3], {"hill": [0, 5, 1]}, title="t", xlabel="layer", ylabel="height").alt
    assert "hill: from 0.00 to 1.00, highest 5.00 at 2" in said


def test_a_given_alternative_replaces_the_computed_one():
    assert figures.heatmap(np.eye(2), ["A", "B"], title="t", alt="Said otherwise.").alt == "Said otherwise."


def test_small_matrices_carry_their_numbers():
    flat = figures.heatmap(np.full((3, 3), 1 / 3), words(3), title="t", annotate=False)
    numbered = figures.heatmap(np.full((3, 3), 1 / 3), words(3), title="t")
    # Uniform weights are the top of the scale: yellow cells. Ink within them is the numbers.
    assert numbered.png() != flat.png()
    assert numbered.get_size_inches()[0] < flat.get_size_inches()[0]  # no colour bar beside numbers


def test_a_dot_marks_the_largest_entry_of_each_row_of_a_large_matrix():
    A = np.full((14, 14), 0.05)
    A[np.arange(14), np.arange(14)[::-1]] = 0.35
    figure = figures.heatmap(A, words(14), title="t")
    image = pixels(figure, 96)
    yellow = (image[..., 0] > 240) & (image[..., 2] < 90)
    rows, columns = np.nonzero(yellow[:, : int(0.85 * yellow.shape[1])])
    inside = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    cell = len(inside) / 14
    middles = ((np.arange(14) + 0.5) * cell).astype(int)
    # Dark in the middle of a yellow cell, once in each row.
    dark = inside[np.ix_(middles, middles)].max(axis=-1) < 60
    assert (dark == np.eye(14, dtype=bool)[::-1]).all()


def test_matrices_side_by_side_share_one_colour_scale_unless_told_otherwise():
    shared = figures.heatmaps([np.eye(2), np.eye(2) / 2], ["A", "B"], titles=["", ""], annotate=False)
    own = figures.heatmaps(
        [np.eye(2), np.eye(2) / 2], ["A", "B"], titles=["", ""], annotate=False, vmax="each"
    )

    def brightest(figure):
        image = pixels(figure, 96)[..., 0]
        yellow = (image > 240) & (pixels(figure, 96)[..., 2] < 90)
        return yellow[:, : yellow.shape[1] // 2].any(), yellow[:, yellow.shape[1] // 2 : -80].any()

    assert brightest(shared) == (True, False)
    assert brightest(own)[0]


def test_a_rectangular_matrix_takes_names_for_its_columns():
    figure = figures.heatmap([[0.2, 0.3, 0.5]], ["query"], columns=["a", "b", "c"], title="t")
    assert "1 by 3" in figure.alt
    assert "“query” from “c” 0.50" in figure.alt


def test_residual_edges_are_dashed():
    # An identity of weight 0 leaves every weight as it is; only the dashes of the residual differ.
    A = attention(2, 3)
    dashed, solid = (figures.layered_graph(A, words(3), residual=r, title="t") for r in (0.0, "none"))
    assert dashed.alt == solid.alt
    nodes_and_edges = slice(30, 150)
    assert (pixels(dashed)[nodes_and_edges] != pixels(solid)[nodes_and_edges]).any()


def test_weak_edges_are_left_out_and_the_count_says_so():
    A = attention(6, 14)
    every = figures.layered_graph(A, words(14), title="t", threshold=0)
    usual = figures.layered_graph(A, words(14), title="t")
    few = figures.layered_graph(A, words(14), title="t", threshold=0.4)
    drawn = [int(f.alt.split("on top. ")[1].split()[0]) for f in (every, usual, few)]
    assert drawn[0] == 6 * 14 * 14
    assert 3 * 14 * 6 * 0.7 <= drawn[1] <= 3 * 14 * 6
    assert 0 < drawn[2] < drawn[1]


def test_highlighted_paths_are_listed_source_first_with_their_weights():
    A = np.array([[[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]], [[1, 0, 0], [0, 0.5, 0.5], [0, 0, 1]]])
    paths = top_paths(A, 1, 0, residual="none")
    figure = figures.layered_graph(A, ["A", "B", "C"], residual="none", paths=paths, title="A reaches B")
    assert figure.alt.endswith("1 path highlighted, source first: “A”, “C”, “B” with weight 0.25.")


def test_a_long_weight_does_not_run_into_the_path_it_belongs_to():
    A, tokens = attention(2, 3), words(3)
    figure = figures.layered_graph(
        A, tokens, paths=[SimpleNamespace(positions=(0, 1, 2), weight=0.000481)], title="t"
    )
    # The legend's only line stands above the note: its sample, its weight, a gap, its path.
    low, high = (round(96 * (figure.get_figheight() - inches)) for inches in (0.48, 0.28))
    inked = (pixels(figure, 96)[low:high] < 200).any(axis=(0, 2))
    first = round(96 * (0.72 + text_width("0.000481", 9)))
    assert inked[first - 5 : first].any()
    assert not inked[first + 2 : first + 10].any()
    assert inked[first + 10 : first + 40].any()


def test_each_highlighted_path_is_drawn_in_a_look_of_its_own():
    A = attention(3, 5)
    paths = top_paths(A, 0, 4, k=3)

    def shows(figure, k):
        colour = [int(SERIES[k]["color"][i : i + 2], 16) for i in (1, 3, 5)]
        return (pixels(figure, 96) == colour).all(axis=-1).any()

    two = figures.layered_graph(A, words(5), paths=paths[:2], title="t")
    assert (shows(two, 0), shows(two, 1), shows(two, 2)) == (True, True, False)


def test_the_graph_shows_what_rollout_multiplies():
    A = attention(3, 4)
    for residual in ("identity", "none", 0.3):
        every = top_paths(A, 2, 1, k=64, residual=residual)
        assert np.isclose(sum(path.weight for path in every), rollout(A, residual=residual)[2, 1])
        assert figures.layered_graph(A, words(4), paths=every[:2], residual=residual, title="t").alt


def test_tokens_with_dollars_newlines_or_foreign_letters_are_text():
    tokens = ["$x_1$", "naïve", "東京", "🙂", "a\nb"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.heatmap(attention(1, 5)[0], tokens, title="Costs $5 and $6").png()
    assert "東京" in figures.row_bars(np.eye(5)[2], tokens, title="t").alt


def test_series_are_told_apart_without_colour():
    for kind in ("linestyle", "marker", "texture"):
        assert len({str(style[kind]) for style in SERIES}) == len(SERIES)


def test_colours_of_text_have_enough_contrast_on_white():
    from rollout_lab.figures.canvas import GREY, INK, MARK

    def contrast(color):
        channels = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 1.05 / (np.dot(linear, (0.2126, 0.7152, 0.0722)) + 0.05)

    assert min(contrast(color) for color in (INK, GREY, MARK, *(style["color"] for style in SERIES))) >= 4.5


def test_a_long_title_is_wrapped_within_the_figure():
    title = "A finding that takes a whole long sentence to state, and then a little more than that"
    for line in wrap(title, 4.6, 11.5, bold=True).split("\n"):
        assert text_width(line, 11.5, bold=True) <= 4.6
    narrow = figures.heatmap(np.eye(2), ["A", "B"], title=title)
    assert (
        narrow.get_size_inches()[1]
        > figures.heatmap(np.eye(2), ["A", "B"], title="Short").get_size_inches()[1]
    )


def test_side_by_side_keeps_each_alternative():
    one, two = (figures.row_bars([1.0], ["A"], title=title) for title in ("One", "Two"))
    pair = figures.side_by_side(one, two)
    html = pair._repr_mimebundle_()["text/html"]
    assert html.count("<img alt=") == 2
    assert "One. Bars" in html
    assert "Two. Bars" in html


EYE, ABC = np.eye(3), ["A", "B", "C"]


def line(*values, **options):
    return figures.lines([1, 2, 3], {"a": values}, title="t", xlabel="x", ylabel="y", **options)


def path(*positions):
    paths = [SimpleNamespace(positions=positions, weight=0.5)]
    return figures.layered_graph([EYE], ABC, title="t", paths=paths)


def one_map(matrix=EYE, tokens=ABC, **options):
    return figures.heatmap(matrix, tokens, title="t", **options)


REFUSED = {
    "not a matrix": (ValueError, r"2 axes.*\(12, 3, 3\).*fuse", lambda: one_map(np.ones((12, 3, 3)))),
    "too few tokens": (ValueError, r"\(3, 3\).*2 tokens", lambda: one_map(tokens=["A", "B"])),
    "tokens in one string": (TypeError, "one string 'ABC'", lambda: one_map(tokens="ABC")),
    "no tokens": (ValueError, "tokens is empty", lambda: figures.row_bars([], [], title="t")),
    "not a number": (ValueError, r"nan at \[0, 1\]", lambda: one_map([[0, np.nan], [1, 0]], ["A", "B"])),
    "complex numbers": (TypeError, "complex", lambda: one_map(EYE * 1j)),
    "no matrix": (ValueError, "no matrix", lambda: figures.heatmaps([], ABC, titles=[])),
    "a missing title": (
        ValueError,
        "2 titles, found 1",
        lambda: figures.heatmaps([EYE] * 2, ABC, titles=["a"]),
    ),
    "a row beyond the end": (IndexError, "row is 3", lambda: one_map(row=3)),
    "half a row": (TypeError, "row must be a whole number", lambda: one_map(row=1.5)),
    "rows for other matrices": (ValueError, "row names 2 rows for 1", lambda: one_map(row=[1, 2])),
    "a mark of one number": (ValueError, "mark must be one", lambda: one_map(mark=1)),
    "a mark beyond the end": (IndexError, "mark column is 7", lambda: one_map(mark=(0, 7))),
    "a short row": (ValueError, "2 numbers for 3 tokens", lambda: figures.row_bars([0, 1], ABC, title="t")),
    "a matrix for a row": (ValueError, "1 axis", lambda: figures.row_bars(EYE, ABC, title="t")),
    "rows without names": (TypeError, "mapping", lambda: figures.grouped_bars([EYE[0]], ABC, title="t")),
    "no rows": (ValueError, "1 to 6", lambda: figures.grouped_bars({}, ABC, title="t")),
    "a short curve": (ValueError, "2 numbers for 3 x values", lambda: line(1, 2)),
    "zero on a logarithmic axis": (ValueError, "above 0", lambda: line(0, 1, 2, logy=True)),
    "a graph of the recursion": (
        ValueError,
        "not a product",
        lambda: figures.layered_graph([EYE], ABC, residual="recursion", title="t"),
    ),
    "layers for other tokens": (
        ValueError,
        r"\(3, 3\) do not fit 2 tokens",
        lambda: figures.layered_graph([EYE], ABC[:2], title="t"),
    ),
    "a path of the wrong length": (
        ValueError,
        "1 layer has 2 positions, output first",
        lambda: path(0, 1, 2),
    ),
    "a path beyond the end": (IndexError, "position is 3", lambda: path(0, 3)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_with_what_was_found(what):
    error, message, draw = REFUSED[what]
    with pytest.raises(error, match=message):
        draw()
