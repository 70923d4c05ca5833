"""Asks pip, uv and PDM. Needs `pip`, `uv` and `pdm` on the PATH, and no package index: the packages are made and served here.

strict is `pip install --dry-run --no-deps -r pylock.toml`; rewrite is the `uv export` in the comment at the top, run again with the files in
place, and of a lock of PDM `pdm lock --check`.
"""

import functools
import os
import re
import sys
import tempfile

from oracle import IN, OUT, Oracle, add, both, copy, made, replace, run, sub_in, version_of
from wheels import digest, family, pip_takes, serve

P, U, L = "pyproject.toml", "uv.lock", "pylock.toml"

WHEELS = family("beta", "gamma", "epsilon", "zeta", "eta")
INDEX = serve(WHEELS)
for key in ["PIP_FIND_LINKS", "UV_FIND_LINKS", "PIP_NO_INDEX", "UV_NO_INDEX"]:
    os.environ.pop(key, None)
os.environ.update(
    PIP_INDEX_URL=f"{INDEX}/simple/", UV_DEFAULT_INDEX=f"{INDEX}/simple/", PDM_PYPI_URL=f"{INDEX}/simple/",
    PIP_CONFIG_FILE="/dev/null", UV_NO_CACHE="1", PDM_CHECK_UPDATE="0", PDM_CACHE_DIR=tempfile.mkdtemp(),
)

PROJECT = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["alpha[fast]>=1", "epsilon ; sys_platform == 'win32'"]

[project.optional-dependencies]
net = ["delta<2"]
other = ["zeta"]

[dependency-groups]
dev = ["eta<2"]
"""

clean = lambda text: text.replace(INDEX, "https://index.example.org")


def uv(command):
    def ask(folder, files):
        if L not in files:
            return OUT, OUT
        strict = pip_takes(folder, L)
        again = copy(folder)
        code, out = run(command, again)
        if code:
            print("   ", out.strip()[-300:])
            return strict, OUT
        plain = lambda text: re.sub(r"^#.*\n|\r", "", text, flags=re.M)
        return strict, IN if plain((again / L).read_text()) == plain(files[L]) else OUT

    return ask


def pdm(folder, files):
    if L not in files:
        return OUT, OUT
    strict = pip_takes(folder, L)
    code, _ = run(["pdm", "lock", "--check"], folder)
    return strict, IN if code == 0 else OUT


def keep(name):
    return name in (P, U, L, "pdm.toml")


sub = functools.partial(sub_in, L)


def package(name):
    return rf'^\[\[packages\]\]\nname = "{name}"\n(?:(?!\[\[packages\]\]|\[tool).)*'


def zeta(found):
    """The entry of gamma, and one of zeta."""
    return found.group() + re.sub(r'(?<=sha256 = ")\w+', digest(WHEELS, "zeta", "2.0"), found.group().replace("gamma", "zeta"))


def relocked(files):
    files.update(made(files, ["uv", "lock", "-q"], keep=lambda name: name == U))


def of_form(case):
    """What the specification says of the file itself."""
    case("unchanged")
    case("no-lock-version", sub(r'^lock-version = "1.0"\n', ""))
    case("lock-version-of-another-type", sub(r'^lock-version = "1.0"\n', "lock-version = 1.0\n"))
    case("created-by-missing", sub(r'^created-by = "\w+"\n', ""))
    case("created-by-of-another-type", sub(r'^created-by = "\w+"\n', "created-by = 1\n"))
    case("requires-python-of-nothing", sub(r'^requires-python = "[^"]+"\n', 'requires-python = "three"\n'))
    case("name-not-plain", sub(r'^name = "alpha"', 'name = "Alpha"'))
    case("name-missing", sub(r'^name = "alpha"\n', ""))
    case("version-of-nothing", sub(r'(?<=^name = "alpha"\nversion = ")2.0', "two"))
    case("version-another-than-of-the-file", sub(r'(?<=^name = "alpha"\nversion = ")2.0', "1.0"))
    case("hash-missing", sub(r',\s*hashes = \{[^}]*\}', ""))
    case("hashes-empty", sub(r'hashes = \{[^}]*\}', "hashes = {}"))
    case("address-missing", sub(r'(^wheels = \[.*?)url = "[^"]+",\s*', r"\1"))
    case("no-source", sub(r"^wheels = \[.*?\]\n", ""))
    case("two-sources", sub(r'(^name = "alpha"\nversion = "2.0"\n)', r'\1directory = { path = "own" }' + "\n"))
    case("entry-twice", sub(package("beta"), lambda found: found.group() * 2))
    case("file-of-another", sub(r"alpha-2.0-py3", "beta-2.0-py3"))
    case("packages-missing", lambda files: files.__setitem__(L, re.sub(package("[a-z]+"), "", files[L], flags=re.S | re.M)))
    case("unknown-key", sub(r'^(created-by = "\w+"\n)', r"\1something = 1" + "\n"))
    case("lock-version-minor", sub(r'^lock-version = "1.0"', 'lock-version = "1.1"'))
    case("lock-version-higher", sub(r'^lock-version = "1.0"', 'lock-version = "2.0"'))
    case("cut", lambda files: files.__setitem__(L, files[L][: len(files[L]) // 2]))
    case("conflict-markers", sub(r"^created-by", "<<<<<<< ours\n=======\n>>>>>>> theirs\ncreated-by"))


def of_uv():
    export = ["uv", "export", "-q", "--format", "pylock.toml", "--extra", "net", "-o", L]
    oracle = Oracle("pylock", f"uv {version_of('uv')} (`uv export`), pip {version_of('pip')}", made({P: PROJECT}, ["uv", "lock", "-q"], export, keep=keep), clean)
    case = lambda name, *changes, pair=(P, L): oracle.case(name, both(*changes), uv(export), pair)
    of_form(case)
    case("range-still-satisfied", replace(P, "alpha[fast]>=1", "alpha[fast]>=1.1"), relocked)
    case("range-not-satisfied", replace(P, "alpha[fast]>=1", "alpha[fast]<2"), relocked)
    case("range-not-satisfied-nor-locked", replace(P, "alpha[fast]>=1", "alpha[fast]<2"))
    case("added", replace(P, '"alpha[fast]', '"zeta", "alpha[fast]'), relocked)
    case("added-and-not-locked", replace(P, '"alpha[fast]', '"zeta", "alpha[fast]'))
    case("removed", replace(P, '"alpha[fast]>=1", ', ""), relocked)
    case("extra-of-dependency-removed", replace(P, "alpha[fast]", "alpha"), relocked)
    case("marker-changed", replace(P, "'win32'", "'linux'"), relocked)
    case("marker-removed", replace(P, " ; sys_platform == 'win32'", ""), relocked)
    case("extra-changed", replace(P, "delta<2", "delta<1.1"), relocked)
    case("extra-added-to", replace(P, '"delta<2"', '"delta<2", "zeta"'), relocked)
    case("other-extra-changed", replace(P, '"zeta"', '"zeta<2"'), relocked)
    case("group-changed", replace(P, "eta<2", "eta<1.1"), relocked)
    case("group-added", add(P, 'lint = ["zeta"]\n'), relocked)
    case("group-added-to", replace(P, '"eta<2"', '"eta<2", "zeta"'), relocked)
    case("moved-to-group", replace(P, '"alpha[fast]>=1", ', ""), replace(P, '"eta<2"', '"eta<2", "alpha[fast]>=1"'), relocked)
    case("version-bumped", replace(P, "0.1.0", "0.2.0"), relocked)
    case("requires-python", replace(P, ">=3.10", ">=3.11"), relocked)
    case("comment", add(P, "\n# a comment\n"))
    case("lock-entry-removed", sub(package("beta"), ""))
    case("lock-entry-without-need", sub(package("gamma"), zeta))
    case("lock-hash-of-another", sub(r'(?<=sha256 = ")\w{8}', "00000000"))
    oracle.save()


def of_pdm():
    files = {P: PROJECT + "\n[tool.pdm]\ndistribution = false\n", "pdm.toml": '[lock]\nformat = "pylock"\n'}
    oracle = Oracle("pylock@pdm", f"PDM {version_of('pdm')}, pip {version_of('pip')}", made(files, ["pdm", "lock", "-q"], keep=keep), clean)
    case = lambda name, *changes, pair=None: oracle.case(name, both(*changes), pdm, pair)
    of_form(case)
    case("range-still-satisfied", replace(P, "alpha[fast]>=1", "alpha[fast]>=1.1"))
    case("range-not-satisfied", replace(P, "alpha[fast]>=1", "alpha[fast]<2"))
    case("range-spaces", replace(P, "alpha[fast]>=1", "alpha[fast] >= 1"))
    case("added", replace(P, '"alpha[fast]', '"zeta", "alpha[fast]'))
    case("removed", replace(P, '"alpha[fast]>=1", ', ""))
    case("extra-changed", replace(P, "delta<2", "delta<1.1"))
    case("extra-renamed", replace(P, "net = ", "web = "))
    case("group-changed", replace(P, "eta<2", "eta<1.1"))
    case("group-respelled", replace(P, "dev = ", "Dev = "))
    case("group-of-pdm-added", add(P, '\n[tool.pdm.dev-dependencies]\ndev = ["zeta"]\n'))
    case("source-added", add(P, '\n[[tool.pdm.source]]\nname = "own"\nurl = "https://index.example.org/simple/"\n'))
    case("override-added", add(P, '\n[tool.pdm.resolution.overrides]\nbeta = "1.0"\n'))
    case("requires-python", replace(P, ">=3.10", ">=3.11"))
    case("version-bumped", replace(P, "0.1.0", "0.2.0"))
    case("comment", add(P, "\n# a comment\n"))
    case("lock-hash-tampered", sub(r'(?<=^hashes = \{sha256 = ")\w{8}', "00000000"))
    oracle.save()


if __name__ == "__main__":
    parts = {"uv": of_uv, "pdm": of_pdm}
    for name in sys.argv[1:] or parts:
        parts[name]()
