"""Histories made for benches: real text, edited as people edit it, written by `git fast-import` and packed by `git repack`.

The same numbers give the same history, and a longer one begins with the shorter one.
"""

import pathlib
import random
import subprocess

import measure
from measure import git

# What the files are made of: the sources and the pages of this repository.
TEXTS = ("*.rs", "*.md", "*.py", "*.sh")
WORDS = "reader writer cache index packet buffer config parser walker window token table entry branch".split()


def texts():
    """The lines of each text at hand: tracked files, but those that a program wrote."""
    names = git("ls-files", "-z", "--", *TEXTS, directory=measure.ROOT).split("\0")
    paths = [measure.ROOT / name for name in sorted(names) if name and "generated" not in name and "docs/rules/" not in name]
    lines = [path.read_bytes().splitlines(keepends=True) for path in paths if path.is_file()]
    return [text for text in lines if len(text) >= 40]


class History:
    """Files, and what commits do to them."""

    def __init__(self, files):
        self.random = random.Random(1)
        self.lines = texts()
        # How long a file is in the beginning, to which it comes back again and again.
        self.lengths = {}
        self.files = {f"src/part{n % 12}/file{n}.rs": list(self.lines[n % len(self.lines)]) for n in range(files)}
        self.number = 0

    def some_lines(self):
        """A few lines that stand together somewhere."""
        text = self.random.choice(self.lines)
        at = self.random.randrange(len(text))
        return text[at:at + self.random.randint(1, 12)]

    def edit(self, path):
        """What an edit makes of a file: lines are put in, taken out or replaced at one to three places. It stays as long as
        it is, more or less, so that each commit costs what the one before cost."""
        lines = self.files[path]
        length = self.lengths.setdefault(path, max(100, len(lines)))
        for _ in range(self.random.randint(1, 3)):
            at, new = self.random.randrange(len(lines) + 1), self.some_lines()
            gone = self.random.randint(len(new) // 2, 2 * len(new)) if len(lines) > length else self.random.randint(0, len(new))
            lines[at:at + gone] = new

    def commit(self):
        """The next commit, as fast-import reads it."""
        self.number += 1
        if self.number == 1:
            changed = list(self.files)
        else:
            changed = self.random.sample(sorted(self.files), min(len(self.files), self.random.randint(1, 4)))
            if self.number % 25 == 0:
                new = f"src/part{self.number % 12}/more{self.number}.rs"
                self.files[new] = self.some_lines() + self.some_lines()
                changed.append(new)
            for path in changed:
                self.edit(path)
        word = self.random.choice(WORDS)
        subject = f"fix: keep the {word} of {self.random.choice(WORDS)} {self.number}"
        message = f"{subject}\n\nIt was lost where two of them met.\n".encode()
        when = 1_700_000_000 + 600 * self.number
        out = [b"commit refs/heads/main\n", b"committer Bench <bench@example.org> %d +0000\n" % when,
               b"data %d\n%s\n" % (len(message), message)]
        for path in sorted(changed):
            blob = b"".join(self.files[path])
            out.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(blob), blob))
        return b"".join(out)


def make(target, commits, files):
    """A bare repository with so many commits."""
    git("init", "-q", "--bare", "-b", "main", target, directory=pathlib.Path(target).parent)
    history = History(files)
    # Always on the same terms: no settings of whoever runs this.
    importer = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=target, env=measure.ENVIRONMENT,
                                stdin=subprocess.PIPE)
    with importer.stdin as pipe:
        for _ in range(commits):
            pipe.write(history.commit())
    if importer.wait() != 0:
        raise SystemExit(f"git fast-import ended with {importer.returncode}")
    git("repack", "-q", "-a", "-d", "-f", "--window=10", "--depth=50", directory=target)
    return target


def size(repository):
    """The bytes of all blobs, and of the packs, in MB."""
    objects = git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize)", directory=repository)
    blobs = sum(int(line.split()[1]) for line in objects.splitlines() if line.startswith("blob "))
    packs = sum(path.stat().st_size for path in pathlib.Path(repository, "objects/pack").glob("*.pack"))
    return blobs / 1e6, packs / 1e6
