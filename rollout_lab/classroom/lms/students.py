"""Who in the LMS is who in nbgrader's gradebook."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Person:
    """A student as the LMS knows them: by number and name, perhaps by email and ``others``, further ids.

    ``handed_in`` is when, in the LMS's words.
    """

    number: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    others: tuple[str, ...] = ()
    handed_in: str = ""

    @property
    def ids(self) -> set[str]:
        """What may be the student's id in the gradebook."""
        found = {self.email, self.email.partition("@")[0], *self.others}
        return {each.casefold() for each in found if each}


def squashed(name: str) -> str:
    """A name's letters and digits alone, in lower case: what is left of it in Canvas's file names."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name)).casefold()


def slug(name: str) -> str:
    """The name as it may stand in a folder's name on every system and in nbgrader's commands.

    >>> slug("../Zoë O'Hara, 李")
    'Zoë-O-Hara-李'
    """
    return re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", name)).strip("-")[:60]


class Roll:
    """The gradebook's students, and ``known``: for one assignment, which number in the LMS was whose.

    A number of Moodle's is good for one assignment, so it is kept here and not in the gradebook; one of
    Canvas's is the gradebook's ``lms_user_id`` too.
    """

    FIELDS = ("lms", "number", "student", "version")

    def __init__(self, gradebook: Gradebook, path: Path, lms: str):
        self.path, self.lms = path, lms
        self.students = {
            each.id: Person(
                each.lms_user_id or "",
                "",
                each.first_name or "",
                each.last_name or "",
                each.email or "",
            )
            for each in gradebook.students
        }
        rows: list[dict[str, str]] = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        self.others = [row for row in rows if row["lms"] != lms]
        self.known = {row["number"]: row["student"] for row in rows if row["lms"] == lms}
        self.versions = {row["number"]: row["version"] for row in rows if row["lms"] == lms}

    def find(self, person: Person, namesakes: Collection[Person] = ()) -> str | None:
        """The id of the student, None if the gradebook has none or it cannot be told who it is.

        ``namesakes`` are all whom the LMS lists: a name that two of them have tells nothing.
        """
        if person.number in self.known:
            return self.known[person.number]
        ids = person.ids
        name = squashed(person.name)
        same_name = name and sum(squashed(each.name) == name for each in namesakes) < 2
        ways = (
            lambda _id, each: self.lms == "canvas" and each.number == person.number != "",
            lambda id, each: id.casefold() in ids or (each.email and each.email.casefold() in ids),
            lambda id, each: same_name and name in _names(each) and self._may_be(id, each, person),
        )
        for way in ways:
            found = [id for id, each in self.students.items() if way(id, each)]
            if len(found) == 1:
                return found[0]
        return None

    def _may_be(self, id: str, student: Person, person: Person) -> bool:
        """Whether nothing but the name could tell the two apart."""
        if self.lms == "canvas" and student.number:
            return False
        if id in self.known.values():
            return False
        return not (student.email and person.email)

    def admit(self, person: Person, namesakes: Iterable[Person]) -> tuple[str, str | None]:
        """The id of a student who may be new, and a sentence if the name did not suffice."""
        namesakes = list(namesakes)
        if id := self.find(person, namesakes):
            said = None
        elif self.lms == "canvas":
            id, said = "-".join(filter(None, [slug(person.name), slug(person.number)])), None
        else:
            id, said = slug(person.name) or person.number, None
            same = [each for each in namesakes if squashed(each.name) == squashed(person.name)]
            if len(same) > 1 or id in self.students:
                id = f"{id}-{person.number}"
                said = f"there are several {person.name}: this one goes by the id {id}. " + (
                    "The email tells them apart in the next assignment"
                    if person.email
                    else "The number is another in each assignment; an email in --roster tells them apart"
                )
        self.known[person.number] = id
        self.students.setdefault(id, person)
        return id, said

    def save(self) -> None:
        """Keep who was who, for the next download of this assignment and for the way back."""
        rows = [
            {"lms": self.lms, "number": number, "student": id, "version": self.versions.get(number, "")}
            for number, id in self.known.items()
        ]
        draft = self.path.with_suffix(".draft")
        with draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.FIELDS)
            writer.writeheader()
            writer.writerows(sorted([*self.others, *rows], key=lambda row: (row["lms"], row["number"])))
        draft.replace(self.path)


def _names(student: Person) -> set[str]:
    """A student's name in either order."""
    names = {
        squashed(student.first_name + student.last_name),
        squashed(student.last_name + student.first_name),
    }
    return names - {""}
