"""How much a student may send, and how long it may take: each limit once. The instructor's guide lists them.

Time and memory of a notebook have settings of their own in ``nbgrader_config.py``: see `protocol.Limits`.
"""

# --- What a student's process says (see `runner`, `sanitize`) ---

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

# --- What is handed in (see ``folder``, ``collecting``, ``unpacking``) ---

NOTEBOOKS_BYTES, FILES_BYTES = 64 * 2**20, 16 * 2**20
"""The notebooks of a hand-in together, and its other files together: these are sent into the sandbox."""

HAND_IN_FILES = 500
"""Files of a hand-in, without what programs leave behind."""

DEPTH, PATH = 10, 300
"""Folders within folders of a hand-in, and characters of a file's path in it."""

LOOKED_AT = 20_000
"""Files and folders of a hand-in that are looked at."""

ARCHIVES_BYTES = 256 * 2**20
"""The archives that one student handed in through an LMS, together."""

FILE_BYTES = 64 * 2**20
"""One file in an archive."""

FILES = 50_000
"""Files in an archive that a student handed in, or in a hand-in in the exchange."""

SHEET_BYTES = 32 * 2**20
"""A table of grades that an LMS exported."""

# --- What a page shows of it (see ``pages``) ---

DRAWN = 20_000
"""Characters of a cell that is formatted, or coloured, pictures aside; a longer one is shown as written."""

PAGE = 1_000_000
"""Characters of a notebook's cells together; a student's own cells after them are not shown."""

HTML = 200_000
"""Characters of HTML in an output, pictures aside; what is longer is shown as it was written."""

NESTING = 200
"""How deep elements may lie in each other in HTML; what is deeper is shown as it was written."""

PICTURES_BYTES = 32 * 2**20
"""The pictures of one cell together, as text; those above it are named."""

# --- What a notebook may be (see ``handed_in``) ---

NOTEBOOK_BYTES = 50 * 2**20
"""A notebook with its outputs."""

NOTEBOOK_VALUES = 4_000_000
"""Lists, objects and commas in it: each takes many times its size while it is read."""

CELLS = 2000
"""Cells of a notebook."""

SOURCES = 8_000_000
"""Characters of its cells together: feedback takes five seconds for a million of them."""

COMPARED = 200_000
"""Characters of a cell that is compared with the one that was handed out: a longer one is another."""

NOTEBOOKS = 50
"""Notebooks beside the quiz that are looked at, if together they are no larger than one may be."""

READ_FOR_LETTERS = 100_000
"""Characters of code in which options are looked for (see ``builds``); a cell that is more is not read."""

# --- What an instructor is told (see ``notes``) ---

NOTES, NOTE = 20, 500
"""Notes on one submission, and the characters of one."""
