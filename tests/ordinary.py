"""People with accounts of their own, none of them root: tests act in their names.

Where root runs the tests (a container), each person is another user. Where you run them, all are you.
"""

import contextlib
import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .warm_commands import COMMANDS, WarmCommands

ROOT = Path(__file__).parents[1]
FIRST = 12345
"""The number of the first person's account; any that the machine has given to nobody would do."""


class Person:
    """Somebody with an account and a home; ``commands`` runs nbgrader and rollout-lab in their name."""

    def __init__(self, name: str, uid: int, home: Path, passwd: Path):
        self.name = name if os.getuid() == 0 else getpass.getuser()
        self.uid, self.home, self.passwd = uid, home, passwd
        self.environment = {
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "LANG": "C.UTF-8",
        }
        self.environment["ROLLOUT_LAB_EXCHANGE"] = str(home.parent / "exchange")
        (home / "tmp").mkdir(parents=True)
        home.chmod(0o700)
        self.own(home)

    def own(self, path: Path) -> Path:
        """Make a folder or file, with all that it holds, this person's."""
        if os.getuid() == 0:
            for each in [path, *path.rglob("*")]:
                os.chown(each, self.uid, self.uid)
        return path

    def prefix(self) -> list[str]:
        """The command that starts another one in this person's name.

        The Python of these tests may lie where only root can go, in root's home, say. The person sees an
        empty folder there, with Python and the course in it. A name for the account is all that is added.
        """
        if os.getuid() != 0:
            return []
        see = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(self.passwd), "/etc/passwd"]
        needed = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
        for closed in {each for each in map(_closed, needed) if each}:
            see += ["--perms", "0755", "--tmpfs", str(closed)]
            for place in (each for each in needed if closed in each.parents):
                for folder in reversed(place.parents[: len(place.parts) - len(closed.parts) - 1]):
                    see += ["--perms", "0755", "--dir", str(folder)]
                see += ["--ro-bind", str(place), str(place)]
        become = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--inh-caps=-all"]
        return [*see, "--", "setpriv", *become]

    @contextlib.contextmanager
    def at_work(self, preload: Sequence[str] = COMMANDS, before: Sequence[str] = ()) -> Iterator[None]:
        """Let the person run commands; ``before`` is a command that starts the server of these."""
        prefix = [*self.prefix(), *before]
        with WarmCommands(self.home, tuple(preload), prefix=prefix, env=self.environment) as self.commands:
            yield

    def run(self, *command: str, cwd: Path) -> str:
        """What a command such as ("nbgrader", "export") says, which must succeed."""
        done = self.commands.run(*command, cwd=cwd, env=self.environment)
        assert done.returncode == 0, f"{self.name}: {command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


def _closed(place: Path) -> Path | None:
    """The outermost folder above a place that not everybody may enter."""
    return next((each for each in reversed(place.parents) if not each.stat().st_mode & 0o001), None)


@contextlib.contextmanager
def people(*names: str) -> Iterator[list[Person]]:
    """Persons with these names and a home each, and a folder "exchange" that all may write to.

    Where all are you, all have your name.
    """
    with tempfile.TemporaryDirectory(prefix="rollout-lab-people-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        (folder / "exchange").mkdir()
        (folder / "exchange").chmod(0o777)
        passwd = folder / "passwd"
        accounts = [
            f"{name}:x:{uid}:{uid}::{folder / name}:/bin/sh\n" for uid, name in enumerate(names, FIRST)
        ]
        passwd.write_text(Path("/etc/passwd").read_text() + "".join(accounts))
        passwd.chmod(0o644)
        yield [Person(name, uid, folder / name, passwd) for uid, name in enumerate(names, FIRST)]


def copy_of_the_course(person: Person) -> Path:
    """The course as the person's clone would hold it; the library is that of these tests."""
    clone = person.home / "clone"
    ignored = shutil.ignore_patterns(
        "exchange", "release", "submitted", "gradebook.db*", "autograded", "feedback"
    )
    for name in ("course", "quizzes"):
        shutil.copytree(ROOT / name, clone / name, ignore=ignored)
    return person.own(clone)
