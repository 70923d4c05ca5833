"""Asks Pipenv. Needs `pipenv` on the PATH and a package index. A name as the argument (`2023`) goes into the name of the cases:
they are those of an older Pipenv."""

import json
import subprocess
import sys
import tempfile

from oracle import IN, OUT, UNASKED, Oracle, add, both, gone, made, replace, run, version_of

P, L = "Pipfile", "Pipfile.lock"
FILES = {
    P: """\
[[source]]
name = "pypi"
url = "https://pypi.org/simple"
verify_ssl = true

[packages]
six = ">=1.15"
idna = {version = "~=3.4", markers = "python_version >= '3.8'"}
helper = {path = "./helper", editable = true}

[dev-packages]
iniconfig = "*"

[docs]
sniffio = "==1.3.*"

[requires]
python_version = "%d.%d"

[scripts]
hello = "echo hello"
""" % sys.version_info[:2],
    "helper/setup.py": """\
from setuptools import setup

setup(name="helper", version="1.0.0", install_requires=[])
""",
}

VENV = tempfile.mkdtemp()
ENV = {"VIRTUAL_ENV": VENV, "PIPENV_VERBOSITY": "-1", "PIPENV_NOSPIN": "1", "NO_COLOR": "1"}


def ask(folder, files, is_whole=False):
    """The check, and whether an ordinary install leaves a lock as it is that the check takes. It begins with the same check,
    and locks anew where that fails: this, and that the strict install agrees, is asked of a few cases (`is_whole`) alone."""
    strict, _ = run(["pipenv", "verify"], folder, ENV)
    lock = folder / L
    # The check mends a lock without its metadata.
    is_mended = lock.exists() and lock.read_bytes() != files[L].encode()
    if strict != 0 and not is_whole:
        return OUT, UNASKED
    if is_whole and lock.exists():
        _, said = run(["pipenv", "install", "--deploy"], folder, ENV)
        assert (strict != 0) == ("Aborting deploy" in said), said
    before = lock.read_bytes() if lock.exists() else None
    run(["pipenv", "install"], folder, ENV)
    is_rewritten = is_mended or before != (lock.read_bytes() if lock.exists() else None)
    return IN if strict == 0 else OUT, OUT if is_rewritten else IN


def locked(files):
    return made(files, ["pipenv", "lock"], keep=lambda name: name in files or name == L, env=ENV)


def lock(alter):
    """A change of the lock by its values, written as Pipenv writes it."""
    def change(files):
        document = json.loads(files[L])
        alter(document)
        files[L] = json.dumps(document, indent=4, separators=(",", ": "), sort_keys=True) + "\n"
    return change


def put(*path, value):
    """Sets a value of the lock; `None` takes it away."""
    def alter(document):
        *folders, last = path
        for key in folders:
            document = document[key]
        document.pop(last) if value is None else document.__setitem__(last, value)
    return lock(alter)


def relocked(alter):
    """The lock that Pipenv makes of the altered manifest."""
    def change(files):
        alter(files)
        files.update(locked({path: text for path, text in files.items() if path != L}))
    return change


def set_lock(text):
    return lambda files: files.__setitem__(L, text(files[L]))


if __name__ == "__main__":
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    name = "@".join(["pipenv", *sys.argv[1:]])
    # The hash is over the address of the source too: it stays.
    oracle = Oracle(name, f"pipenv {version_of('pipenv')}", locked(FILES))
    case = lambda name, *changes: oracle.case(name, both(*changes), ask)
    whole = lambda name, *changes: oracle.case(name, both(*changes), lambda *asked: ask(*asked, is_whole=True))
    six, docs = 'six = ">=1.15"\n', '[docs]\nsniffio = "==1.3.*"\n'
    whole("unchanged")
    whole("range-still-satisfied", replace(P, ">=1.15", ">=1.16"))
    case("range-not-satisfied", replace(P, ">=1.15", "<1.15"))
    case("range-spaces", replace(P, ">=1.15", ">= 1.15"))
    case("added", replace(P, six, six + 'attrs = ">=20"\n'))
    whole("removed", replace(P, six, ""))
    case("moved-to-dev", replace(P, six, ""), replace(P, "[dev-packages]\n", "[dev-packages]\n" + six))
    case("moved-to-a-category", replace(P, six, ""), replace(P, "[docs]\n", "[docs]\n" + six))
    case("reordered", replace(P, six, ""), replace(P, "editable = true}\n", "editable = true}\n" + six))
    case("sections-reordered", replace(P, docs, ""), add(P, "\n" + docs))
    case("comment", add(P, "\n# a comment\n"))
    case("quotes", replace(P, '">=1.15"', "'>=1.15'"))
    case("as-a-table", replace(P, 'six = ">=1.15"', 'six = {version = ">=1.15"}'))
    case("subtable", replace(P, 'idna = {version = "~=3.4", markers = "python_version >= \'3.8\'"}\n', ""),
         replace(P, "[dev-packages]", '[packages.idna]\nmarkers = "python_version >= \'3.8\'"\nversion = "~=3.4"\n\n[dev-packages]'))
    case("name-case", replace(P, "six =", "Six ="))
    case("name-relocked-as-written", relocked(replace(P, "six =", "Six =")))
    case("name-relocked-and-changed", relocked(replace(P, "six =", "Six =")), replace(P, ">=1.15", ">=1.16"))
    case("name-separator", relocked(replace(P, six, six + 'typing-extensions = "*"\n')), replace(P, 'typing-extensions = "*"', 'typing_extensions = ">=4"'))
    case("marker-changed", replace(P, "'3.8'", "'3.9'"))
    case("marker-removed", replace(P, ', markers = "python_version >= \'3.8\'"', ""))
    case("extras-added", replace(P, 'version = "~=3.4"', 'version = "~=3.4", extras = ["all"]'))
    case("index-added", replace(P, 'version = "~=3.4"', 'version = "~=3.4", index = "pypi"'))
    case("editable-changed", replace(P, "editable = true", "editable = false"))
    case("path-changed", replace(P, "./helper", "helper"))
    case("path-dependency-version", replace("helper/setup.py", "1.0.0", "1.0.1"))
    case("git-added", replace(P, six, six + 'attrs = {git = "https://git.invalid/attrs.git", ref = "main"}\n'))
    case("category-changed", replace(P, "1.3.*", "1.3.1"))
    case("category-added", add(P, '\n[more]\nsix = "*"\n'))
    case("category-emptied", replace(P, docs, "[docs]\n"))
    case("category-removed", replace(P, docs, ""))
    case("category-renamed", replace(P, "[docs]", "[texts]"))
    case("source-renamed", replace(P, 'name = "pypi"', 'name = "main"'))
    case("source-added", replace(P, "[packages]", '[[source]]\nname = "other"\nurl = "https://pypi.org/simple/"\nverify_ssl = true\n\n[packages]'))
    case("source-default", replace(P, '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n\n', ""))
    case("source-without-verification", replace(P, "verify_ssl = true", "verify_ssl = false"))
    case("source-address", replace(P, "/simple\"", "/simple/\""))
    case("requires-changed", replace(P, 'python_version = "%d.%d"' % sys.version_info[:2], 'python_version = "3"'))
    case("dev-pinned", replace(P, 'iniconfig = "*"', 'iniconfig = "==2.0.0"'))
    case("dev-marker-added", replace(P, 'iniconfig = "*"', 'iniconfig = {version = "*", sys_platform = "== \'linux\'"}'))
    case("dev-added", replace(P, 'iniconfig = "*"', 'iniconfig = "*"\nzipp = "*"'))
    case("moved-from-dev", replace(P, 'iniconfig = "*"\n', ""), replace(P, six, six + 'iniconfig = "*"\n'))
    case("script-removed", replace(P, '[scripts]\nhello = "echo hello"\n', ""))
    case("requires-removed", replace(P, '[requires]\npython_version = "%d.%d"\n\n' % sys.version_info[:2], ""))
    case("script-changed", replace(P, "echo hello", "echo bye"))
    case("settings-added", add(P, "\n[pipenv]\nallow_prereleases = true\n"))
    case("not-ascii", relocked(add(P, '\n["caf\u00e9"]\nsix = "*"\n')))
    case("lock-entry-removed", put("default", "six", value=None))
    case("lock-entry-extra", put("default", "zipp", value={"version": "==3.20.0", "hashes": []}))
    case("lock-integrity-removed", put("default", "six", "hashes", value=None))
    case("lock-hash-tampered", put("_meta", "hash", "sha256", value="0" * 64))
    whole("lock-hash-removed", put("_meta", "hash", value=None))
    case("lock-meta-removed", put("_meta", value=None))
    case("lock-develop-removed", put("develop", value=None))
    case("lock-category-removed", put("docs", value=None))
    case("lock-sources-changed", put("_meta", "sources", value=[]))
    case("lock-compact", set_lock(lambda text: json.dumps(json.loads(text)) + "\n"))
    # A lock that cannot be read is put aside by an older Pipenv, which then finds nothing wrong: its answer is not ours.
    if not sys.argv[1:]:
        case("lock-conflict-markers", set_lock(lambda text: text.replace("    },\n    \"default\"", "<<<<<<< ours\n    },\n=======\n    },\n>>>>>>> theirs\n    \"default\"")))
        whole("lock-cut", set_lock(lambda text: text[: len(text) // 2]))
        case("lock-a-list", set_lock(lambda text: "[]\n"))
    whole("no-lock", gone(L))
    oracle.save()
