"""Pages for people to read, on a screen or on paper: one file each, nothing from the internet, no script."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .safe_html import inline_html, markdown_html

TEMPLATES = Path(__file__).with_name("templates")


def page(template: str | Path, **values: Any) -> str:
    """The page that a template (`folder/name.html.j2` in `templates/`, or a path) makes of the values."""
    if isinstance(template, Path):
        folder, template = template.parent, template.name
    else:
        folder = TEMPLATES
    environment = Environment(
        loader=FileSystemLoader([folder, TEMPLATES / "course_page"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": markdown_html, "inline": inline_html}
    return environment.get_template(template).render(**values)
