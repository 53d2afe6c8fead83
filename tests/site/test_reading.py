"""The reading edition's sources: links between pages, pictures apart, no key, and no private bank."""

import base64
import io
import json
import re

import pytest
from PIL import Image

pytest.importorskip("nbclient")
from edition import reading

LESSON, QUIZ = "course/02_matrix_product_rollout.ipynb", "quizzes/self_check/quiz2_matrix_product.ipynb"


@pytest.mark.parametrize(
    ("file", "link", "leads_to"),
    [
        (LESSON, "[x](03_identity_augmentation.ipynb#a)", "[x](03_identity_augmentation.ipynb#a)"),
        (
            LESSON,
            "[x](self_check/quiz2_matrix_product.ipynb)",
            "[x](../self_check/quiz2_matrix_product.ipynb)",
        ),
        (LESSON, "[x](cheat_sheet.html)", "[x](../cheat_sheet.md)"),
        ("docs/teaching/README.md", "[x](../../README.md)", "[x](../index.md)"),
        ("quizzes/README.md", "[x](../CONTRIBUTING.md#y)", "x"),
        (
            "quizzes/README.md",
            "[x](#limits) [y](https://example.org/a)",
            "[x](#limits) [y](https://example.org/a)",
        ),
    ],
)
def test_a_link_leads_to_a_page_or_leaves_its_words(file, link, leads_to):
    assert reading.relinked(link, file, reading.pages()) == leads_to


def test_an_output_s_link_to_a_heading_leads_to_the_page_s_own_heading():
    link = '<a href="../02_matrix_product_rollout.ipynb#The-order-matters">'
    page = '<a href="../lessons/02_matrix_product_rollout.html#the-order-matters">'
    assert reading.relinked_html(link, QUIZ, reading.pages()) == page


def test_a_picture_becomes_a_file_that_keeps_its_text_alternative(tmp_path):
    red = Image.new("RGB", (8, 8), "red")
    red.save(there := io.BytesIO(), "png")
    data = base64.b64encode(there.getvalue()).decode()
    shown = reading.apart(f'<img alt="a map" src="data:image/png;base64,{data}">', tmp_path, "../")
    (picture,) = tmp_path.iterdir()
    assert Image.open(picture).convert("RGB").tobytes() == red.tobytes()
    assert 'alt="a map"' in shown
    assert f'src="../_static/pictures/{picture.name}"' in shown
    assert 'loading="lazy"' in shown


def test_a_self_check_s_page_holds_no_key():
    import nbformat

    notebook = nbformat.read(reading.ROOT / QUIZ, as_version=4)
    assert "QlpoOT" in str(notebook)
    page = reading.page_of_notebook(notebook, QUIZ, reading.pages(), reading.ROOT)
    assert "QlpoOT" not in str(page)


def test_a_private_bank_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "private.yml").write_text("seeds: {options: 7}")
    with pytest.raises(reading.PrivateBank, match="private"):
        reading.write_sources(tmp_path, tmp_path / "sources")
    assert not (tmp_path / "sources").exists()


@pytest.mark.parametrize(
    ("page", "repository", "words"),
    [
        ("lessons/02_matrix_product_rollout", "", []),
        ("guide", "", []),
        ("index", "https://github.com/a/b", ["Edit"]),
        (
            "self_check/quiz1_single_layer_attention",
            "https://github.com/a/b",
            ["Open in Colab", "Open in Binder"],
        ),
        (
            "lessons/02_matrix_product_rollout",
            "https://github.com/a/b",
            ["Open in Colab", "Open in Binder", "Edit"],
        ),
        ("lessons/02_matrix_product_rollout", "https://gitlab.com/a/b/c", ["Edit"]),
        ("lessons/02_matrix_product_rollout", "https://git.example.org/github.com/b", []),
    ],
)
def test_a_page_leads_elsewhere_only_where_that_is_known(page, repository, words):
    assert re.findall(r"<a [^>]*>([^<]*)</a>", reading.doors(page, repository)) == words


def test_a_lesson_s_doors_lead_to_that_lesson():
    shown = reading.doors("lessons/02_matrix_product_rollout", "https://github.com/a/b", live=True)
    assert re.findall('href="([^"]*)"', shown) == [
        "../../live/notebooks/index.html?path=02_matrix_product_rollout.ipynb",
        "https://colab.research.google.com/github/a/b/blob/HEAD/course/02_matrix_product_rollout.ipynb",
        "https://mybinder.org/v2/gh/a/b/HEAD?labpath=course%2F02_matrix_product_rollout.ipynb",
        "https://github.com/a/b/edit/main/course/text/02_matrix_product_rollout.py",
    ]


@pytest.mark.parametrize("page", reading.pages().values())
def test_the_text_that_a_page_offers_to_edit_is_there(page):
    shown = reading.doors(page, "https://github.com/a/b")
    for file in re.findall(r"a/b/edit/main/([^\"]*)", shown):
        assert (reading.ROOT / file).is_file()


@pytest.mark.parametrize("file", [name for name in reading.pages() if name.startswith("course/0")])
def test_a_reader_is_not_told_to_run_cells_before_the_lesson_begins(file):
    cells = json.loads((reading.ROOT / file).read_text("utf-8"))["cells"][:4]
    said = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert "Shift+Enter" not in reading.for_readers(said)


def test_the_sitemap_begins_with_the_start_page_and_leaves_the_search_out(tmp_path):
    files = [tmp_path / "read" / name for name in ("guide.html", "search.html")]
    found = re.findall("<loc>(.*)</loc>", reading.sitemap("https://example.org/a", files, tmp_path))
    assert found == ["https://example.org/a/", "https://example.org/a/read/guide.html"]


def test_the_table_of_lessons_has_its_rows_alone_with_links_to_the_pages():
    line, other = "|---|---|---|\n", "| x | y | z |\n"
    lessons = f"| | lesson | minutes |\n{line}| 01 | One | 5 |\n| 00–01 | both | 9 |\n"
    table = reading.lessons_table(f"{other}{line}\n{lessons}\n{other}{line}").splitlines()
    assert table[0] == "| no. | lesson | minutes |"
    assert table[2:] == [
        "| 01 | [One](lessons/01_single_layer_attention.ipynb) | 5 |",
        "| 00–01 | both | 9 |",
    ]
    with pytest.raises(ValueError, match="no table"):
        reading.lessons_table("| a | b | c |\n")
