"""Asks Poetry. Needs `poetry` on the PATH and a package index."""

import functools
import re

from oracle import IN, OUT, UNASKED, Oracle, add, both, gone, made, replace, run, sub_in, version_of

FILES = {
    "pyproject.toml": """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["six>=1.15", "idna>=3 ; python_version >= '3.8'", "helper"]

[project.optional-dependencies]
net = ["sniffio>=1.2"]

[dependency-groups]
lint = ["iniconfig>=2"]

[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
helper = { path = "helper", develop = true }

[tool.poetry.group.docs.dependencies]
pathspec = "^0.12"

[[tool.poetry.source]]
name = "main"
url = "https://pypi.org/simple/"
priority = "primary"
""",
    "helper/pyproject.toml": """\
[project]
name = "helper"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = []

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
""",
}


def ask(folder, files):
    """The check alone: `poetry lock` resolves anew whatever the lock says."""
    strict, _ = run(["poetry", "check", "--lock"], folder)
    return IN if strict == 0 else OUT, UNASKED


def locked(files):
    return made(files, ["poetry", "lock"], keep=lambda name: name.endswith((".toml", ".lock")))


P, L = "pyproject.toml", "poetry.lock"
sub = functools.partial(sub_in, L, flags=re.S)

if __name__ == "__main__":
    # The hash is over the address of the source too: it stays.
    oracle = Oracle("poetry", f"poetry {version_of('poetry')}", locked(FILES))
    case = lambda name, *changes, pair=None: oracle.case(name, both(*changes), ask, pair)
    case("unchanged")
    case("range-still-satisfied", replace(P, "six>=1.15", "six>=1.16"))
    case("range-not-satisfied", replace(P, "six>=1.15", "six<1.15"))
    case("range-spaces", replace(P, "six>=1.15", "six >= 1.15"))
    case("added", replace(P, '"six>=1.15", ', '"six>=1.15", "attrs>=20", '))
    case("removed", replace(P, '"six>=1.15", ', ""))
    case("moved-to-dev", replace(P, '"six>=1.15", ', ""), replace(P, '["iniconfig>=2"]', '["iniconfig>=2", "six>=1.15"]'))
    case("reordered", replace(P, '"six>=1.15", "idna>=3', '"idna>=3'), replace(P, '"helper"]', '"helper", "six>=1.15"]'))
    case("comment", add(P, "\n# a comment\n"))
    case("marker-changed", replace(P, "'3.8'", "'3.9'"))
    case("extra-added", replace(P, "[dependency-groups]", 'more = ["six"]\n\n[dependency-groups]'))
    case("extra-renamed", replace(P, "net = [", "web = ["))
    case("group-changed", replace(P, "iniconfig>=2", "iniconfig>=2.0"))
    case("group-of-poetry-changed", replace(P, "^0.12", "^0.12.1"))
    case("group-of-poetry-not-satisfied", replace(P, "^0.12", "<0.12"))
    case("group-added", replace(P, "[tool.poetry]\n", 'more = ["six"]\n\n[tool.poetry]\n'))
    case("path-develop-changed", replace(P, "develop = true", "develop = false"))
    case("path-dependency-version", replace("helper/pyproject.toml", "1.0.0", "1.0.1"))
    case("requires-python", replace(P, 'requires-python = ">=3.10"', 'requires-python = ">=3.11"'))
    case("source-renamed", replace(P, 'name = "main"', 'name = "other"'))
    case("version-bumped", replace(P, "0.1.0", "0.2.0"))
    case("key-order", replace(P, 'path = "helper", develop = true', 'develop = true, path = "helper"'))
    case("not-ascii", replace(P, "docs.dependencies", '"d\u00f6cs".dependencies'))
    legacy = '[tool.poetry]\nname = "app"\nversion = "0.1.0"\npackage-mode = false\n\n[tool.poetry.dependencies]\npython = "^3.10"\nsix = "^1.15"\n\n[[tool.poetry.source]]\nname = "main"\nurl = "https://pypi.org/simple/"\npriority = "primary"\n'
    old_files = {P: legacy}
    old_files.update(locked(old_files))
    old = lambda files: files.update(old_files)
    # The folder that is no longer asked for is a project without a lock: these cases are about the pair.
    pair = ("pyproject.toml", "poetry.lock")
    case("legacy", old, pair=pair)
    case("legacy-changed", old, replace(P, "^1.15", "^1.16"), pair=pair)
    case("legacy-added", old, replace(P, 'six = "^1.15"\n', 'six = "^1.15"\nidna = "*"\n'), pair=pair)
    case("lock-entry-removed", sub(r'\[\[package\]\]\nname = "six".*?(?=\[\[package\]\]|\[extras\])', ""))
    case("lock-integrity-removed", sub(r'(?<=name = "six").*?files = \[\n.*?\n\]', lambda found: re.sub(r"files = \[.*", "files = []", found.group(), flags=re.S)))
    case("lock-version-tampered", sub(r'name = "six"\nversion = "[^"]+"', 'name = "six"\nversion = "1.15.0"'))
    case("lock-hash-tampered", sub(r'content-hash = "\w{8}', 'content-hash = "00000000'))
    case("lock-hash-removed", sub(r'content-hash = "\w+"\n', ""))
    case("lock-version-higher", sub(r'lock-version = "[\d.]+"', 'lock-version = "3.0"'))
    case("lock-version-minor", sub(r'lock-version = "[\d.]+"', 'lock-version = "2.9"'))
    case("lock-conflict-markers", sub(r'\[metadata\]\n', '[metadata]\n<<<<<<< ours\n=======\n>>>>>>> theirs\n'))
    case("lock-cut", lambda files: files.__setitem__(L, files[L][: len(files[L]) // 2]))
    case("no-lock", gone(L))
    oracle.save()
