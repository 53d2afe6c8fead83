"""How much a student may send, and how long it may take: each limit once. The instructor's guide lists them.

Time and memory of a notebook have settings of their own in ``nbgrader_config.py``: see ``playing.Limits``.
"""

# --- What a student's process says (see ``playing``, ``evidence``) ---

PRINTED, PRINTED_IN_ALL = 200_000, 500_000
"""Characters of text that one cell, and a notebook, may show; what comes after is cut."""

PICTURES, PICTURES_IN_ALL = 2_000_000, 8_000_000
"""Bytes of pictures that one cell, and a notebook, may show; a picture that does not fit is left out."""

OUTPUTS = 200
"""Outputs of a cell; what comes after is left out."""

NUMBERS = 100_000
"""Numbers in the results of all calls of a function; a result that does not fit counts as an error."""

ERROR_NAME, ERROR, ERROR_OF_A_CALL = 200, 2000, 200
"""Characters of an error's name and message in a cell (its traceback has them in full), and of a call's."""

ANSWER = 200
"""Characters of an answer to a question; what comes after is cut."""

# An honest notebook stays within what stands above, and then it sends less than this:

LINE_BYTES, TALK_BYTES = 4 * 2**20, 32 * 2**20
"""What one cell, and a notebook, may send."""

LINES = 100
"""Lines that a notebook may send for each of its cells."""

VALUES = 500_000
"""Numbers, texts, lists and names in one line: each takes far more memory than the line does."""

TEXT, OUTCOMES = 500_000, 1000
"""Characters of one text, outcomes of calls: what comes after is dropped."""

SPOILERS = 6
"""Cells that may be left out until the notebook is given up."""

# --- What it finds and leaves behind in its sandbox (see ``sandbox``) ---

DISK_BYTES = 64 * 2**20
"""The file system in memory that it may write to."""

DESCRIPTORS = 256
"""Files, pipes and sockets that each of its processes may hold open."""

FILES_MADE = 50_000
"""Files that it may have there at a time: empty ones take memory too."""

FILES_BYTES = 16 * 2**20
"""Files beside the notebook that it finds there, together."""

# --- What is handed in (see ``collecting``, ``unpacking``) ---

STUDENT_BYTES = 256 * 2**20
"""All that one student handed in, unpacked."""

FILE_BYTES = 64 * 2**20
"""One file in an archive."""

FILES = 20_000
"""Files in an archive."""

# --- What an instructor is told (see ``notes``) ---

NOTES, NOTE = 20, 500
"""Notes on one submission, and the characters of one."""
