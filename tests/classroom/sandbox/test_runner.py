"""A notebook played in its sandbox: what its cells may do and show, and what is kept of it."""

import os
import resource
import subprocess
import sys

import pytest

from rollout_lab.classroom import limits
from rollout_lab.classroom.sandbox.runner import Cell, Job, Limits, Transcript, run_submission
from rollout_lab.quiz.key import Call, Calls, Outcome
from rollout_lab.quiz.running import STOPPED

pytestmark = pytest.mark.needs("bubblewrap")

SMALL, LARGE = [1.0], [[1.0, 2.0], [3.0, 4.0]]


def played(*cells: str | Cell, seconds: float = 20) -> Transcript:
    cells = [
        Cell("code", f"cell {n}", cell) if isinstance(cell, str) else cell for n, cell in enumerate(cells)
    ]
    return run_submission(Job(tuple(cells), limits=Limits(cell_seconds=seconds)))


def place(item: str, *calls) -> Cell:
    """A place where a function is called with each of `calls`; (SMALL,) may be shown, others are hidden."""
    probes = [Call(list(each), each == (SMALL,)) for each in calls]
    return Cell("function", f"test_{item}", item=item, calls=Calls(item=item, probes=probes))


def texts(record: Transcript, position: int) -> str:
    shown = record.outputs[position]
    return "\n".join(o.get("text") or o.get("evalue") or o["data"].get("text/plain", "") for o in shown)


TALK = """
import os
def talk(line):
    for channel in range(3, 64):
        left = memoryview(line)
        try:
            while left: left = left[os.write(channel, left):]
        except OSError: pass
"""

# What honest students write: as in a notebook's kernel


def test_what_works_in_a_notebook_s_kernel_works_here():
    cells = {
        "%matplotlib inline\nprint('inline')": "inline",
        "%autosave 60\n%clear\nprint('front end')": "front end",
        "import asyncio\nprint(asyncio.get_running_loop().is_running())": "True",
        "task = asyncio.create_task(asyncio.sleep(0.01, 'a task of an earlier cell'))": "",
        "print(await task)": "a task of an earlier cell",
        "%%capture captured\nprint('captured')": "",
        "print(captured.stdout)": "captured",
        "import faulthandler, sys\nfaulthandler.enable()\nprint('channel', sys.stdout.fileno())": "channel 1",
        "import getpass\nprint(getpass.getuser())": "student",
        "shown = display('before', display_id=True)\nshown.update('after')": "'after'",
        "%%bash\necho one": "one",
    }
    pool = "import concurrent.futures, time\npool = concurrent.futures.ThreadPoolExecutor(30)\n"
    pool += "list(pool.map(time.sleep, [0.01] * 60))"
    function = "def twice(x): return [2 * x for x in pool.map(float, x)]"
    after = ["print(list(pool.map(abs, [-5])))", "%%bash\necho two"]
    places = [place("twice", (SMALL,), ([3.0],)), place("twice", ([3.0],))]
    record = played(*cells, pool, function, *places, *after)
    assert record.notes == []
    for position, expected in enumerate(cells.values()):
        assert texts(record, position).strip() == expected
    n = len(cells)
    assert [o.value for o in record.outcomes[n + 2] + record.outcomes[n + 3]] == [[2.0], [6.0], [6.0]]
    assert [texts(record, n + 4), texts(record, n + 5)] == ["[5]\n", "two\n"]


def test_a_thread_that_later_exercises_do_not_have_is_told_once():
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    record = played(thread, "1")
    assert record.notes == ["cell 0 left a thread running; later exercises do not have it"]
    assert "still runs" in texts(record, 0)


# What a cell may show


PICTURE = """
from IPython.display import Image, display
answer = 5
display(Image(bytes({size}), format="png"))
"""


def test_a_picture_that_is_too_large_costs_the_picture_only():
    below = PICTURE.format(size=limits.PICTURES)
    above = PICTURE.format(size=limits.PICTURES + 3)
    record = played(above, "print(answer)", below, *[below] * (limits.PICTURES_IN_ALL // limits.PICTURES))
    assert texts(record, 1) == "5\n"
    assert [position for position in record.outputs if "image/png" not in str(record.outputs[position])] == [
        0,
        1,
        6,
    ]
    assert "A picture of 2 MB was left out here" in texts(record, 0)
    assert record.notes == [f"cell {n} showed more than is kept; the rest was left out" for n in (0, 6)]


def test_outputs_and_text_are_kept_up_to_the_limit_and_what_is_left_out_is_told():
    outputs = "for n in range({}): display(n)"
    printed = "print(end='{} ' + 'é' * ({} - 2))"
    record = played(
        outputs.format(limits.OUTPUTS),
        outputs.format(limits.OUTPUTS + 1) + "\nprint('more')",
        printed.format(2, limits.PRINTED),
        printed.format(3, limits.PRINTED + 1),
        printed.format(4, limits.PRINTED),
    )
    assert len(record.outputs[0]) == limits.OUTPUTS
    assert len(record.outputs[1]) == limits.OUTPUTS + 1
    assert "the others were left out" in record.outputs[1][-1]["text"]
    assert "cut here" not in texts(record, 2)
    assert "cut here" in texts(record, 3)
    assert len(texts(record, 4)) < limits.PRINTED_IN_ALL - 2 * limits.PRINTED + 100
    told = [note.partition(" showed more than is kept")[0] for note in record.notes]
    assert told == ["cell 1", "cell 3", "cell 4"]


def test_a_result_that_is_too_large_is_an_error_and_costs_no_other_call():
    code = "import numpy as np\ndef zeros(n): return np.zeros(int(n))"
    calls = [(limits.NUMBERS - 1.0,), (1.0,), (1.0,), (10.0**7,)]
    outcomes = played(code, place("zeros", *calls)).outcomes[1]
    assert [outcome.error is None for outcome in outcomes] == [True, True, False, False]
    assert outcomes[3].error == "the result has shape (10000000,): more numbers than are read"


def test_an_answer_is_read_up_to_the_limit():
    choice = Cell("choice", item="q1")
    long, object_ = f"answer_q1 = 'B' + ' ' * {limits.ANSWER}", "answer_q1 = ['B'] * 10**6"
    record = played(long, choice, object_, choice)
    assert record.answers[1] == "B" + " " * (limits.ANSWER - 1)
    assert record.answers[3] == "something that is no text"


# What a student's process may say


def test_an_event_counts_once_and_only_for_the_cell_that_was_started_last():
    ran = '{"event":"ran","cell":%d,"outputs":[],"stopped":true,"left_behind":1,"cut":true,"threads":true}\\n'
    forge = f"{TALK}\nfor cell in (0, 1, 2, 3, 3, -1, 99): talk(('{ran}' % cell).encode() * 3)"
    record = played("0", "1", "2", forge, "print('after')", "")
    assert len(record.notes) == len(set(record.notes)) == 4
    assert all(note.startswith("cell 3 ") for note in record.notes)
    assert [texts(record, n) for n in (0, 1, 2, 4)] == ["0", "1", "2", "after\n"]


@pytest.mark.parametrize("extra", [0, 1])
def test_a_notebook_may_send_so_many_lines(monkeypatch, extra):
    monkeypatch.setattr(limits, "LINES", 20)
    others = 2 * 2 + 2  # two of each cell, the greeting and the end
    code = f"{TALK}\ntalk(b'{{}}\\n' * {limits.LINES * 3 - others + extra})"
    assert played("1", code).notes == ["cell 1 was left out: it sent more than a notebook may"] * extra


@pytest.mark.parametrize("extra", [-1000, 1000])
def test_a_cell_and_a_notebook_may_send_so_many_bytes(monkeypatch, extra):
    monkeypatch.setattr(limits, "LINE_BYTES", 40_000)
    monkeypatch.setattr(limits, "TALK_BYTES", 100_000)
    line = f"{TALK}\ntalk(b'x' * {limits.LINE_BYTES + extra} + b'\\n')"
    lines = f"{TALK}\nfor _ in range(2): talk(b'x' * {limits.TALK_BYTES // 2 - 1000 + extra} + b'\\n')"
    told = ["cell 0 was left out: it sent more than a cell may"] * (extra > 0)
    assert played(line).notes == told
    monkeypatch.setattr(limits, "LINE_BYTES", 80_000)
    assert played(lines).notes == [note.replace("a cell", "a notebook") for note in told]


@pytest.mark.parametrize("spoilers", [1, 2])
def test_a_notebook_is_given_up_after_so_many_cells_that_had_to_be_left_out(monkeypatch, spoilers):
    monkeypatch.setattr(limits, "SPOILERS", 2)
    record = played(*["import os\nos._exit(0)"] * spoilers, "print('last')")
    given_up = "the notebook was not played to its end" in record.notes
    assert (given_up, spoilers in record.outputs) == ((False, True) if spoilers < 2 else (True, False))


@pytest.mark.parametrize("extra", [-20, 1])
def test_a_notebook_may_make_so_many_files(monkeypatch, extra):
    monkeypatch.setattr(limits, "FILES_MADE", 100)
    files = limits.FILES_MADE + extra  # a few folders are there before
    code = f"import time\nfor n in range({files}): open(f'/dev/shm/{{n}}', 'w')\ntime.sleep(2)"
    assert played(code).notes == ["cell 0 was left out: it made too many files"] * (extra > 0)


def test_what_a_notebook_may_take_of_the_machine_is_limited_to_the_byte():
    most = Limits()
    code = f"""
import os, threading
def attempt(action):
    try: return action() and "done"
    except (OSError, MemoryError, RuntimeError) as error: return type(error).__name__ + str(error)[:9]
def write(path, size):
    with open(path, "wb") as file: return file.write(bytes(size))
def wait():
    threading.Thread(target=enough.wait, daemon=True).start()
    return True
most = {most.file_bytes}
print(attempt(lambda: write("below", most)), attempt(lambda: write("below", most + 1)))
fitting = {limits.DISK_BYTES} // most
print([attempt(lambda: write(f"/dev/shm/{{n}}", most)) for n in range(fitting)])
print(attempt(lambda: write("/dev/shm/one more", 1)))
print(attempt(lambda: bytearray({most.memory} // 2)), attempt(lambda: bytearray({most.memory})))
opened = []
print(attempt(lambda: [opened.append(open(os.devnull)) for _ in range(999)]), opened[-1].fileno())
opened.clear()
enough, threads = threading.Event(), 0
while attempt(wait) == "done": threads += 1
enough.set()
for thread in threading.enumerate(): thread is threading.main_thread() or thread.join()
print({most.processes} - 10 < threads < {most.processes})
"""
    assert texts(played(code), 0).splitlines() == [
        "done OSError[Errno 27",
        "['done', 'done']",
        "OSError[Errno 28",
        "done MemoryError",
        f"OSError[Errno 24 {limits.DESCRIPTORS - 1}",
        "True",
    ]


# What hidden calls may tell


def test_a_student_reads_of_a_call_only_what_it_came_to_before_any_hidden_call():
    code = """
kept = []
def spy(x):
    kept.append(x.size)
    open("kept", "a").write("x")
    if x.size > 1: return 31337
    return [len(kept), len(open("kept").read())]
"""
    record = played(code, place("spy", (LARGE,), (SMALL,), (SMALL,)), place("spy", (LARGE,), (SMALL,)))
    first, second = record.outcomes[1], record.outcomes[2]
    assert [o.seen and o.seen.value for o in first] == [None, [1.0, 1.0], [2.0, 2.0]]
    assert second[1].seen.value == [1.0, 3.0]
    assert second[1].value == [2.0, 5.0]


@pytest.mark.parametrize("raised", ["31337", "", STOPPED])
def test_what_takes_the_place_of_all_calls_says_nothing_that_was_not_known_before(raised):
    forge = """
def spy(x):
    if x.size > 1:
        talk(b'{"event":"called","cell":1,"outcomes":[{"error":"%s"}]}\\n')
        os._exit(0)
"""
    (outcome,) = played(TALK + forge % raised, place("spy", (LARGE,), (SMALL,))).outcomes[1]
    assert outcome == Outcome(error=STOPPED if raised == STOPPED else "It came to no result.")


def test_a_function_that_is_not_there_is_told_so():
    (outcome,) = played("", place("nothing", (SMALL,), (LARGE,))).outcomes[1]
    assert outcome == Outcome(error="nothing: it is not defined")


def test_a_function_that_ran_too_long_is_called_no_second_time():
    slow = "import time\ndef slow(x):\n    open('calls', 'a').write('x')\n    time.sleep(60)"
    count = "def count(x): return len(open('calls').read())"
    record = played(slow, place("slow", (SMALL,), (LARGE,)), count, place("count", (SMALL,)), seconds=1)
    assert record.outcomes[1] == [Outcome(error=STOPPED)]
    assert record.outcomes[3][0].value == 1.0


def test_a_function_that_ends_processes_in_a_call_that_may_be_shown_costs_itself_only():
    kill = "import os, signal\ndef kill(x): os.kill(os.getppid(), signal.SIGKILL)"
    same = "def same(x): return x"
    record = played(same, place("same", (SMALL,)), kill, place("kill", (SMALL,)), "print('on')")
    assert record.outcomes[1][0].value == SMALL
    assert record.notes == ["test_kill was left out: it ended the notebook's process"]
    assert texts(record, 4) == "on\n"


# What the grader was started with

STARTED = """
from rollout_lab.classroom.sandbox.runner import Cell, Job, run_submission
from rollout_lab.quiz.key import Call, Calls
code = '''
import os, resource, signal
print(resource.getrlimit(resource.RLIMIT_NOFILE)[1], resource.getrlimit(resource.RLIMIT_RTPRIO)[1])
os.kill(os.getpid(), signal.SIGINT)
'''
place = Cell("function", item="same", calls=Calls(item="same", probes=[Call([1.0])]))
record = run_submission(Job((Cell("code", source="def same(x): return x"), place, Cell("code", source=code))))
texts = [output.get("text") or output["ename"] for output in record.outputs[2]]
print(texts, [outcome.value for outcome in record.outcomes[1]], record.notes)
"""


def test_a_grader_with_narrow_limits_and_ignored_signals_plays_as_any_other():
    def narrow():
        import signal

        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGINT})
        os.umask(0o077)

    done = subprocess.run(
        [sys.executable, "-c", STARTED], capture_output=True, text=True, preexec_fn=narrow, timeout=120
    )
    assert done.stdout == "['200 0\\n', 'KeyboardInterrupt'] [1.0] []\n", done.stderr
