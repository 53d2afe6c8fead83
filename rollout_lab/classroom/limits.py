"""How much a student may send, and how long it may take: each limit once. The instructor's guide lists them.

Time and memory of a notebook have settings of their own in ``nbgrader_config.py``: see ``playing.Limits``.
"""

# --- What a student's process says (see ``playing``, ``evidence``) ---

LINE_BYTES = 4 * 2**20
"""What one cell may send: all its outputs together."""

TALK_BYTES = 16 * 2**20
"""What a notebook may send."""

PRINTED = 200_000
"""Characters that one cell may print; what comes after is cut."""

OUTPUTS, TEXT, OUTCOMES = 200, 500_000, 1000
"""Outputs of a cell, characters of one text in them, outcomes of calls: what comes after is dropped."""

SPOILERS = 6
"""Cells that may be left out until the notebook is given up."""

# --- What it finds and leaves behind in its sandbox (see ``sandbox``) ---

DISK_BYTES = 64 * 2**20
"""The file system in memory that it may write to."""

FILES_BYTES = 16 * 2**20
"""Files beside the notebook that it finds there, together."""

# --- What is handed in (see ``collecting``, ``unpacking``) ---

STUDENT_BYTES = 256 * 2**20
"""All that one student handed in, unpacked."""

FILE_BYTES = 64 * 2**20
"""One file in an archive."""

FILES = 20_000
"""Files in an archive."""

READ_FOR_LETTERS = 100_000
"""Characters of code in which options are looked for (see ``builds``); a cell that is more is not read."""

# --- What an instructor is told (see ``notes``) ---

NOTES, NOTE = 20, 500
"""Notes on one submission, and the characters of one."""
