"""Asks PDM. Needs `pdm` on the PATH and a package index. A name as the argument (`2.15`) goes into the name of the cases: they are
those of an older PDM."""

import functools
import re
import sys

from oracle import IN, OUT, Oracle, add, both, gone, made, replace, run, sub_in, version_of

P, L, M = "pyproject.toml", "pdm.lock", "packages/member/pyproject.toml"
FILES = {
    P: """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["six>=1.15", "idna>=3 ; python_version >= '3.8'"]

[project.optional-dependencies]
net = ["sniffio>=1.2"]

[dependency-groups]
lint = ["iniconfig>=2"]
all = [{include-group = "lint"}, "toml"]

[tool.pdm]
distribution = false

[tool.pdm.dev-dependencies]
Docs_Site = ["pathspec>=0.10"]

[tool.pdm.workspace]
members = ["packages/*"]

[tool.pdm.resolution.overrides]
toml = ">=0.10"

[[tool.pdm.source]]
name = "pypi"
url = "https://pypi.org/simple"
verify_ssl = true
""",
    M: """\
[project]
name = "member"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["zipp>=3"]

[build-system]
requires = ["pdm-backend"]
build-backend = "pdm.backend"
""",
}
ENV = {"PDM_CHECK_UPDATE": "0", "PDM_USE_VENV": "0", "PDM_IGNORE_SAVED_PYTHON": "1", "NO_COLOR": "1", "COLUMNS": "300"}
PYTHON = {"PDM_PYTHON": sys.executable}


def pdm(args, folder):
    return run(["pdm", *args], folder, {**ENV, **PYTHON})


def ask(folder, files):
    """The strict install, without putting anything anywhere; its check alone has to agree with it where that says no. Whether
    `pdm install` would write the lock anew hangs on the same check."""
    check, _ = pdm(["lock", "--check"], folder)
    strict, said = pdm(["install", "--check", "--dry-run", "--no-self"], folder)
    assert check == 0 or strict != 0, said
    if check == 0 and strict != 0:
        print(f"the check takes it, and the install does not: {said[-300:]}")
    return IN if strict == 0 else OUT, IN if check == 0 else OUT


sub = functools.partial(sub_in, L, flags=re.S)


def put(path, text):
    return lambda files: files.__setitem__(path, text)


if __name__ == "__main__":
    # The hash is over the address of the source too: it stays.
    base = made(FILES, ["pdm", "lock", "-G", ":all"], keep=lambda name: name in FILES or name == L, env={**ENV, **PYTHON})
    oracle = Oracle("@".join(["pdm", *sys.argv[1:]]), f"pdm {version_of('pdm')}", base)
    case = lambda name, *changes: oracle.case(name, both(*changes), ask, (P, L))
    six = '"six>=1.15", '
    case("unchanged")
    case("range-still-satisfied", replace(P, "six>=1.15", "six>=1.16"))
    case("range-not-satisfied", replace(P, "six>=1.15", "six<1.15"))
    case("range-spaces", replace(P, "six>=1.15", "six >= 1.15"))
    case("added", replace(P, six, six + '"attrs>=20", '))
    case("removed", replace(P, six, ""))
    case("moved-to-dev", replace(P, six, ""), replace(P, '["iniconfig>=2"]', '["iniconfig>=2", "six>=1.15"]'))
    case("moved-to-extra", replace(P, six, ""), replace(P, '["sniffio>=1.2"]', '["sniffio>=1.2", "six>=1.15"]'))
    case("reordered", replace(P, six, ""), replace(P, "'3.8'\"]", "'3.8'\", \"six>=1.15\"]"))
    case("comment", add(P, "\n# a comment\n"))
    case("formatting", replace(P, '["sniffio>=1.2"]', '[\n    "sniffio>=1.2",\n]'))
    case("marker-changed", replace(P, "'3.8'", "'3.9'"))
    case("extra-renamed", replace(P, "net = [", "web = ["))
    case("extra-added", replace(P, "[dependency-groups]", 'more = ["six"]\n\n[dependency-groups]'))
    case("group-changed", replace(P, "iniconfig>=2", "iniconfig>=2.0"))
    case("group-renamed", replace(P, "lint = [", "check = ["), replace(P, 'include-group = "lint"', 'include-group = "check"'))
    case("group-name-spelling", replace(P, "lint = [", "Lint = ["))
    case("group-of-pdm-changed", replace(P, "pathspec>=0.10", "pathspec>=0.11"))
    case("group-of-pdm-spelling", replace(P, "Docs_Site", "docs-site"))
    case("group-of-pdm-into-standard", replace(P, '[tool.pdm.dev-dependencies]\nDocs_Site = ["pathspec>=0.10"]\n\n', ""), replace(P, "lint = [", 'docs-site = ["pathspec>=0.10"]\nlint = ['))
    case("group-in-both", replace(P, "Docs_Site = [", 'lint = ["six"]\nDocs_Site = ['))
    case("group-repeated", replace(P, "lint = [", 'LINT = ["six"]\nlint = ['))
    case("override-changed", replace(P, 'toml = ">=0.10"', 'toml = ">=0.9"'))
    case("override-not-satisfied", replace(P, 'toml = ">=0.10"', 'toml = "<0.10"'))
    case("override-removed", replace(P, '[tool.pdm.resolution.overrides]\ntoml = ">=0.10"\n\n', ""))
    case("resolution-changed", replace(P, "[tool.pdm.resolution.overrides]", "[tool.pdm.resolution]\nrespect-source-order = true\n\n[tool.pdm.resolution.overrides]"))
    case("requires-python", replace(P, 'requires-python = ">=3.11"', 'requires-python = ">=3.12"'))
    case("source-renamed", replace(P, 'name = "pypi"', 'name = "main"'))
    case("source-removed", replace(P, '\n[[tool.pdm.source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n', ""))
    case("git-added", replace(P, six, six + '"attrs @ git+https://git.invalid/attrs.git@main", '))
    case("version-bumped", replace(P, "0.1.0", "0.2.0"))
    case("script-added", add(P, '\n[tool.pdm.scripts]\nhello = "echo hello"\n'))
    case("not-ascii", replace(P, "net = [", '"caf\u00e9" = ["sniffio"]\nnet = ['))
    case("member-dependency-changed", replace(M, "zipp>=3", "zipp>=3.1"))
    case("member-dependency-added", replace(M, '"zipp>=3"', '"zipp>=3", "attrs"'))
    case("member-version-bumped", replace(M, "1.0.0", "1.0.1"))
    case("member-added", put("packages/more/pyproject.toml", '[project]\nname = "more"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = []\n'))
    case("member-removed", gone(M))
    case("workspace-removed", replace(P, '[tool.pdm.workspace]\nmembers = ["packages/*"]\n\n', ""))
    case("members-named", replace(P, '["packages/*"]', '["packages/member", "packages/none"]'))
    case("lock-entry-removed", sub(r'\[\[package\]\]\nname = "six".*?(?=\[\[package\]\]|$)', ""))
    case("lock-entry-of-a-group-removed", sub(r'\[\[package\]\]\nname = "pathspec".*?(?=\[\[package\]\]|$)', ""))
    case("lock-entry-extra", lambda files: files.__setitem__(L, files[L] + '\n[[package]]\nname = "attrs"\nversion = "23.1.0"\nrequires_python = ">=3.7"\nsummary = ""\ngroups = ["default"]\nfiles = []\n'))
    case("lock-integrity-removed", sub(r'(?<=name = "six").*?files = \[\n.*?\n\]', lambda found: re.sub(r"files = \[.*", "files = []", found.group(), flags=re.S)))
    case("lock-version-tampered", sub(r'name = "six"\nversion = "[^"]+"', 'name = "six"\nversion = "1.14.0"'))
    case("lock-hash-tampered", sub(r'content_hash = "sha256:\w{8}', 'content_hash = "sha256:00000000'))
    case("lock-hash-removed", sub(r'content_hash = "[^"]+"\n', ""))
    case("lock-metadata-removed", sub(r'\[metadata\]\n.*?\n\n', ""))
    case("lock-version-removed", sub(r'lock_version = "[\d.]+"\n', ""))
    case("lock-version-major", sub(r'lock_version = "[\d.]+"', 'lock_version = "5.0"'))
    case("lock-version-micro", sub(r'lock_version = "(\d+\.\d+)[\d.]*"', r'lock_version = "\1.9"'))
    case("lock-group-removed", sub(r'(groups = \[[^\]]*?)"[Dd]ocs[-_][Ss]ite"(?:, )?', r"\1"))
    case("lock-conflict-markers", sub(r'\[metadata\]\n', '[metadata]\n<<<<<<< ours\n=======\n>>>>>>> theirs\n'))
    case("lock-cut", lambda files: files.__setitem__(L, files[L][: len(files[L]) // 2]))
    case("lock-empty", put(L, ""))
    # A record of a lock that is not there names no pair.
    oracle.case("no-lock", gone(L), ask)
    oracle.save()
