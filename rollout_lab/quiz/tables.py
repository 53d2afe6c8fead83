"""A table that a notebook shows as HTML or as text, and that can be read without a kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """Rows of text, each beginning with its name; `below` are sentences about them."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    below: Sequence[str] = ()

    def _repr_html_(self) -> str:
        left, whole = ' style="text-align:left"', ' style="text-align:left;white-space:nowrap"'
        head = "".join(f'<th scope="col"{left}>{escape(name)}</th>' for name in self.head)
        body = ""
        for name, *cells in self.rows:
            values = "".join(f"<td{whole}>{escape(cell)}</td>" for cell in cells)
            body += f'<tr><th scope="row"{left}>{escape(name)}</th>{values}</tr>'
        caption = f"<caption{left}><strong>{escape(self.caption)}</strong></caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        below = "".join(f"<p>{escape(line)}</p>" for line in self.below)
        scrolled = f'tabindex="0" role="region" aria-label="{escape(self.caption)}" style="overflow-x:auto"'
        return f"<div {scrolled}>{table}</div>{below}"

    def __repr__(self) -> str:
        """Each row as a line that says what its cells are."""
        rows = (
            f"{name}: {'; '.join(map(': '.join, zip(self.head[1:], cells, strict=True)))}"
            for name, *cells in self.rows
        )
        return "\n".join([self.caption, *rows, *self.below])
