"""Asks pip, pip-compile and uv. Needs `pip`, `pip-compile` and `uv` on the PATH, and no package index: the packages are made here.

strict is `pip install --dry-run --no-deps -r requirements.txt`, rewrite the command in the comment at its top, run again with
the file in place: whether it then says something else. Lines in another order say the same.
"""

import functools
import os
import re
import sys

from oracle import IN, OUT, Oracle, add, both, copy, gone, made, replace, run, sub_in, version_of
from wheels import digest, family, pip_takes

I, B, C, L = "requirements.in", "base.in", "limits.txt", "requirements.txt"


WHEELS = family("beta", "gamma", "Epsilon.Lib", "zeta", "setuptools")

for key in ["PIP_FIND_LINKS", "UV_FIND_LINKS"]:
    os.environ[key] = WHEELS
os.environ.update(PIP_NO_INDEX="1", UV_NO_INDEX="1", UV_OFFLINE="1", PIP_CONFIG_FILE="/dev/null", UV_NO_CACHE="1")


def said(text):
    """What a requirements file says, however it is laid out: the blocks of a requirement with its hashes and its `# via`."""
    blocks = [[]]
    for line in text.splitlines():
        line = line.rstrip("\\").rstrip()
        is_further = line.startswith((" ", "\t"))
        if not line or (line.startswith("#") and not is_further):
            blocks.append([])
            continue
        if not is_further:
            blocks.append([])
        blocks[-1].append(re.sub(r"\s+", " ", line).strip())
    return sorted([block[0], *sorted(block[1:])] for block in blocks if block)


def compiler(command):
    def ask(folder, files):
        if L not in files:
            return OUT, OUT
        strict = pip_takes(folder, L)
        again = copy(folder)
        code, out = run(command, again)
        if code:
            print("   ", out.strip()[-300:])
            return strict, OUT
        return strict, IN if said((again / L).read_text()) == said(files[L]) else OUT

    return ask


sub = functools.partial(sub_in, L)


def entry(name):
    """A requirement with its hashes and comments."""
    return rf"^{name}(?:\[\w+\])?==[^\n]*\n(?:[ ]+[^\n]*\n)*"


FILES = {
    I: "-r base.in\n-c limits.txt\nalpha[fast]>=1\nEpsilon.Lib ; python_version >= '3.8'\n",
    B: "delta<2  # not yet\n",
    C: "beta<2\nunused<3\n",
}


def doubled(name, change=lambda text: text):
    return sub(entry(name), lambda found: found.group() + change(found.group()))


def other(name, version):
    """Another package in the place of one, with its own hash."""
    hash = f"sha256:{digest(WHEELS, name, version)}"
    return lambda text: re.sub(r"sha256:\w+", hash, re.sub(r"\A\S+", f"{name}=={version}", text))


def unhashed(files):
    files[L] = re.sub(r" \\\n    --hash=\S+", "", files[L])


def common(case, a):
    """Cases of both compilers; `a` is how the sources ask for alpha."""
    case("unchanged")
    case("range-still-satisfied", replace(I, f"{a}>=1", f"{a}>=1.1"))
    case("range-not-satisfied", replace(I, f"{a}>=1", f"{a}<1.1"))
    case("range-spelled-otherwise", replace(I, f"{a}>=1", f"{a.replace('alpha', 'Alpha')} >= 1.0"))
    case("added", add(I, "zeta\n"))
    case("added-to-base", add(B, "zeta==1.0\n"))
    case("added-that-is-locked", add(I, "gamma\n"))
    case("removed", replace(I, f"{a}>=1\n", ""))
    case("removed-from-base", replace(B, "delta<2  # not yet\n", "# nothing\n"))
    case("moved-to-base", replace(I, f"{a}>=1\n", ""), add(B, f"{a}>=1\n"))
    case("base-no-longer-taken-in", replace(I, "-r base.in\n", ""))
    case("base-not-satisfied", replace(B, "delta<2", "delta>=2"))
    case("limit-satisfied", replace(C, "beta<2", "beta<1.5"))
    case("limit-not-satisfied", replace(C, "beta<2", "beta<1.1"))
    case("limit-added", add(C, "gamma<3\n"))
    case("limit-removed", replace(C, "beta<2\n", ""))
    case("limit-of-what-is-not-locked", add(C, "zeta<2\n"))
    case("marker-added", replace(I, f"{a}>=1", f"{a}>=1 ; sys_platform == 'win32'"))
    case("pinned-as-locked", replace(I, f"{a}>=1", f"{a}==2.0"))
    case("pinned-otherwise", replace(I, f"{a}>=1", f"{a}==1.1"))
    case("locked-version-excluded", replace(I, f"{a}>=1", f"{a}!=2.0"))
    case("compatible-release", replace(I, f"{a}>=1", f"{a}~=2.0"))
    case("two-added", add(I, "zeta\n"), add(B, "beta\n"))
    case("limits-no-longer-taken-in", replace(I, "-c limits.txt\n", ""))
    case("comment-added", add(I, "# a comment\n\n"))
    case("comment-in-lock", sub(r"^alpha", "# by hand\nalpha"))
    case("reordered", replace(I, "-r base.in\n", ""), add(I, "-r base.in\n"))
    case("twice-in-source", add(B, "alpha<3\n"))
    case("twice-in-source-not-satisfied", add(B, "alpha<1.1\n"))
    case("line-goes-on", replace(I, f"{a}>=1\n", f"{a} \\\n  >=1\n"))
    case("lock-ends-lines-otherwise", lambda files: files.__setitem__(L, files[L].replace("\n", "\r\n")))
    case("lock-direct-entry-removed", sub(entry("alpha"), ""))
    case("lock-parent-entry-removed", sub(entry("delta"), ""))
    case("lock-extra-entry", doubled("gamma", lambda text: other("zeta", "1.0")(text).replace("delta", "eta")))
    case("lock-extra-entry-without-comment", doubled("gamma", lambda text: other("zeta", "1.0")(text).split("    # via")[0]))
    case("lock-version-not-asked-for", sub(entry("delta"), lambda found: other("delta", "2.0")(found.group())))
    case("lock-not-pinned", sub(r"^delta==[\d.]+", "delta>=1.0"))
    case("lock-pinned-by-star", sub(r"^delta==[\d.]+", "delta==1.*"))
    case("lock-not-a-requirement", sub(r"^delta==[\d.]+", "delta=1.0"))
    case("lock-unknown-option", sub(r"^alpha", "--no-such-option\nalpha"))
    case("lock-twice", doubled("gamma"))
    case("lock-twice-at-two-versions", doubled("gamma", lambda text: text.replace("gamma==2.0", "gamma==1.0")))
    case("lock-conflict-markers", sub(r"^alpha", "<<<<<<< ours\n=======\n>>>>>>> theirs\nalpha"))
    case("lock-comment-of-nobody", sub(r"(# (?:  |via ))delta\n", r"\1nobody\n"))
    case("lock-header-removed", sub(r"\A(?:#[^\n]*\n)+", ""))
    case("no-lock", gone(L))


def of_hashes(case):
    """pip's rules for hashes."""
    hashes = r"(?<=^delta==1\.1) \\\n    --hash=\S+"
    more = lambda text: doubled("gamma", lambda _: text)
    case("hash-removed", sub(hashes, ""))
    case("hashes-removed", unhashed)
    case("hash-removed-under-marker", sub(hashes, " ; python_version >= '3.0'"))
    case("hash-removed-under-marker-that-never-holds", sub(hashes, " ; python_version < '3.0'"))
    case("hash-of-md5", sub(r"(?<=^delta==1\.1 \\\n    --hash=)sha256:\w{32}", "md5:"))
    case("hash-without-its-name", sub(r"(?<=^delta==1\.1 \\\n    --hash=)sha256:", ""))
    case("from-git", more("zeta @ git+https://git.example.org/zeta@" + "0" * 40 + "\n"))
    case("folder", more("./own\n"), add("own/pyproject.toml", '[project]\nname = "own"\nversion = "1"\n'))
    case("editable", more("-e ./own\n"), add("own/pyproject.toml", '[project]\nname = "own"\nversion = "1"\n'))
    case("address-without-hash", more("https://example.org/zeta-1.0-py3-none-any.whl\n"))
    case("hashes-required-and-none-there", sub(r"^alpha", "--require-hashes\nalpha"), unhashed)
    case("taken-in-without-hash", add("more.txt", "zeta==1.0\n"), sub(r"^alpha", "-r more.txt\nalpha"))
    case("comment-ends-what-goes-on", sub(r"(?<=^delta==1\.1 \\\n)", "# a comment\n"))


pip, tools, uv = map(version_of, ["pip", "pip-compile", "uv"])


def oracle_of(name, tool, files, command):
    oracle = Oracle(name, tool, made(files, command))
    ask = compiler(command)
    return oracle, lambda name, *changes, pair=None: oracle.case(name, both(*changes), ask, pair)


def of_pip_compile():
    options = ["--no-strip-extras", "--no-emit-find-links", "--no-emit-index-url", "--generate-hashes"]
    command = ["pip-compile", "-q", *options, I]
    oracle, case = oracle_of("requirements", f"pip-compile {tools}, pip {pip}", FILES, command)
    common(case, "alpha[fast]")
    of_hashes(case)
    case("marker-changed", replace(I, "'3.8'", "'3.9'"))
    case("marker-removed", replace(I, " ; python_version >= '3.8'", ""))
    case("extras-removed", replace(I, "alpha[fast]", "alpha"))
    case("extras-added", replace(B, "delta<2", "delta[more]<2"))
    case("left-out-by-itself", add(I, "setuptools\n"))
    oracle.save()


def of_uv():
    files = {**FILES, I: "-r base.in\n-c limits.txt\nalpha>=1\nEpsilon.Lib\n"}
    command = ["uv", "pip", "compile", "-q", I, "-o", L, "--generate-hashes"]
    oracle, case = oracle_of("requirements@uv", f"uv {uv} (`uv pip compile`), pip {pip}", files, command)
    common(case, "alpha")
    of_hashes(case)
    case("extras-added", replace(I, "alpha", "alpha[fast]"))
    case("marker-that-holds-added", replace(I, "Epsilon.Lib", "Epsilon.Lib ; python_version >= '3.0'"))
    oracle.save()


def of_project():
    project = {
        "pyproject.toml": """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["alpha>=1", "epsilon-lib"]

[project.optional-dependencies]
net = ["delta<2"]
other = ["zeta"]

[dependency-groups]
dev = ["beta<2", {include-group = "lint"}]
lint = ["gamma"]
""",
    }
    command = ["uv", "pip", "compile", "-q", "pyproject.toml", "--extra", "net", "--group", "dev", "-o", L]
    oracle, case = oracle_of("requirements@project", f"uv {uv} (`uv pip compile pyproject.toml`), pip {pip}", project, command)
    P = "pyproject.toml"
    case("unchanged")
    case("range-still-satisfied", replace(P, "alpha>=1", "alpha>=1.1"))
    case("range-not-satisfied", replace(P, "alpha>=1", "alpha<2"))
    case("added", replace(P, '"epsilon-lib"', '"epsilon-lib", "zeta"'))
    case("removed", replace(P, ', "epsilon-lib"', ""))
    case("extra-not-satisfied", replace(P, "delta<2", "delta<1.1"))
    case("extra-added-to", replace(P, '"delta<2"', '"delta<2", "zeta"'))
    case("other-extra-changed", replace(P, '"zeta"', '"zeta<2"'))
    case("extra-removed", replace(P, 'net = ["delta<2"]\n', ""))
    case("group-not-satisfied", replace(P, "beta<2", "beta<1.1"))
    case("group-of-group-changed", replace(P, 'lint = ["gamma"]', 'lint = ["gamma<2"]'))
    case("group-added-to", replace(P, '"beta<2"', '"beta<2", "zeta"'))
    case("group-no-longer-taken-in", replace(P, ', {include-group = "lint"}', ""))
    case("moved-to-group", replace(P, ', "epsilon-lib"', ""), replace(P, '"beta<2"', '"beta<2", "epsilon-lib"'))
    case("version-bumped", replace(P, "0.1.0", "0.2.0"))
    case("renamed", replace(P, '"app"', '"other"'))
    case("comment", add(P, "\n# a comment\n"))
    case("lock-entry-removed", sub(entry("epsilon-lib"), ""))
    case("lock-not-pinned", sub(r"^delta==[\d.]+", "delta>=1.0"))
    case("lock-extra-entry", sub(r"\Z", "zeta==1.0\n    # via eta\n"))
    oracle.save()


if __name__ == "__main__":
    parts = {"pip-compile": of_pip_compile, "uv": of_uv, "project": of_project}
    for name in sys.argv[1:] or parts:
        parts[name]()
