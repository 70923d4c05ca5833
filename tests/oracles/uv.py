"""Asks uv. Needs `uv` and `git` on the PATH, Python 3.10 or newer, and a package index."""

import shutil
import subprocess
import tempfile

from oracle import IN, OUT, Oracle, add, both, gone, made, replace, run, write

STAY = tempfile.mkdtemp(prefix="oracle-uv-")
GIT = f"file://{STAY}/widget.git"

FILES = {
    "pyproject.toml": """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = [
    "six>=1.15",
    "lib",
    "idna>=3 ; python_version >= '3.8'",
    "colorama>=0.4 ; sys_platform == 'win32'",
    "widget",
    "local",
]

[project.optional-dependencies]
net = ["sniffio>=1.2", "h11>=0.14"]

[dependency-groups]
dev = ["iniconfig>=2", { include-group = "lint" }]
lint = ["pathspec>=0.9"]
empty = []

[tool.uv]
constraint-dependencies = ["six<2"]
override-dependencies = ["h11<1"]

[[tool.uv.index]]
url = "https://pypi.org/simple"
default = true

[tool.uv.sources]
lib = { workspace = true }
widget = { git = "GIT", tag = "v1" }
local = { path = "vendor/local" }

[tool.uv.workspace]
members = ["packages/*"]
exclude = ["packages/old"]
""".replace("GIT", GIT),
    "packages/lib/pyproject.toml": """\
[project]
name = "lib"
version = "0.2.0"
requires-python = ">=3.10"
dependencies = ["sniffio"]

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
""",
    "packages/old/pyproject.toml": """\
[project]
name = "old"
version = "0.2.0"
requires-python = ">=3.10"
dependencies = []
""",
    "vendor/local/pyproject.toml": """\
[project]
name = "local"
version = "3.0.0"
requires-python = ">=3.10"
dependencies = ["iniconfig"]

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
""",
}

EXTRA_MEMBER = """\
[project]
name = "more"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = []
"""


def widget():
    """A repository with a tag; its dates are fixed, so that its commits are."""
    folder = f"{STAY}/widget.git"
    env = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "oracle"), ("EMAIL", "o@example.org"), ("DATE", "2024-01-01T00:00:00Z"))}
    write({"pyproject.toml": '[project]\nname = "widget"\nversion = "1.0"\n'}, folder)
    for args in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v1"], ["tag", "v2"]):
        run(["git", *args], folder, env=env, check=True)


def keep(name):
    return name.endswith((".toml", "uv.lock"))


def lock(folder):
    return run(["uv", "lock", "-q"], folder)


def ask(folder, files):
    strict, _ = run(["uv", "lock", "--check", "-q"], folder)
    before = files.get("uv.lock")
    code, _ = lock(folder)
    path = folder / "uv.lock"
    after = path.read_text() if path.exists() else None
    return IN if strict == 0 else OUT, IN if code == 0 and before == after else OUT


def clean(text):
    for real, made_up in (
        ("https://pypi.org/simple", "https://index.example.org/simple"),
        ("files.pythonhosted.org", "files.example.org"),
        (GIT, "https://git.example.org/widget"),
    ):
        text = text.replace(real, made_up)
    return text


def locked(files):
    return made(files, ["uv", "lock"], keep=keep)


def relock(change):
    """A base with a change, locked anew: what the tool makes is in sync."""
    def to(files):
        change(files)
        files.pop("uv.lock", None)
        files.update(locked(files))
    return to


def lines(path, start, end, put=""):
    """Everything from `start` up to and with `end` replaced."""
    def change(files):
        text = files[path]
        at = text.index(start)
        stop = text.index(end, at) + len(end)
        files[path] = text[:at] + put + text[stop:]
    return change


P, L, LIB = "pyproject.toml", "uv.lock", "packages/lib/pyproject.toml"

if __name__ == "__main__":
    widget()
    version = subprocess.check_output(["uv", "--version"], text=True).split()[1]
    oracle = Oracle("uv", f"uv {version}", locked(FILES), clean)
    case = lambda name, *changes: oracle.case(name, both(*changes), ask)
    case("unchanged")
    case("range-still-satisfied", replace(P, '"six>=1.15"', '"six>=1.16"'))
    case("range-not-satisfied", replace(P, '"six>=1.15"', '"six<1.15"'))
    case("range-same-in-other-words", replace(P, '"six>=1.15"', '"Six  >= 1.15.0"'))
    case("two-ranges-other-order", relock(replace(P, '"six>=1.15"', '"six<3,>=1.15"')), replace(P, "six<3,>=1.15", "six>=1.15,<3"))
    case("added", replace(P, '    "lib",\n', '    "lib",\n    "attrs",\n'))
    case("removed", replace(P, '    "six>=1.15",\n', ""))
    case("moved-to-dev", replace(P, '    "six>=1.15",\n', ""), replace(P, 'dev = [', 'dev = ["six>=1.15", '))
    case("moved-to-extra", replace(P, '    "six>=1.15",\n', ""), replace(P, 'net = [', 'net = ["six>=1.15", '))
    case("reordered", replace(P, '    "six>=1.15",\n    "lib",\n', '    "lib",\n    "six>=1.15",\n'))
    case("comment", add(P, "\n# a comment\n"))
    case("marker-changed", replace(P, "sys_platform == 'win32'", "sys_platform == 'darwin'"))
    case("marker-removed", replace(P, "colorama>=0.4 ; sys_platform == 'win32'", "colorama>=0.4"))
    case("marker-implied-removed", replace(P, "idna>=3 ; python_version >= '3.8'", "idna>=3"))
    case("marker-same-in-other-words", replace(P, "python_version >= '3.8'", "python_full_version >= '3.7'"))
    case("marker-narrowed", replace(P, "python_version >= '3.8'", "python_version >= '3.12'"))
    case("marker-two-platforms", replace(P, "sys_platform == 'win32'", "sys_platform == 'win32' or os_name == 'nt'"))
    case("extra-added", replace(P, "[dependency-groups]", 'more = ["six"]\n\n[dependency-groups]'))
    case("extra-renamed", replace(P, 'net = [', 'web = ['))
    case("extra-case", replace(P, 'net = [', 'NET = ['))
    case("self-extra", relock(replace(P, "[dependency-groups]", 'all = ["app[net]"]\n\n[dependency-groups]')))
    case("self-extra-added", replace(P, "[dependency-groups]", 'all = ["app[net]"]\n\n[dependency-groups]'))
    case("requirement-extra-added", replace(P, '"idna>=3 ;', '"idna[all]>=3 ;'))
    case("group-changed", replace(P, '"pathspec>=0.9"', '"pathspec>=0.10"'))
    case("group-include-removed", replace(P, ', { include-group = "lint" }', ""))
    case("group-empty-removed", replace(P, "empty = []\n", ""))
    case("group-missing-include", replace(P, '{ include-group = "lint" }', '{ include-group = "none" }'))
    case("dev-dependencies-of-uv", replace(P, "[tool.uv]\n", '[tool.uv]\ndev-dependencies = ["six"]\n'))
    case("requires-python-raised", replace(P, ">=3.10", ">=3.11"))
    case("requires-python-lowered-in-one", replace(LIB, ">=3.10", ">=3.9"))
    case("requires-python-same", replace(P, ">=3.10", ">=3.10.0"))
    case("constraint-changed", replace(P, '["six<2"]', '["six<3"]'))
    case("constraint-removed", replace(P, 'constraint-dependencies = ["six<2"]\n', ""))
    case("override-changed", replace(P, '["h11<1"]', '["h11<2"]'))
    case("override-added", replace(P, '["h11<1"]', '["h11<1", "idna>=3"]'))
    case("build-constraint-added", replace(P, "[tool.uv]\n", '[tool.uv]\nbuild-constraint-dependencies = ["setuptools>60"]\n'))
    case("resolution-changed", replace(P, "[tool.uv]\n", '[tool.uv]\nresolution = "lowest"\n'))
    case("prerelease-changed", replace(P, "[tool.uv]\n", '[tool.uv]\nprerelease = "allow"\n'))
    case("exclude-newer-added", replace(P, "[tool.uv]\n", '[tool.uv]\nexclude-newer = "2026-01-01T00:00:00Z"\n'))
    case("exclude-newer", relock(replace(P, "[tool.uv]\n", '[tool.uv]\nexclude-newer = "2026-01-01T00:00:00Z"\n')))
    case("environments-added", replace(P, "[tool.uv]\n", "[tool.uv]\nenvironments = [\"sys_platform == 'linux'\"]\n"))
    case("environments", relock(replace(P, "[tool.uv]\n", "[tool.uv]\nenvironments = [\"sys_platform == 'linux'\"]\n")))
    conflicts = replace(P, "[tool.uv]\n", '[tool.uv]\nconflicts = [[{ extra = "net" }, { group = "lint" }]]\n')
    case("conflicts-added", conflicts)
    case("conflicts", relock(conflicts))
    case("uv-toml-replaces-settings", add("uv.toml", 'resolution = "lowest-direct"\n'))
    case("index-replaced", replace(P, "https://pypi.org/simple", "https://pypi.org/other"))
    case("index-added", add(P, '\n[[tool.uv.index]]\nname = "more"\nurl = "https://more.example.org/simple"\nexplicit = true\n'))
    case("source-index", relock(both(replace(P, "lib = { workspace", 'six = { index = "main" }\nlib = { workspace'), add(P, '\n[[tool.uv.index]]\nname = "main"\nurl = "https://pypi.org/simple"\nexplicit = true\n'))))
    case("source-index-added", replace(P, "lib = { workspace", 'six = { index = "main" }\nlib = { workspace'), add(P, '\n[[tool.uv.index]]\nname = "main"\nurl = "https://pypi.org/simple"\nexplicit = true\n'))
    case("git-tag-changed", replace(P, 'tag = "v1"', 'tag = "v2"'))
    case("git-tag-to-rev", replace(P, 'tag = "v1"', 'rev = "v1"'))
    case("git-to-registry", replace(P, f'widget = {{ git = "{GIT}", tag = "v1" }}\n', ""))
    case("git-as-requirement", relock(both(replace(P, '    "widget",\n', f'    "widget @ git+{GIT}@v1",\n'), replace(P, f'widget = {{ git = "{GIT}", tag = "v1" }}\n', ""))))
    case("path-editable", replace(P, 'path = "vendor/local"', 'path = "vendor/local", editable = true'))
    case("path-dependency-asks-more", replace("vendor/local/pyproject.toml", '["iniconfig"]', '["iniconfig", "six"]'))
    case("path-dependency-version", replace("vendor/local/pyproject.toml", '"3.0.0"', '"3.0.1"'))
    case("source-marker", replace(P, 'path = "vendor/local"', "path = \"vendor/local\", marker = \"sys_platform == 'linux'\""))
    case("member-asks-more", replace(LIB, '["sniffio"]', '["sniffio", "six"]'))
    case("member-range", replace(LIB, '["sniffio"]', '["sniffio>=1"]'))
    case("member-version", replace(LIB, '"0.2.0"', '"0.2.1"'))
    case("member-added", add("packages/more/pyproject.toml", EXTRA_MEMBER))
    case("member-removed", gone(LIB), replace(P, '    "lib",\n', ""), replace(P, "lib = { workspace = true }\n", ""))
    case("member-included", replace(P, 'exclude = ["packages/old"]\n', ""))
    case("member-not-a-source", replace(P, "lib = { workspace = true }\n", ""))
    case("member-editable-false", replace(P, "lib = { workspace = true }", "lib = { workspace = true, editable = false }"))
    case("member-no-package", add(LIB, "\n[tool.uv]\npackage = false\n"))
    case("root-package", add(P, "\n[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n"))
    case("version-bumped", replace(P, 'version = "0.1.0"', 'version = "0.1.1"'))
    case("version-same", replace(P, 'version = "0.1.0"', 'version = "0.1"'))
    case("version-dynamic", replace(P, 'version = "0.1.0"', 'dynamic = ["version"]'))
    case("renamed", replace(P, 'name = "app"', 'name = "application"'))
    case("lock-entry-removed", lines(L, '[[package]]\nname = "six"', "]\n\n"))
    case("lock-extra-entry", replace(L, '[[package]]\nname = "sniffio"', '[[package]]\nname = "stray"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\n\n[[package]]\nname = "sniffio"'))
    case("lock-entry-twice", lambda files: add(L, files[L][files[L].index('\n[[package]]\nname = "sniffio"'):])(files))
    case("lock-record-removed", replace(L, '    { name = "six", specifier = ">=1.15" },\n', ""))
    case("lock-integrity-removed", lambda files: files.__setitem__(L, __import__("re").sub(r', hash = "sha256:[0-9a-f]+"', "", files[L], count=1)))
    case("lock-version-tampered", lambda files: files.__setitem__(L, __import__("re").sub(r'(name = "six"\nversion = ")[^"]+', r"\g<1>1.15.0", files[L])))
    case("lock-revision-lower", replace(L, "revision = 5", "revision = 3"))
    case("lock-revision-higher", replace(L, "revision = 5", "revision = 9"))
    case("lock-version-higher", replace(L, "version = 1\n", "version = 2\n"))
    case("lock-no-version", replace(L, "version = 1\nrevision", "revision"))
    case("lock-conflict-markers", replace(L, "version = 1\n", "<<<<<<< ours\nversion = 1\n=======\nversion = 1\n>>>>>>> theirs\n"))
    case("lock-empty", lambda files: files.__setitem__(L, ""))
    case("lock-cut", lambda files: files.__setitem__(L, files[L][: len(files[L]) // 2]))
    case("lock-reformatted", replace(L, '\n[[package]]\nname = "six"', '\n\n# a comment\n[[package]]\nname = "six"'))
    case("no-lock", gone(L))
    case("manifest-broken", add(P, "\n[tool.uv\n"))
    oracle.save()
    shutil.rmtree(STAY)
