"""bun: `python3 tests/oracles/bun.py PATH-TO-BUN` writes `bun.cases`.

The path is that of the program, as `npm install bun` leaves it in `node_modules/.bin`. A registry must be reached. Strict is
`bun install --frozen-lockfile`, ordinary `bun install`. An ordinary install that fails does not leave the lock as it is, and
counts as out of sync.
"""

import json
import os
import re
import shutil
import sys
import tempfile

from oracle import IN, OUT, UNASKED, Oracle, both, copy, files_of, gone, run, write

BUN = os.path.abspath(sys.argv[1])
ENV = {"CI": "", "HOME": tempfile.mkdtemp(), "BUN_INSTALL_CACHE_DIR": tempfile.mkdtemp()}
VERSION = run([BUN, "--version"], "/tmp", ENV, check=True)[1].strip()
LOCK = "bun.lock"


def keep(name):
    return "node_modules" not in name.split("/") and name != "bun.lockb"


def js(value):
    return json.dumps(value, indent=2) + "\n"


def ask(folder, files):
    one, two = copy(folder), copy(folder)
    try:
        code, said = run([BUN, "install", "--frozen-lockfile", "--ignore-scripts"], one, ENV)
        # bun takes a lock that is not there; here that is a missing lock.
        strict = UNASKED if LOCK not in files else IN if code == 0 else OUT
        code, told = run([BUN, "install", "--ignore-scripts"], two, ENV)
        is_left = code == 0 and files.get(LOCK) == files_of(two, keep).get(LOCK)
    finally:
        shutil.rmtree(one)
        shutil.rmtree(two)
    if os.environ.get("SHOW"):
        print(said[-600:], told[-600:])
    return strict, IN if is_left else OUT


def made(files):
    with tempfile.TemporaryDirectory() as folder:
        write(files, folder)
        run([BUN, "install", "--ignore-scripts"], folder, ENV, check=True)
        return files_of(folder, keep)


def remade(*changes):
    """A change after which the tool makes the lock again."""
    def change(files):
        both(*changes)(files)
        fresh = made(files)
        files.clear()
        files.update(fresh)
    return change


def manifest(path, edit):
    def change(files):
        value = json.loads(files[path])
        edit(value)
        files[path] = js(value)
    return change


def root(edit):
    return manifest("package.json", edit)


def put(path, text):
    def change(files):
        files[path] = text
    return change


def lock(edit):
    def change(files):
        before = files[LOCK]
        files[LOCK] = edit(before)
        assert files[LOCK] != before
    return change


def dep(name, value, field="dependencies"):
    return lambda m: m.setdefault(field, {}).update({name: value})


def drop(name, field="dependencies"):
    return lambda m: m[field].pop(name)


def move(name, source, target):
    return lambda m: m.setdefault(target, {}).update({name: m[source].pop(name)})


def without_line(part):
    return lambda text: "\n".join(line for line in text.split("\n") if part not in line)


def base():
    return made({
        "package.json": js({
            "name": "shop", "version": "1.0.0", "private": True, "workspaces": {
                "packages": ["packages/*"], "catalog": {"kind-of": "^6.0.0"}},
            "dependencies": {"is-odd": "^3.0.0", "ms": "2.1.2"},
            "devDependencies": {"is-plain-obj": "^4.0.0"},
            "optionalDependencies": {"has-flag": "^4.0.0"},
            "overrides": {"is-number": "6.0.0"},
        }),
        "packages/a/package.json": js({
            "name": "@shop/a", "version": "1.0.0",
            "dependencies": {"@shop/b": "workspace:*", "is-odd": "^3.0.0"},
        }),
        "packages/b/package.json": js({
            "name": "@shop/b", "version": "1.0.0", "dependencies": {"ms": "^2.1.3", "kind-of": "catalog:"},
        }),
        "packages/c/package.json": js({
            "name": "@shop/c", "version": "1.0.0", "devDependencies": {"is-plain-obj": "^4.0.0"},
        }),
    })


def main():
    oracle = Oracle("bun", f"bun {VERSION}", base())
    only = sys.argv[2:]

    def case(name, *changes, pair=("package.json", LOCK)):
        if not only or name in only:
            oracle.case(name, both(*changes), ask, pair)

    case("unchanged")
    case("range-still-satisfied", root(dep("is-odd", "^3.0.1")))
    case("range-not-satisfied", root(dep("ms", "2.0.0")))
    case("dependency-added", root(dep("is-finite", "^1.0.0")))
    case("dependency-added-that-is-locked", root(dep("kind-of", "^6.0.0")))
    case("dependency-removed", root(drop("ms")))
    case("dependency-removed-that-others-need", root(drop("is-odd")))
    case("optional-removed", root(drop("has-flag", "optionalDependencies")))
    case("moved-to-dev", root(move("ms", "dependencies", "devDependencies")))
    case("moved-to-production", root(move("is-plain-obj", "devDependencies", "dependencies")))
    case("moved-to-optional", root(move("ms", "dependencies", "optionalDependencies")))
    case("member-range-still-satisfied", manifest("packages/a/package.json", dep("is-odd", "~3.0.0")))
    case("member-range-not-satisfied", manifest("packages/a/package.json", dep("is-odd", "^2.0.0")))
    case("member-dependency-added", manifest("packages/c/package.json", dep("is-finite", "^1.0.0")))
    case("member-added", put("packages/d/package.json", js({"name": "@shop/d", "dependencies": {"is-finite": "^1.0.0"}})))
    case("member-added-without-dependencies", put("packages/d/package.json", js({"name": "@shop/d"})))
    case("member-removed", gone("packages/c/package.json"))
    case("member-version-bumped", manifest("packages/b/package.json", lambda m: m.update(version="1.1.0")))
    case("member-renamed", manifest("packages/c/package.json", lambda m: m.update(name="@shop/other")))
    case("override-changed", root(dep("is-number", "7.0.0", "overrides")))
    case("override-added", root(dep("is-finite", "1.0.0", "overrides")))
    case("override-removed", root(lambda m: m.pop("overrides")))
    case("resolutions", remade(root(lambda m: m.update(resolutions=m.pop("overrides")))))
    case("catalog-changed", root(lambda m: m["workspaces"]["catalog"].update({"kind-of": "^6.0.2"})))
    case("catalog-not-satisfied", root(lambda m: m["workspaces"]["catalog"].update({"kind-of": "^5.0.0"})))
    case("catalog-entry-added", root(lambda m: m["workspaces"]["catalog"].update({"ms": "^2.0.0"})))
    case("trusted-added", root(lambda m: m.update(trustedDependencies=["ms"])))
    case("trusted", remade(root(lambda m: m.update(trustedDependencies=["ms"]))))
    case("alias-added", root(dep("odd", "npm:is-odd@^3.0.0")))
    case("alias", remade(root(dep("odd", "npm:is-odd@^3.0.0"))))
    case("alias-not-satisfied", remade(root(dep("odd", "npm:is-odd@^3.0.0"))), root(dep("odd", "npm:is-odd@^2.0.0")))
    case("peer", remade(root(dep("is-finite", "^1.0.0", "peerDependencies"))))
    case("peer-added", root(dep("is-finite", "^1.0.0", "peerDependencies")))
    vendor = put("vendor/x/package.json", js({"name": "x", "version": "1.0.0", "dependencies": {"ms": "2.1.2"}}))
    case("file-dependency", remade(vendor, root(dep("x", "file:./vendor/x"))))
    case("file-dependency-added", vendor, root(dep("x", "file:./vendor/x")))
    case("tag", remade(root(dep("ms", "latest"))))
    case("lock-entry-removed", lock(without_line('"is-odd": ["is-odd@')))
    case("lock-transitive-entry-removed", lock(without_line('"is-number": ["is-number@')))
    case("lock-direct-version-tampered", lock(lambda t: t.replace("ms@2.1.2", "ms@2.1.1")))
    case("lock-integrity-removed", lock(integrity_removed))
    case("lock-specifier-edited", lock(lambda t: t.replace('"ms": "2.1.2"', '"ms": "2.1.1"', 1)))
    case("lock-entry-extra", lock(lambda t: t.replace('    "is-number": ["is-number@', EXTRA + '    "is-number": ["is-number@')))
    case("lock-entry-repeated", lock(repeated))
    case("lock-member-entry-removed", lock(without_line('"@shop/c": [')))
    case("lock-direct-version-tampered-no-integrity", lock(lambda t: re.sub(r'"ms@2.1.2", "", {}, "[^"]*"', '"ms@2.1.1", "", {}, ""', t)))
    case("lock-header-older", lock(lambda t: re.sub(r'"lockfileVersion": \d+', '"lockfileVersion": 1', t)))
    own = put("packages/d/package.json", js({"name": "@shop/d", "dependencies": {"is-finite": "^1.0.0"}}))
    case("member-removed-with-what-it-needs", remade(own), gone("packages/d/package.json"))
    case("peer-and-dev", remade(root(dep("is-plain-obj", "^4.0.0", "peerDependencies"))))
    case("optional-and-production", remade(root(dep("has-flag", "^4.0.0"))))
    case("dev-and-production", remade(root(dep("is-plain-obj", "^4.0.0"))))
    case("optional-peer", remade(root(dep("is-finite", "^1.0.0", "peerDependencies")), root(
        lambda m: m.update(peerDependenciesMeta={"is-finite": {"optional": True}}))))
    case("member-range-of-member", remade(manifest("packages/a/package.json", dep("@shop/b", "^1.0.0"))))
    case("member-range-of-member-not-satisfied", remade(manifest("packages/a/package.json", dep("@shop/b", "^1.0.0"))),
         manifest("packages/b/package.json", lambda m: m.update(version="2.0.0")))
    case("member-dependency-removed-hoisted", manifest("packages/a/package.json", drop("is-odd")))
    case("member-dependency-removed-nested", manifest("packages/b/package.json", drop("ms")))
    case("member-dependency-nested-now-satisfied-above", manifest("packages/b/package.json", dep("ms", "^2.1.2")))
    case("dependency-added-that-a-member-has", manifest("packages/a/package.json", dep("ms", "^2.1.3")))
    case("dependency-added-that-the-root-has", manifest("packages/a/package.json", dep("ms", "2.1.2")))
    case("range-satisfied-by-a-member", root(dep("ms", "2.1.3")))
    case("lock-header-unknown", lock(lambda t: t.replace('"lockfileVersion": 1', '"lockfileVersion": 77').replace(
        '"lockfileVersion": 2', '"lockfileVersion": 77').replace('"lockfileVersion": 0', '"lockfileVersion": 77')))
    case("lock-header-gone", lock(without_line("lockfileVersion")))
    case("lock-cut-short", lock(lambda t: t[: len(t) // 2]))
    case("lock-gone", gone(LOCK), pair=None)
    case("manifest-reordered", root(lambda m: m.update(dependencies=dict(reversed(list(m["dependencies"].items()))))))
    case("manifest-reformatted", lambda files: files.update({"package.json": json.dumps(json.loads(files["package.json"]))}))
    case("manifest-version-bumped", root(lambda m: m.update(version="1.1.0")))
    case("manifest-renamed", root(lambda m: m.update(name="shop2")))
    case("manifest-scripts-added", root(lambda m: m.update(scripts={"test": "true"})))
    case("bin-added", manifest("packages/c/package.json", lambda m: m.update(bin={"c": "c.js"})))
    if not only:
        oracle.save()


EXTRA = '    "is-finite": ["is-finite@1.1.0", "", {}, ""],\n\n'


def repeated(text):
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if '"has-flag": ["has-flag@' in line)
    return "\n".join(lines[:at + 1] + lines[at:])


def integrity_removed(text):
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if '"has-flag": ["has-flag@' in line)
    head, _, _ = lines[at].rpartition(', "sha')
    lines[at] = head + ', ""],'
    return "\n".join(lines)


main()
