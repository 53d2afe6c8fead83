"""Static figures follow the theme of the notebook; what a matrix's colours mean does not change with it."""

import io

import numpy as np
from PIL import Image

from rollout_lab.figures import heatmap


def test_in_a_dark_theme_ink_and_paper_change_places_and_the_matrix_stays(chromium):
    figure = heatmap(np.eye(3), ["A", "B", "C"], title="A picture")
    seen = {}
    for light in ("true", "false"):
        page = chromium.new_page(viewport={"width": 500, "height": 400})
        page.set_content(f'<body data-jp-theme-light="{light}" style="margin:0">{figure.html()}</body>')
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        seen[light] = np.asarray(picture, dtype=int)
        page.close()
    left, *_, top = figure.coloured[0]
    height = figure.get_size_inches()[1]
    cell = round(96 * (height - top)) + 12, round(96 * left) + 12
    assert np.abs(seen["true"][cell] - seen["false"][cell]).max() <= 2
    title, margin = np.s_[5:40, 5:150], np.s_[2, 20]
    assert seen["true"][margin].min() > 250
    assert seen["true"][title].min() < 40
    assert seen["false"][margin].max() < 30
    assert seen["false"][title].max() > 200
