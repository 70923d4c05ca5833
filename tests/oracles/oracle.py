"""What the scripts of this folder share: they ask package managers for verdicts, and write them down as cases.

A script makes a base project with the real tool, alters a copy of it for every case, asks the tool whether its strict install
takes the copy and whether an ordinary install would rewrite the lock, and writes `crates/core/tests/lockfiles/NAME.cases`, which
the tests read without network. Run one with `python3 tests/oracles/NAME.py`; each says at its top what it needs.
"""

import difflib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / "crates/core/tests/lockfiles"
IN, OUT, UNASKED = "in-sync", "out-of-sync", "unasked"


def run(args, folder, env=None, check=False, timeout=600):
    """Runs a program; its exit code and everything it said."""
    done = subprocess.run(
        args, cwd=folder, env={**os.environ, **(env or {})}, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    if check and done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, args))} in {folder} failed:\n{done.stdout}")
    return done.returncode, done.stdout


def files_of(folder, keep):
    """The texts of a folder whose relative path `keep` says yes to."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and keep(name):
            found[name] = path.read_bytes().decode("utf-8")
    return found


def write(files, folder):
    for name, text in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def made(files, *commands, keep=lambda name: True, env=None):
    """What commands make of the files of a project; `keep` says of which paths."""
    with tempfile.TemporaryDirectory() as folder:
        write(files, folder)
        for command in commands:
            run(command, folder, env, check=True)
        return files_of(folder, keep)


def version_of(program):
    return re.search(r"\d[\d.]*\d", subprocess.check_output([program, "--version"], text=True)).group()


class Oracle:
    """Cases of one ecosystem. `clean` takes real hosts out of a text before it is written down."""

    def __init__(self, name, tool, base, clean=lambda text: text):
        self.name, self.tool, self.base, self.clean = name, tool, dict(base), clean
        self.cases = []

    def case(self, name, change, ask, pair=None):
        """`change(files)` alters a copy of the base's files in place; `ask(folder, files)` gives (strict, rewrite)."""
        files = dict(self.base)
        change(files)
        with tempfile.TemporaryDirectory() as folder:
            write(files, folder)
            strict, rewrite = ask(pathlib.Path(folder), files)
        print(f"{self.name}: {name}: strict={strict} rewrite={rewrite}", flush=True)
        self.cases.append((name, strict, rewrite, files, pair))

    def save(self):
        base = {name: self.clean(text) for name, text in self.base.items()}
        out = [f"@@@ tool {self.tool}", "@@@ base"]
        for name, text in base.items():
            out.append(block(name, text))
        for name, strict, rewrite, files, pair in self.cases:
            out.append(f"@@@ case {name} strict={strict} rewrite={rewrite}")
            if pair:
                out.append(f"@@@ pair {pair[0]} {pair[1]}")
            files = {path: self.clean(text) for path, text in files.items()}
            for path in base:
                if path not in files:
                    out.append(f"@@@ gone {path}")
            for path, text in files.items():
                if path not in base:
                    out.append(block(path, text))
                elif text != base[path]:
                    out.append(edit(path, base[path], text))
        CASES.mkdir(parents=True, exist_ok=True)
        (CASES / f"{self.name}.cases").write_text("\n".join(out) + "\n", encoding="utf-8", newline="\n")


def block(path, text):
    if text.endswith("\n"):
        return f"@@@ file {path}\n{text[:-1]}"
    return f"@@@ bare {path}\n{text}"


def edit(path, old, new):
    """The shortest edit by whole lines whose old text stands once in the file; the whole file where there is none."""
    olds, news = old.splitlines(keepends=True), new.splitlines(keepends=True)
    parts = [op for op in difflib.SequenceMatcher(None, olds, news, autojunk=False).get_opcodes() if op[0] != "equal"]
    edits = []
    for _, a, b, c, d in parts:
        for around in range(0, 12):
            lo, hi = max(0, a - around), min(len(olds), b + around)
            before = "".join(olds[lo:hi])
            after = "".join(olds[lo:a]) + "".join(news[c:d]) + "".join(olds[b:hi])
            if before and old.count(before) == 1 and before.endswith("\n") and after.endswith("\n"):
                edits.append(f"@@@ edit {path}\n{before[:-1]}\n@@@ into\n{after[:-1]}")
                break
        else:
            return block(path, new)
    # Edits are made one after another: what one writes must not make the text of the next stand twice.
    text = old
    for part in edits:
        before, after = part.split("\n", 1)[1].split("\n@@@ into\n")
        if text.count(before) != 1:
            return block(path, new)
        text = text.replace(before, after, 1)
    return "\n".join(edits) if text == new else block(path, new)


def replace(path, old, new):
    """A change that replaces a text that stands once in a file."""
    def change(files):
        assert files[path].count(old) == 1, (path, old, files[path].count(old))
        files[path] = files[path].replace(old, new)
    return change


def sub_in(path, pattern, into, flags=re.S | re.M):
    """A change that replaces the first match of a pattern, which has one."""
    def change(files):
        files[path], count = re.subn(pattern, into, files[path], count=1, flags=flags)
        assert count == 1, (path, pattern)
    return change


def add(path, text):
    """A change that puts a text at the end of a file, or in a new one."""
    def change(files):
        files[path] = files.get(path, "") + text
    return change


def gone(path):
    def change(files):
        del files[path]
    return change


def both(*changes):
    def change(files):
        for one in changes:
            one(files)
    return change


def copy(folder):
    """A copy of a folder, for a question that alters it."""
    target = tempfile.mkdtemp()
    shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True)
    return pathlib.Path(target)
