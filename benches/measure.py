"""What the benches share: running a program and watching what it takes, and tables of it. Standard library only."""

import dataclasses
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / "target/release"

# What a Git command sees: nothing of the hook or the shell that started the bench.
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


@dataclasses.dataclass
class Run:
    """One run of one program: seconds, MB, exit code."""

    seconds: float
    cpu: float
    peak: float
    anonymous: float | None
    code: int


def run(arguments, directory=None, log=None, watch=False):
    """Runs a program to its end.

    `seconds` is wall time; `cpu` is user and system time of the program and of all children it waited for; `peak` is the largest
    resident memory of one of these processes, mapped files included; `anonymous` the same of the program itself without mapped
    files, looked at every few milliseconds (Linux, and only with `watch`, since looking costs a little).
    """
    start = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=directory, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=log or subprocess.DEVNULL)
    watcher = Watcher(process.pid) if watch else None
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if platform.system() == "Darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6,
               watcher.end() if watcher else None, process.returncode)


class Watcher:
    """Looks at a process every few milliseconds, from a thread of its own."""

    def __init__(self, pid):
        self.path = f"/proc/{pid}/status"
        self.peak = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        """The thread."""
        while not self.ended.is_set():
            try:
                with open(self.path, encoding="ascii", errors="replace") as file:
                    lines = [line for line in file if line.startswith("RssAnon:")]
            except OSError:
                return
            if lines:
                self.peak = max(self.peak or 0.0, int(lines[0].split()[1]) * 1024 / 1e6)
            self.ended.wait(0.004)

    def end(self):
        """The peak in MB; None where it is not known."""
        self.ended.set()
        self.thread.join()
        return self.peak


@dataclasses.dataclass
class Row:
    """What several runs of one program came to."""

    name: str
    runs: list = dataclasses.field(default_factory=list)
    error: str | None = None
    # What is said of the result, in the last column.
    found: str = ""

    @property
    def seconds(self):
        """The median."""
        return statistics.median(run.seconds for run in self.runs)

    def ratio(self, other, what="seconds"):
        """How many times the other's: the median over the rounds, in each of which both ran once."""
        pairs = zip(self.runs, other.runs)
        return statistics.median(getattr(mine, what) / max(getattr(theirs, what), 1e-4) for mine, theirs in pairs)

    def cells(self, own):
        """The row of a table."""
        if self.error:
            return [self.name, "failed", "", "", "", "", "", self.error]
        best = min(run.seconds for run in self.runs)
        cpu = statistics.median(run.cpu for run in self.runs)
        anonymous = max((run.anonymous or 0.0 for run in self.runs), default=0.0)
        return [self.name, f"{self.seconds:.3f}", f"{best:.3f}", f"{self.ratio(own):.2f}x" if own else "", f"{cpu:.3f}",
                f"{max(run.peak for run in self.runs):.0f}", f"{anonymous:.0f}" if anonymous else "", self.found]


def rounds(row_of, names, repeat, warm_up=False):
    """Runs everybody in turn, `repeat` times; `row_of(name)` gives a Run, or the words for a failure. One row each."""
    rows = {name: Row(name) for name in names}
    for number in range(-1 if warm_up else 0, repeat):
        for name, row in rows.items():
            if row.error:
                continue
            done = row_of(name)
            if isinstance(done, str):
                row.error = done
            elif number >= 0:
                row.runs.append(done)
    return list(rows.values())


def table(title, rows, own, last="findings"):
    """A Markdown table; `own` names the row that the ratios are to."""
    base = next((row for row in rows if row.name == own and not row.error), None)
    lines = [f"### {title}", "", f"| | median s | best s | ratio | CPU s | peak MB | without mapped files | {last} |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    lines += ["| " + " | ".join(row.cells(base)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def git(*arguments, directory, given=None):
    """git in `directory`; what it printed."""
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0", "-c", "commit.gpgSign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=directory, env=ENVIRONMENT, check=True, capture_output=True,
                          input=given)
    return done.stdout.decode("utf-8", errors="surrogateescape").strip()


def checkout(repository, target):
    """A checkout of what HEAD of `repository` says."""
    git("clone", "-q", "--shared", os.path.abspath(repository), target, directory=os.path.dirname(target))
    return target


def copy_of_bare(source, target):
    """A copy of a bare repository that shares its packs, which nobody writes to."""
    def link_or_copy(one, other):
        if "/objects/" in one:
            try:
                return os.link(one, other)
            except OSError:
                pass
        return shutil.copy2(one, other)
    shutil.copytree(source, target, copy_function=link_or_copy)
    return target


def warm(repository):
    """Reads a repository's packs once: the first reader would pay for the disk."""
    objects = git("rev-parse", "--git-path", "objects", directory=repository)
    for pack in pathlib.Path(repository, objects).glob("pack/*"):
        with open(pack, "rb") as file:
            while file.read(1 << 24):
                pass


def version(binary):
    """What a program says it is."""
    for flag in (["--version"], ["version"]):
        done = subprocess.run([binary, *flag], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip().splitlines()[0].split()[-1]
    return "unknown"


def machine():
    """The machine, in words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
