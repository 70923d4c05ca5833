"""npm: 11 (lockfileVersion 3), 8 (2) and 6 (1).

Needs Node.js with an npm 11, git, a registry, and the two older ones in a folder that NPM_TOOLS names, made with
`npm install npm8@npm:npm@8 npm6@npm:npm@6`. `python3 tests/oracles/npm.py [11|8|6]`.
"""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

from oracle import IN, OUT, UNASKED, Oracle, both, copy, files_of, gone, replace, run

TOOLS = pathlib.Path(os.environ.get("NPM_TOOLS", "."), "node_modules")
GIT = pathlib.Path(tempfile.gettempdir(), "gatepost-oracle-git")
QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
ENV = {"npm_config_omit_lockfile_registry_resolved": "false", "npm_config_update_notifier": "false",
       "npm_config_allow_scripts": "", "npm_config_allow_git": "all"}


def npm(major):
    return ["npm"] if major == 11 else ["node", str(TOOLS / f"npm{major}/bin/npm-cli.js")]


def make_git():
    """A repository with two tags and its address."""
    shutil.rmtree(GIT, ignore_errors=True)
    GIT.mkdir()
    env = {"GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z"}
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    run([*git, "init", "-q", "-b", "main"], GIT, check=True)
    for version in ["1.0.0", "2.0.0"]:
        (GIT / "package.json").write_text(json.dumps({"name": "from-git", "version": version}) + "\n")
        run([*git, "add", "-A"], GIT, check=True)
        run([*git, "commit", "-qm", version], GIT, env, check=True)
        run([*git, "tag", f"v{version}"], GIT, check=True)
    return f"git+file://{GIT}"


REAL = run(["npm", "config", "get", "registry"], ".")[1].strip().rstrip("/")


def clean(text):
    text = text.replace(REAL, "https://registry.example.org").replace("https://registry.npmjs.org", "https://registry.example.org")
    return text.replace(f"git+file://{GIT}", "git+ssh://git@git.example.org/from-git.git")


def package(**fields):
    return json.dumps(fields, indent=2) + "\n"


def manifests(git, major):
    root = dict(
        name="demo", version="1.0.0", license="MIT",
        dependencies={"is-odd": "^3.0.0", "left-pad": "1.3.0", "local": "file:vendor/local",
                      "pad": "npm:left-pad@^1.2.0", "from-git": f"{git}#v1.0.0", "debug": "4.3.4"},
        devDependencies={"@types/react-dom": "^19.0.0", "ws": "^8.0.0", "is-number": "6.0.0"},
        optionalDependencies={"is-buffer": "^2.0.0"},
        engines={"node": ">=10"},
    )
    files = {"vendor/local/package.json": package(name="local", version="1.0.0", dependencies={"is-buffer": "^2.0.0"})}
    if major > 6:
        root["workspaces"] = ["packages/*"]
        root["overrides"] = {"debug": {"ms": "2.1.3"}}
        files["packages/a/package.json"] = package(
            name="@demo/a", version="1.0.0", dependencies={"is-odd": "^3.0.0", "@demo/b": "^1.0.0"})
        files["packages/b/package.json"] = package(name="@demo/b", version="1.0.0", dependencies={"is-number": "^7.0.0"})
    else:
        # npm 6 knows neither workspaces nor peers that are installed by themselves.
        del root["devDependencies"]["@types/react-dom"]
    files["package.json"] = package(**root)
    return files


def of_json(path, alter):
    """A change of what a JSON file says; the form stays."""
    def change(files):
        value = json.loads(files[path])
        alter(value)
        files[path] = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return change


def put(path, field, name, spec):
    return of_json(path, lambda value: value.setdefault(field, {}).__setitem__(name, spec))


def take(path, field, name):
    def alter(value):
        del value[field][name]
        if not value[field]:
            del value[field]
    return of_json(path, alter)


def fields(path, **more):
    return of_json(path, lambda value: value.update(more))


LOCK = "package-lock.json"
ROOT = "package.json"


def asker(major):
    def ask(folder, files):
        if LOCK not in files and "npm-shrinkwrap.json" not in files:
            strict = OUT if run([*npm(major), "ci", *QUIET], folder, ENV)[0] else IN
            return strict, OUT
        name = "npm-shrinkwrap.json" if "npm-shrinkwrap.json" in files else LOCK
        again = copy(folder)
        dry = [] if major == 6 else ["--dry-run"]
        code, said = run([*npm(major), "ci", *dry, *QUIET], again, ENV)
        if code and not re.search(r"in sync|can only install|EUSAGE|EMISSINGTARGET|EJSONPARSE|JSON", said):
            print(said)
        strict = OUT if code else IN
        shutil.rmtree(again)
        again = copy(folder)
        code, said = run([*npm(major), "install", "--package-lock-only", *QUIET], again, ENV)
        if code:
            print(said)
            rewrite = UNASKED
        else:
            # What the lock says is compared, and not how it is written.
            def value(text):
                try:
                    return json.loads(text.lstrip("\ufeff"))
                except ValueError:
                    return text
            rewrite = IN if value((again / name).read_text()) == value(files[name]) else OUT
        shutil.rmtree(again)
        return strict, rewrite
    return ask


def entry(name, alter):
    """A change of an entry of the lock's `packages`."""
    return of_json(LOCK, lambda lock: alter(lock["packages"][name]))


def without(name):
    return of_json(LOCK, lambda lock: lock["packages"].pop(name))


def cases_of_both(one, major):
    """What every version of npm is asked."""
    ask = asker(major)

    def case(name, change):
        # What no lock covers any more is another record, and not what the tool was asked for.
        lock = "npm-shrinkwrap.json" if name == "shrinkwrap" else LOCK
        one.case(name, change, ask, None if name == "lock-gone" else (ROOT, lock))

    git = f"git+file://{GIT}"
    case("as-made", lambda files: None)
    case("range-still-satisfied", put(ROOT, "dependencies", "is-odd", "^3.0.1"))
    case("range-not-satisfied", put(ROOT, "dependencies", "is-odd", "^2.0.0"))
    case("exact-not-satisfied", put(ROOT, "dependencies", "left-pad", "1.2.0"))
    case("range-or", put(ROOT, "dependencies", "is-odd", "^2.0.0 || ^3.0.0"))
    case("dependency-added", put(ROOT, "dependencies", "is-even", "^1.0.0"))
    case("dependency-added-that-is-locked-already", put(ROOT, "dependencies", "ms", "^2.1.0"))
    case("dependency-removed", take(ROOT, "dependencies", "debug"))
    case("moved-to-dev", both(take(ROOT, "dependencies", "debug"), put(ROOT, "devDependencies", "debug", "4.3.4")))
    case("moved-to-production", both(take(ROOT, "devDependencies", "ws"), put(ROOT, "dependencies", "ws", "^8.0.0")))
    case("optional-added", put(ROOT, "optionalDependencies", "is-windows", "^1.0.0"))
    case("optional-removed", take(ROOT, "optionalDependencies", "is-buffer"))
    case("optional-not-satisfied", put(ROOT, "optionalDependencies", "is-buffer", "^1.0.0"))
    case("optional-and-production", put(ROOT, "dependencies", "is-buffer", "^2.0.0"))
    case("alias-of-another-package", put(ROOT, "dependencies", "pad", "npm:right-pad@^1.0.0"))
    case("alias-range-not-satisfied", put(ROOT, "dependencies", "pad", "npm:left-pad@^0.0.3"))
    case("alias-no-more", put(ROOT, "dependencies", "pad", "^2.0.0"))
    case("git-other-tag", put(ROOT, "dependencies", "from-git", f"{git}#v2.0.0"))
    case("git-without-tag", put(ROOT, "dependencies", "from-git", git))
    case("git-semver-satisfied", put(ROOT, "dependencies", "from-git", f"{git}#semver:^1.0.0"))
    case("git-instead-of-registry", put(ROOT, "dependencies", "left-pad", f"{git}#v1.0.0"))
    case("registry-instead-of-folder", put(ROOT, "dependencies", "local", "^1.0.0"))
    case("tag", put(ROOT, "dependencies", "is-odd", "latest"))
    case("any", put(ROOT, "dependencies", "is-odd", "*"))
    case("own-version", fields(ROOT, version="1.0.1"))
    case("own-licence", fields(ROOT, license="ISC"))
    case("own-scripts", fields(ROOT, scripts={"test": "true"}))
    case("own-engines", fields(ROOT, engines={"node": ">=12"}))
    case("own-name", fields(ROOT, name="demo2"))
    case("manifest-rewritten", lambda files: files.update({ROOT: json.dumps(json.loads(files[ROOT]), indent=4)}))
    case("manifest-broken", lambda files: files.update({ROOT: files[ROOT][:200]}))
    case("lock-broken", lambda files: files.update({LOCK: files[LOCK][:900]}))
    case("lock-rewritten", lambda files: files.update({LOCK: json.dumps(json.loads(files[LOCK]), indent=4) + "\n"}))
    # npm merges the two sides by itself in `npm ci`, each in its own way: it is not asked for a verdict on that.
    one.case("lock-conflict", replace(LOCK, '  "requires": true,\n', '<<<<<<< HEAD\n  "requires": true,\n=======\n  "requires":  true,\n>>>>>>> other\n'),
             lambda folder, files: (UNASKED, ask(folder, files)[1]), (ROOT, LOCK))
    case("lock-gone", gone(LOCK))
    case("folder-dependency-changed", put("vendor/local/package.json", "dependencies", "is-buffer", "^1.0.0"))
    case("folder-dependency-added", put("vendor/local/package.json", "dependencies", "is-windows", "^1.0.0"))
    case("folder-version", fields("vendor/local/package.json", version="1.0.1"))


def cases_of_packages(one, major):
    """What npm 7 and later are asked."""
    ask = asker(major)

    def case(name, change):
        # What no lock covers any more is another record, and not what the tool was asked for.
        lock = "npm-shrinkwrap.json" if name == "shrinkwrap" else LOCK
        one.case(name, change, ask, None if name == "lock-gone" else (ROOT, lock))

    case("peer-added", put(ROOT, "peerDependencies", "is-windows", "^1.0.0"))
    case("peer-added-satisfied", put(ROOT, "peerDependencies", "ms", "^2.0.0"))
    case("peer-optional-added", both(put(ROOT, "peerDependencies", "is-windows", "^1.0.0"),
                                     fields(ROOT, peerDependenciesMeta={"is-windows": {"optional": True}})))
    case("peer-entry-removed", without("node_modules/@types/react"))
    case("peer-entry-at-another-version", entry("node_modules/@types/react", lambda e: e.update(version="17.0.0")))
    case("peer-optional-entry-at-another-version", of_json(LOCK, lambda lock: lock["packages"].update(
        {"node_modules/utf-8-validate": {"version": "1.0.0", "dev": True, "optional": True, "peer": True}})))
    case("member-range-still-satisfied", put("packages/a/package.json", "dependencies", "is-odd", "^3.0.1"))
    case("member-range-not-satisfied", put("packages/a/package.json", "dependencies", "is-odd", "^2.0.0"))
    case("member-dependency-added", put("packages/b/package.json", "dependencies", "is-windows", "^1.0.0"))
    case("member-dependency-removed", fields("packages/b/package.json", dependencies={}))
    case("member-version", fields("packages/b/package.json", version="1.0.1"))
    case("member-version-that-another-does-not-take", fields("packages/b/package.json", version="2.0.0"))
    case("member-renamed", fields("packages/b/package.json", name="@demo/c"))
    case("member-private", fields("packages/b/package.json", private=True))
    case("member-added", lambda files: files.update({"packages/c/package.json": package(name="@demo/c", version="1.0.0")}))
    case("member-removed", gone("packages/a/package.json"))
    case("members-glob", fields(ROOT, workspaces=["packages/b"]))
    case("members-glob-same", fields(ROOT, workspaces=["packages/a", "packages/b"]))
    case("members-glob-negated", fields(ROOT, workspaces=["packages/*", "!packages/a"]))
    case("override-changed", fields(ROOT, overrides={"debug": {"ms": "2.1.1"}}))
    case("override-gone", of_json(ROOT, lambda value: value.pop("overrides")))
    case("override-of-everything", fields(ROOT, overrides={"debug": {"ms": "2.1.3"}, "is-number": "6.0.0"}))
    case("override-satisfied", fields(ROOT, overrides={"ms": "^2.1.0"}))
    case("override-of-a-range-that-does-not-meet", fields(ROOT, overrides={"ms@1": "0.7.0", "debug": {"ms": "2.1.3"}}))
    case("override-of-a-range-that-meets", fields(ROOT, overrides={"ms@2.1.2": "2.0.0"}))
    case("override-by-reference", fields(ROOT, overrides={"debug": {"ms": "2.1.3"}, "is-odd": {"is-number": "$is-number"}}))
    case("override-by-reference-not-satisfied", both(put(ROOT, "devDependencies", "ms", "2.0.0"),
                                                     fields(ROOT, overrides={"debug": {"ms": "$ms"}})))
    case("override-of-a-parent-version", fields(ROOT, overrides={"debug@3": {"ms": "2.0.0"}, "debug": {"ms": "2.1.3"}}))
    case("override-with-dot", fields(ROOT, overrides={"is-odd": {".": "3.0.1", "is-number": "6.0.0"}, "debug": {"ms": "2.1.3"}}))
    case("entry-removed", without("node_modules/ms"))
    case("direct-entry-removed", without("node_modules/left-pad"))
    case("optional-entry-removed", without("node_modules/is-buffer"))
    case("member-link-removed", without("node_modules/@demo/a"))
    case("member-entry-removed", without("packages/a"))
    case("extra-entry", of_json(LOCK, lambda lock: lock["packages"].update({"node_modules/is-windows": {
        "version": "1.0.2", "resolved": f"{REAL}/is-windows/-/is-windows-1.0.2.tgz"}})))
    case("version-tampered", entry("node_modules/ms", lambda e: e.update(version="2.0.0")))
    case("version-tampered-within-range", entry("node_modules/is-odd", lambda e: e.update(version="3.0.0")))
    case("integrity-removed", entry("node_modules/ms", lambda e: e.pop("integrity")))
    case("integrity-tampered", entry("node_modules/ms", lambda e: e.update(integrity="sha512-" + "A" * 86 + "==")))
    case("resolved-removed", entry("node_modules/ms", lambda e: e.pop("resolved")))
    case("record-tampered", entry("", lambda e: e["dependencies"].update({"is-odd": "^3.0.1"})))
    case("dependencies-of-entry-tampered", entry("node_modules/is-odd", lambda e: e["dependencies"].update({"is-number": "^7.0.0"})))
    case("dev-flag-removed", entry("node_modules/ws", lambda e: e.pop("dev")))
    case("name-in-header", fields(LOCK, name="other"))
    case("version-in-header", fields(LOCK, version="9.9.9"))
    case("header-version-9", fields(LOCK, lockfileVersion=9))
    case("nested-where-hoisted-would-do", of_json(LOCK, lambda lock: lock["packages"].update(
        {"node_modules/debug/node_modules/ms": lock["packages"]["node_modules/ms"]})))
    case("own-bin", fields(ROOT, bin={"demo": "demo.js"}))
    case("own-bundled", fields(ROOT, bundleDependencies=["left-pad"]))
    case("legacy-peers", lambda files: files.update({".npmrc": "legacy-peer-deps=true\n"}))
    case("shrinkwrap", lambda files: files.update({"npm-shrinkwrap.json": files.pop(LOCK)}))
    case("reordered", of_json(LOCK, lambda lock: lock.update(packages=dict(reversed(lock["packages"].items())))))


def cases_of_nesting(one, major):
    """What npm 6 is asked besides."""
    ask = asker(major)

    def case(name, change):
        # What no lock covers any more is another record, and not what the tool was asked for.
        lock = "npm-shrinkwrap.json" if name == "shrinkwrap" else LOCK
        one.case(name, change, ask, None if name == "lock-gone" else (ROOT, lock))

    inner = lambda name, alter: of_json(LOCK, lambda lock: alter(lock["dependencies"][name]))
    case("entry-removed", of_json(LOCK, lambda lock: lock["dependencies"].pop("ms")))
    case("direct-entry-removed", of_json(LOCK, lambda lock: lock["dependencies"].pop("left-pad")))
    case("extra-entry", of_json(LOCK, lambda lock: lock["dependencies"].update({"is-windows": {
        "version": "1.0.2", "resolved": f"{REAL}/is-windows/-/is-windows-1.0.2.tgz"}})))
    case("version-tampered", inner("ms", lambda e: e.update(version="2.0.0")))
    case("direct-version-tampered", inner("left-pad", lambda e: e.update(version="1.2.0")))
    case("integrity-removed", inner("ms", lambda e: e.pop("integrity")))
    case("requires-gone", of_json(LOCK, lambda lock: (lock.pop("requires"), [e.pop("requires", 0) for e in lock["dependencies"].values()])))
    case("name-in-header", fields(LOCK, name="other"))
    case("peer-added", put(ROOT, "peerDependencies", "is-windows", "^1.0.0"))


def main(major):
    git = make_git()
    with tempfile.TemporaryDirectory() as folder:
        from oracle import write
        write(manifests(git, major), folder)
        run([*npm(major), "install", "--package-lock-only", *QUIET], folder, ENV, check=True)
        base = files_of(folder, lambda name: name.endswith(".json"))
    version = run([*npm(major), "--version"], ".")[1].strip()
    one = Oracle("npm" if major == 11 else f"npm@{major}", f"npm {version}", base, clean)
    cases_of_both(one, major)
    (cases_of_nesting if major == 6 else cases_of_packages)(one, major)
    one.save()


for number in sys.argv[1:] or ["11", "8", "6"]:
    main(int(number))
