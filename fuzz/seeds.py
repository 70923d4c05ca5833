#!/usr/bin/env python3
"""Makes what the fuzzer begins with, `fuzz/corpus/TARGET/`, from the cases of the real package managers.

    fuzz/seeds.py
"""

import hashlib
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent
CASES = ROOT.parent / "crates/core/tests/lockfiles"


def trees(text):
    """The files of each case; the format is described in crates/core/tests/lockfiles.rs."""
    base, files = {}, None
    blocks = iter(text.removeprefix("@@@ ").removesuffix("\n").split("\n@@@ "))
    for block in blocks:
        head, _, body = block.partition("\n")
        word, _, path = head.partition(" ")
        here = base if files is None else files
        if word == "file":
            here[path] = body + "\n"
        elif word == "bare":
            here[path] = body
        elif word == "gone":
            del here[path]
        elif word == "edit":
            here[path] = here[path].replace(body, next(blocks).removeprefix("into").removeprefix("\n"), 1)
        elif word == "case":
            if files is not None:
                yield files
            files = dict(base)
    if files is not None:
        yield files


def write(target, text):
    folder = ROOT / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(text.encode()).hexdigest()[:16]).write_text(text)


def main():
    for path in sorted(CASES.glob("*.cases")):
        for files in trees(path.read_text()):
            write("locks", "\n".join(f"@@@ {path}\n{text}" for path, text in files.items()))
            for name, text in files.items():
                write("trees", text)
                write("pins", f"{name}\n{text}")
    for line in ["^1.2.3\n1.4.0", "1 || >=2.0.0-rc.1 <3\n2.0.0", "git+ssh://git@example.org/a.git#semver:^1\n1.0.0", "npm:a@~1.2\n1.2.9", "1.x - 2\nv1.9.0+b"]:
        write("npm_versions", line)


main()
