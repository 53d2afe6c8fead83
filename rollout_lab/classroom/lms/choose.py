"""Choose the notebook that counts among what a student handed in."""

from dataclasses import dataclass, field

from rollout_lab.classroom.notes import limited

from .download import File, HandedIn

OTHER_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz")


@dataclass
class Choice:
    """The notebook that counts, None if none does; sentences on the choice, or on why there is none."""

    notebook: File | None = None
    notes: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)


def choose_notebook(handed_in: HandedIn, assignment: str) -> Choice:
    """Choose the newest notebook that is this quiz, or the only one that may be."""
    who, notebooks = handed_in.who, [file for file in handed_in.files if file.is_notebook]
    if fitting := [file for file in notebooks if file.quiz == assignment]:
        *_older, newest = fitting
        others = [file for file in notebooks if file is not newest]
        notes = limited(
            f"{who}: {newest.source} counts, {other.source} stays in the download"
            f"{f' ({other.path} {other.trouble})' if other.trouble else ''}"
            for other in others
        )
        return Choice(newest, notes)
    unmarked = [file for file in notebooks if file.quiz is None]
    if len(unmarked) == 1:
        why = unmarked[0].trouble or "holds none of the quiz's cells, but is the only notebook"
        return Choice(unmarked[0], [f"{who}: {unmarked[0].source} was taken for the quiz. It {why}"])
    lines = [f"{file.source} {_why_not(file, assignment)}" for file in handed_in.files]
    for why, sources in handed_in.not_taken.items():
        lines += (f"{source} {why.removeprefix('as it ')}" for source in sources)
    return Choice(not_taken=limited(lines or [f"{who} handed in an archive without a file"]))


def _why_not(file: File, assignment: str) -> str:
    """Why a file is not the quiz, in a sentence that begins with its name."""
    if file.path.lower().endswith(OTHER_ARCHIVES):
        return "is an archive that is not opened here: ask for the notebook itself, or for one zip file"
    if not file.is_notebook:
        return "came without a notebook of the quiz"
    if file.quiz:
        return f"holds the cells of {file.quiz}, not of {assignment}"
    return file.trouble or f"holds no cells of {assignment}"
