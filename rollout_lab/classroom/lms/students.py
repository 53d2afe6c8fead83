"""Match the students of an LMS to those of nbgrader's gradebook."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook

from .base import LMS, Person


def squashed(name: str) -> str:
    """A name's letters and digits alone, in lower case: what is left of it in Canvas's file names."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name)).casefold()


def slug(name: str) -> str:
    """The name as it may stand in a folder's name on every system and in nbgrader's commands."""
    return re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", name)).strip("-")[:60]


def add_listed(
    handed_in: Collection[Person], listed: Collection[Person]
) -> tuple[dict[str, Person], list[Person]]:
    """The people of a download by number, with what a table of grades tells of them; and all in either.

    A row without a number is theirs whose name it has, if nobody else has it in the download or the table.
    """
    people = {person.number: person for person in (*handed_in, *listed) if person.number}
    unnumbered = [row for row in listed if not row.number]
    names = Counter(squashed(each.name) for each in (*handed_in, *unnumbered))
    rows = {squashed(row.name): row for row in unnumbered}
    for person in handed_in:
        if (name := squashed(person.name)) in rows and names[name] == 2:
            people[person.number] = replace(rows.pop(name), number=person.number)
    return people, [*people.values(), *rows.values()]


class StudentMatcher:
    """The gradebook's students, and `rows`: for one assignment, which number in which LMS was whose.

    A number that lasts is the gradebook's `lms_user_id` too. A row's `version` tells what was collected.
    """

    def __init__(self, gradebook: Gradebook, path: Path, lms: LMS):
        self.gradebook, self.path, self.lms = gradebook, path, lms
        self.students = {
            each.id: Person(
                each.lms_user_id or "", "", each.first_name or "", each.last_name or "", each.email or ""
            )
            for each in gradebook.students
        }
        rows = csv.DictReader(path.read_text("utf-8").splitlines() if path.exists() else [])
        self.rows: dict[tuple[str, str], dict[str, str]] = {(row["lms"], row["number"]): row for row in rows}

    def find(self, person: Person, everyone: Collection[Person]) -> str | None:
        """The id of the student, None if it cannot be told, as by a name that two of `everyone` have."""
        if row := self.rows.get((self.lms.key, person.number)):
            return row["student"]
        name = squashed(person.name)
        is_only = name and sum(squashed(each.name) == name for each in everyone) < 2
        ways = (
            lambda _id, each: self.lms.number_lasts and each.number == person.number != "",
            lambda id, each: not {id.casefold(), each.email.casefold()}.isdisjoint(person.ids),
            lambda id, each: is_only and name in _names(each) and self._may_be(id, each, person),
        )
        for is_same in ways:
            found = [id for id, each in self.students.items() if is_same(id, each)]
            if len(found) == 1:
                return found[0]
        return None

    def _may_be(self, id: str, student: Person, person: Person) -> bool:
        """Whether nothing but the name could tell the two apart."""
        if person.number and self.lms.number_lasts and student.number:
            return False
        known = {row["student"] for (lms, _number), row in self.rows.items() if lms == self.lms.key}
        return not (person.number and id in known) and not (student.email and person.email)

    def match_or_add(self, person: Person, everyone: Collection[Person]) -> tuple[str, str | None]:
        """The id of a student who may be new, and a sentence if the name did not suffice."""
        note = None
        if not (id := self.find(person, everyone)):
            id = slug(person.name) or person.number
            several = sum(squashed(each.name) == squashed(person.name) for each in everyone) > 1
            if self.lms.number_lasts:
                id = "-".join(filter(None, [slug(person.name), slug(person.number)]))
            elif several or id in self.students:
                id = f"{id}-{person.number}"
                note = f"there are several {person.name}: this one goes by the id {id}. " + (
                    "The email tells them apart in the next assignment"
                    if person.email
                    else "The number is another in each assignment; an email in --roster tells them apart"
                )
        row = {"lms": self.lms.key, "number": person.number, "student": id, "version": ""}
        self.rows.setdefault((self.lms.key, person.number), row)
        self.students.setdefault(id, person)
        return id, note

    def enter(self, id: str, person: Person, is_listed: bool) -> None:
        """Write a student into the gradebook. A name that it has stays, unless the LMS's list has another."""
        first, _space, last = person.name.rpartition(" ")
        if person.first_name or person.last_name:
            first, last = person.first_name, person.last_name
        number = person.number if self.lms.number_lasts and person.number.isdigit() else ""
        news = {"first_name": first, "last_name": last, "email": person.email, "lms_user_id": number}
        student = self.gradebook.update_or_create_student(id)
        news = {name: new for name, new in news.items() if new and (is_listed or not getattr(student, name))}
        self.gradebook.update_or_create_student(id, **news)

    def save(self) -> None:
        """Keep who was who, for the next download of this assignment and for the way back."""
        draft = self.path.with_suffix(".draft")
        with draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["lms", "number", "student", "version"])
            writer.writeheader()
            writer.writerows(row for _key, row in sorted(self.rows.items()))
        draft.replace(self.path)


def _names(student: Person) -> set[str]:
    """A student's name in either order."""
    first, last = student.first_name, student.last_name
    return {squashed(first + last), squashed(last + first)}
