"""How much a student may send, and how long it may take: each limit once. The instructor's guide lists them.

Time and memory of a notebook have settings of their own in `nbgrader_config.py`: see `runner.Limits`.
"""

# What a student's process sends to the grader (see `sandbox/`): of one cell, and of the whole notebook.
# What is above a limit is cut or left out.
PRINTED, PRINTED_IN_ALL = 200_000, 500_000  # characters of text
PICTURES, PICTURES_IN_ALL = 2_000_000, 8_000_000  # bytes of pictures
OUTPUTS = 200  # of a cell
NUMBERS = 100_000  # in the results of all calls of a function; a result above it counts as an error
ERROR_NAME, ERROR, ERROR_OF_A_CALL = 200, 2000, 200  # characters; a traceback has them in full
ANSWER = 200  # characters of an answer to a question

# An honest notebook stays within what stands above, and then it sends less than this:
LINE_BYTES, TALK_BYTES = 4 * 2**20, 32 * 2**20  # what one cell, and a notebook, may send
LINES = 100  # that a notebook may send for each of its cells
VALUES = 500_000  # numbers, texts, lists and names in one line: each takes far more memory than the line does
TEXT, OUTCOMES = 500_000, 1000  # characters of one text, outcomes of calls: what comes after is dropped
SPOILERS = 6  # cells that may be left out until the notebook is given up

# What it finds and leaves behind in its sandbox.
DISK_BYTES = 64 * 2**20  # the file system in memory that it may write to
DESCRIPTORS = 256  # files, pipes and sockets that each of its processes may hold open
FILES_MADE = 50_000  # that it may have there at a time: empty ones take memory too

# A submission (see `submission/folder.py`, `lms/`).
NOTEBOOKS_BYTES, FILES_BYTES = 64 * 2**20, 16 * 2**20  # its notebooks together, its other files together
HAND_IN_FILES = 500  # without what programs leave behind
DEPTH, PATH = 10, 300  # folders within folders, and characters of a file's path
LOOKED_AT = 20_000  # files and folders that are looked at
ARCHIVES_BYTES = 256 * 2**20  # the archives that one student handed in through an LMS, together
FILE_BYTES = 64 * 2**20  # one file in an archive
FILES = 50_000  # in an archive that a student handed in, or in a submission in the exchange
SHEET_BYTES = 32 * 2**20  # a table of grades that an LMS exported

# What a page shows of it (see `pages.py`); what is above a limit is shown as it was written.
DRAWN = 20_000  # characters of a cell that is formatted or coloured, pictures aside
PAGE = 1_000_000  # characters of a notebook's cells together; a student's own cells after them are not shown
HTML = 200_000  # characters of HTML in an output, pictures aside
NESTING = 200  # how deep elements may lie in each other in HTML
PICTURES_BYTES = 32 * 2**20  # the pictures of one cell together, as text; those above it are named

# A notebook (see `submission/reading.py`).
NOTEBOOK_BYTES = 50 * 2**20  # with its outputs
NOTEBOOK_VALUES = 4_000_000  # lists, objects and commas: each takes many times its size while it is read
CELLS = 2000
SOURCES = 8_000_000  # characters of its cells together: feedback takes five seconds for a million of them
COMPARED = 200_000  # characters of a cell that is compared with the released one: a longer one is another
NOTEBOOKS = 50  # beside the quiz that are looked at, if together they are no larger than one may be
READ_FOR_LETTERS = 100_000  # characters of code in which options are looked for (see `quiz_builds.py`)

# The answers that a student exported (see `report/exported_answers.py`).
EXPORT_BYTES = 2**18  # a larger file is not read
THOUGHT = 300  # characters of what a student says to have thought, instead of what a diagnosis says
THOUGHTS = 30  # of these that are shown for one diagnosis; those above it are counted

NOTES, NOTE = 20, 500  # notes on one submission for the instructor, and characters of one (see `notes.py`)
