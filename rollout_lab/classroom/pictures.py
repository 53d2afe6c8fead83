"""Pictures in a notebook's cell: pasted into its text or lying beside it, and shown from there alone."""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from bleach.html5lib_shim import Filter

from . import limits
from .notes import plain

MISSING = "the notebook does not hold it"
IN_TEXT = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=\n]{100,}")


class CannotBeShown(ValueError):
    """What a page cannot show as its author meant it; the message says why."""


class Pictures:
    """The pictures of a cell, taken out of its text while that is parsed, and put back."""

    def __init__(self, attachments: Any = None):  # whatever a student put there
        self.room = limits.PICTURES_BYTES
        self.taken: list[str] = []
        held = attachments.items() if isinstance(attachments, Mapping) else ()
        self.attached = {_name(str(name)): _address(bundle) for name, bundle in held}

    def taken_out(self, text: str) -> str:
        """The text with a short address in the place of each picture: no parser is made for megabytes."""

        def take(found: re.Match[str]) -> str:
            self.taken.append(found[0])
            return f"data:image/taken,{len(self.taken) - 1}"

        return IN_TEXT.sub(take, text)

    def at(self, address: str) -> str:
        """The picture at an address in the text, as a `data:` address. Raises CannotBeShown."""
        address = address.strip()
        kind, _colon, name = address.partition(":")
        if kind.lower() == "attachment":
            found = self.attached.get(_name(name), MISSING)
        elif number := re.fullmatch(r"data:image/taken,(\d+)", address):
            found = self.taken[int(number[1])] if int(number[1]) < len(self.taken) else MISSING
        elif address.lower().startswith("data:image/"):
            found = address
        else:
            raise CannotBeShown("this page shows only pictures that the notebook holds")
        if not found.startswith("data:"):
            raise CannotBeShown(found)
        self.room -= len(found)
        if self.room < 0:
            raise CannotBeShown(f"the pictures of a cell are larger than {limits.PICTURES_BYTES // 2**20} MB")
        return found


def _address(bundle: Any) -> str:
    """The picture in an attachment as a `data:` address, or why there is none."""
    kinds = [kind for kind in bundle if str(kind).startswith("image/")] if isinstance(bundle, Mapping) else []
    if not kinds:
        return MISSING
    kind = min(kinds, key=lambda kind: "svg" not in kind)
    try:
        data = "".join(bundle[kind])  # a text, or its lines
        is_source = data.lstrip().startswith("<")
        raw = data.encode() if is_source else base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, TypeError) as error:
        return f"what the notebook holds of it is broken: {error}"
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _name(written: str) -> str:
    """The name of an attachment: front ends write blanks and accents in several ways."""
    return unicodedata.normalize("NFC", unquote(written)).strip()


class ShownPictures(Filter):
    """Put each picture into the page, or say in its place that it is missing."""

    def __init__(self, source: Any, pictures: Pictures):
        super().__init__(source)
        self.pictures = pictures

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token.get("name") != "img":
                yield token
                continue
            given = {name: html.unescape(value) for (_space, name), value in token["data"].items()}
            address = given.get("src", "")
            try:
                token["data"][None, "src"] = self.pictures.at(address)
                token["data"].setdefault((None, "alt"), "Picture without a description")
                yield token
            except CannotBeShown as why:
                alt, name = given.get("alt", ""), unquote(address).removeprefix("attachment:")
                yield {"type": "Characters", "data": f"[Picture {plain(f'{alt} ({name})', most=80)}: {why}]"}
