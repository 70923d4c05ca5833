"""yarn 4, whose yarn.lock has `__metadata`.

Needs Node.js, a registry, and yarn 4 in a folder that BERRY_TOOLS names, made with `npm install berry@npm:@yarnpkg/cli-dist@4`.
"""

import json
import os
import pathlib
import re
import shutil
import tempfile

from oracle import IN, OUT, UNASKED, Oracle, both, copy, files_of, gone, replace, run, write

YARN = ["node", str(pathlib.Path(os.environ.get("BERRY_TOOLS", "."), "node_modules/berry/bin/yarn.js"))]
CACHE = tempfile.mkdtemp()
ENV = {"YARN_GLOBAL_FOLDER": CACHE, "YARN_ENABLE_TELEMETRY": "0", "YARN_ENABLE_GLOBAL_CACHE": "1"}
ROOT, LOCK, A, B = "package.json", "yarn.lock", "packages/a/package.json", "packages/b/package.json"
REAL = run(["npm", "config", "get", "registry"], ".")[1].strip().rstrip("/")
HOSTS = [REAL, "https://registry.yarnpkg.com", "https://registry.npmjs.org"]


def clean(text):
    for host in HOSTS:
        text = text.replace(host, "https://registry.example.org")
    return text


def package(**fields):
    return json.dumps(fields, indent=2) + "\n"


def of_json(path, alter):
    def change(files):
        value = json.loads(files[path])
        alter(value)
        files[path] = json.dumps(value, indent=2) + "\n"
    return change


def put(path, field, name, spec):
    return of_json(path, lambda value: value.setdefault(field, {}).__setitem__(name, spec))


def take(path, field, name):
    return of_json(path, lambda value: value[field].pop(name))


def fields(path, **more):
    return of_json(path, lambda value: value.update(more))


def entry(pattern, alter):
    """A change of the lines of the entry whose first line has a text."""
    def change(files):
        blocks = files[LOCK].split("\n\n")
        at = [n for n, block in enumerate(blocks) if pattern in block.lstrip("\n").split("\n")[0]]
        assert len(at) == 1, (pattern, at)
        block = alter(blocks[at[0]])
        blocks[at[0]:at[0] + 1] = [] if block is None else [block]
        files[LOCK] = "\n\n".join(blocks).rstrip("\n") + "\n"
    return change


def ask(folder, files):
    # An immutable install makes the lock anew and refuses, as YN0028, where an ordinary one would write another: one question.
    code, said = run([*YARN, "install", "--immutable", "--mode=skip-build"], folder, {**ENV, "YARN_ENABLE_HARDENED_MODE": "0"})
    if code and "YN0028" not in said:
        print(said)
    return (OUT if code else IN), (IN if not code else OUT if "YN0028" in said else UNASKED)


BASE = {
    ROOT: package(
        name="demo", version="1.0.0", private=True, workspaces=["packages/*"],
        dependencies={"is-odd": "^3.0.0", "left-pad": "1.3.0", "pad": "npm:left-pad@^1.2.0", "local": "file:vendor/local"},
        devDependencies={"debug": "4.3.4", "is-number": "6.0.0"},
        optionalDependencies={"is-buffer": "^2.0.0"},
        resolutions={"debug/ms": "2.1.3"}),
    A: package(name="@demo/a", version="1.0.0", dependencies={"is-odd": "^3.0.0", "@demo/b": "workspace:^"}),
    B: package(name="@demo/b", version="1.0.0", dependencies={"is-number": "^7.0.0"}),
    "vendor/local/package.json": package(name="local", version="1.0.0", dependencies={"is-buffer": "^2.0.0"}),
}

with tempfile.TemporaryDirectory() as folder:
    write(BASE, folder)
    (pathlib.Path(folder) / LOCK).touch()
    run([*YARN, "install", "--mode=update-lockfile"], folder, ENV, check=True)
    base = {**BASE, LOCK: (pathlib.Path(folder) / LOCK).read_text()}

one = Oracle("yarn-berry", "yarn " + run([*YARN, "--version"], ".")[1].strip(), base, clean)


def case(name, change):
    one.case(name, change, ask, (ROOT, LOCK))


case("as-made", lambda files: None)
case("range-still-satisfied", put(ROOT, "dependencies", "is-odd", "^3.0.1"))
case("range-not-satisfied", put(ROOT, "dependencies", "is-odd", "^2.0.0"))
case("range-written-otherwise", put(ROOT, "dependencies", "is-odd", "3.x"))
case("exact-not-satisfied", put(ROOT, "dependencies", "left-pad", "1.2.0"))
case("tag", put(ROOT, "dependencies", "is-odd", "latest"))
case("any", put(ROOT, "dependencies", "is-odd", "*"))
case("dependency-added", put(ROOT, "dependencies", "is-windows", "^1.0.0"))
case("dependency-added-that-is-locked-already", put(ROOT, "dependencies", "ms", "2.1.3"))
case("dependency-removed", take(ROOT, "dependencies", "left-pad"))
case("dependency-removed-that-others-need", take(ROOT, "dependencies", "is-odd"))
case("moved-to-dev", both(take(ROOT, "dependencies", "left-pad"), put(ROOT, "devDependencies", "left-pad", "1.3.0")))
case("optional-added", put(ROOT, "optionalDependencies", "is-windows", "^1.0.0"))
case("optional-removed", take(ROOT, "optionalDependencies", "is-buffer"))
case("peer-added", put(ROOT, "peerDependencies", "is-windows", "^1.0.0"))
case("alias-range", put(ROOT, "dependencies", "pad", "npm:left-pad@^1.3.0"))
case("alias-of-another-package", put(ROOT, "dependencies", "pad", "npm:right-pad@^1.0.0"))
case("alias-no-more", put(ROOT, "dependencies", "pad", "^2.0.0"))
case("folder-dependency-changed", put("vendor/local/package.json", "dependencies", "is-buffer", "^1.0.0"))
case("folder-dependency-added", put("vendor/local/package.json", "dependencies", "is-windows", "^1.0.0"))
case("folder-version", fields("vendor/local/package.json", version="1.0.1"))
case("folder-linked", put(ROOT, "dependencies", "local", "link:vendor/local"))
case("member-range-still-satisfied", put(A, "dependencies", "is-odd", "^3.0.1"))
case("member-range-not-satisfied", put(A, "dependencies", "is-odd", "^2.0.0"))
case("member-dependency-added", put(B, "dependencies", "is-windows", "^1.0.0"))
case("member-dependency-removed", fields(B, dependencies={}))
case("member-development-dependency-added", put(B, "devDependencies", "is-windows", "^1.0.0"))
case("member-version", fields(B, version="1.0.1"))
case("member-version-that-another-does-not-take", fields(B, version="2.0.0"))
case("member-added", lambda files: files.update({"packages/c/package.json": package(name="@demo/c", version="1.0.0")}))
case("member-added-with-dependency", lambda files: files.update(
    {"packages/c/package.json": package(name="@demo/c", version="1.0.0", dependencies={"is-windows": "^1.0.0"})}))
case("member-removed", gone(A))
case("member-removed-that-had-a-dependency", both(gone(B), take(A, "dependencies", "@demo/b")))
case("members-glob", fields(ROOT, workspaces=["packages/b"]))
case("resolution-changed", fields(ROOT, resolutions={"debug/ms": "2.1.1"}))
case("resolution-gone", of_json(ROOT, lambda value: value.pop("resolutions")))
case("resolution-added", fields(ROOT, resolutions={"debug/ms": "2.1.3", "is-number": "6.0.0"}))
case("resolution-everywhere", fields(ROOT, resolutions={"**/ms": "2.1.3"}))
case("resolution-of-nothing", fields(ROOT, resolutions={"debug/ms": "2.1.3", "is-windows": "1.0.0"}))
case("own-version", fields(ROOT, version="1.0.1"))
case("own-scripts", fields(ROOT, scripts={"test": "true"}))
case("entry-removed", entry('is-number@npm:^6.0.0"', lambda block: None))
case("extra-entry", lambda files: files.update({LOCK: files[LOCK] + '\n"zzz@npm:^1.0.0":\n  version: 1.0.2\n'
    '  resolution: "zzz@npm:1.0.2"\n  languageName: node\n  linkType: hard\n'}))
case("extra-descriptor", entry('"is-odd@npm:^3.0.0"', lambda block: block.replace('"is-odd@npm:^3.0.0":', '"is-odd@npm:^3.0.0, is-odd@npm:^3.0.1":')))
case("checksum-removed", entry('"is-odd@npm:^3.0.0"', lambda block: re.sub(r"\n  checksum: .*", "", block)))
case("dependency-of-entry-tampered", entry('"is-odd@npm:^3.0.0"', lambda block: block.replace('is-number: "npm:^6.0.0"', 'is-number: "npm:^5.0.0"')))
case("header-of-another-version", lambda files: files.update({LOCK: re.sub(r"  version: \d+\n", "  version: 99\n", files[LOCK], count=1)}))
case("reordered", lambda files: files.update({LOCK: "\n\n".join(files[LOCK].rstrip("\n").split("\n\n")[:2]
    + list(reversed(files[LOCK].rstrip("\n").split("\n\n")[2:]))) + "\n"}))
case("member-bin", fields(A, bin="./a.js"))
case("member-peer", put(A, "peerDependencies", "is-windows", "^1.0.0"))
case("member-to-development", both(take(B, "dependencies", "is-number"), put(B, "devDependencies", "is-number", "^7.0.0")))
case("member-renamed", both(fields(A, name="@demo/aa")))
case("lock-broken", lambda files: files.update({LOCK: files[LOCK] + "\n  what: [is this\n"}))
one.case("lock-gone", gone(LOCK), lambda folder, files: (OUT, OUT))
case("manifest-broken", lambda files: files.update({ROOT: files[ROOT][:100]}))
case("manifest-rewritten", lambda files: files.update({ROOT: json.dumps(json.loads(files[ROOT]), indent=4)}))
one.save()
shutil.rmtree(CACHE)
