"""pnpm: asks one version of it, `python3 tests/oracles/pnpm.py PATH-TO-PNPM`, and writes `pnpm@MAJOR.cases`.

The path is that of the program, as `npm install pnpm@10` leaves it in `node_modules/.bin`. A registry must be reached. Strict is
`pnpm install --frozen-lockfile`, ordinary `pnpm install`, both for real and not with `--lockfile-only`: only a real one looks at
the packages of the lock. An ordinary install that fails does not leave the lock as it is, and counts as out of sync.
"""

import json
import os
import shutil
import sys
import tempfile

from oracle import IN, OUT, Oracle, both, copy, files_of, gone, replace, run, write

PNPM = os.path.abspath(sys.argv[1])
ENV = {
    "CI": "", "HOME": tempfile.mkdtemp(), "XDG_CACHE_HOME": tempfile.mkdtemp(), "XDG_DATA_HOME": tempfile.mkdtemp(),
    "COREPACK_ENABLE_STRICT": "0", "npm_config_manage_package_manager_versions": "false",
}
STORE = ["--ignore-scripts", "--prefer-offline", "--store-dir", tempfile.mkdtemp()]
VERSION = run([PNPM, "--version"], "/tmp", ENV, check=True)[1].strip()
MAJOR = int(VERSION.split(".")[0])
LOCK = "pnpm-lock.yaml"
WORKSPACE = "pnpm-workspace.yaml"
# Where settings stand: up to 9 in package.json and .npmrc alone, from 11 on in pnpm-workspace.yaml alone.
IN_WORKSPACE = MAJOR >= 10
HAS_CATALOGS = MAJOR >= 9


def keep(name):
    return "node_modules" not in name.split("/") and not name.endswith(".tgz")


def js(value):
    return json.dumps(value, indent=2) + "\n"


PATCH = """diff --git a/note.txt b/note.txt
new file mode 100644
index 0000000..ce01362
--- /dev/null
+++ b/note.txt
@@ -0,0 +1 @@
+hello
"""


def ask(folder, files):
    one, two = copy(folder), copy(folder)
    try:
        code, said = run([PNPM, "install", "--frozen-lockfile", *STORE], one, ENV)
        strict = IN if code == 0 else OUT
        code, told = run([PNPM, "install", "--no-frozen-lockfile", *STORE], two, ENV)
        is_left = code == 0 and locks(files) == locks(files_of(two, keep))
    finally:
        shutil.rmtree(one)
        shutil.rmtree(two)
    if os.environ.get("SHOW"):
        print(said[-600:], told[-600:])
    return strict, IN if is_left else OUT


def locks(files):
    return {path: text for path, text in files.items() if path.endswith(LOCK)}


def made(files):
    """The files with the lock that the tool makes of them."""
    with tempfile.TemporaryDirectory() as folder:
        write(files, folder)
        run([PNPM, "install", "--no-frozen-lockfile", *STORE], folder, ENV, check=True)
        return files_of(folder, keep)


def remade(*changes):
    """A change after which the tool makes the lock again."""
    def change(files):
        both(*changes)(files)
        remade_files = made(files)
        files.clear()
        files.update(remade_files)
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


def setting(name, value):
    """A setting, where this version reads it; `None` takes it away."""
    def in_workspace(files):
        lines = files[WORKSPACE].split("\n")
        kept, skip = [], False
        for line in lines:
            if line.startswith(name + ":"):
                skip = True
            elif line[:1] not in (" ", "") or line == "":
                skip = False
            if not skip:
                kept.append(line)
        text = "\n".join(kept).rstrip("\n") + "\n"
        if value is not None:
            text += f"{name}: {json.dumps(value)}\n"
        files[WORKSPACE] = text

    def in_manifest(value_of):
        section = value_of.setdefault("pnpm", {})
        section.pop(name, None)
        if value is not None:
            section[name] = value

    if IN_WORKSPACE or name.startswith("catalog"):
        return in_workspace
    return root(in_manifest)


def option(name, value):
    """An option of the install: .npmrc up to 9, pnpm-workspace.yaml from 10 on."""
    if IN_WORKSPACE:
        return setting(name, value)
    kebab = "".join("-" + c.lower() if c.isupper() else c for c in name)
    return put(".npmrc", f"{kebab}={str(value).lower()}\n")


def lock(edit):
    def change(files):
        before = files[LOCK]
        files[LOCK] = edit(before)
        assert files[LOCK] != before
    return change


def without_block(key):
    """Takes the block of a key out of the lock's text: the line and those indented deeper."""
    def edit(text):
        out, depth = [], None
        for line in text.split("\n"):
            indent = len(line) - len(line.lstrip())
            if depth is not None and line.strip() and indent <= depth:
                depth = None
            if depth is None and line.strip().rstrip(":").strip("'") == key:
                depth = indent
                continue
            if depth is None:
                out.append(line)
        return "\n".join(out)
    return lock(edit)


def base():
    files = {
        "package.json": js({
            "name": "shop", "version": "1.0.0", "private": True,
            "dependencies": {"is-odd": "^3.0.0", "ms": "2.1.2"},
            "devDependencies": {"is-plain-obj": "^4.0.0"},
            "optionalDependencies": {"has-flag": "^4.0.0"},
        }),
        "packages/a/package.json": js({
            "name": "@shop/a", "version": "1.0.0",
            "dependencies": {"@shop/b": "workspace:^", "is-odd": "^3.0.0", "acorn": "^8.0.0", "acorn-jsx": "^5.0.0"},
        }),
        "packages/b/package.json": js({
            "name": "@shop/b", "version": "1.0.0",
            "dependencies": {"ms": "catalog:" if HAS_CATALOGS else "^2.1.3"},
        }),
        "packages/c/package.json": js({
            "name": "@shop/c", "version": "1.0.0", "devDependencies": {"is-plain-obj": "^4.0.0"},
        }),
        WORKSPACE: "packages:\n  - packages/*\n",
        "patches/is-odd.patch": PATCH,
    }
    if HAS_CATALOGS:
        files[WORKSPACE] += "catalog:\n  ms: ^2.1.3\n"
    for name, value in (
        ("overrides", {"is-number": "6.0.0"}),
        ("patchedDependencies", {"is-odd@3.0.1": "patches/is-odd.patch"}),
        ("packageExtensions", {"is-plain-obj@4": {"dependencies": {"has-flag": "4.0.0"}}}),
    ):
        setting(name, value)(files)
    return made(files)


def dep(name, value, field="dependencies"):
    def edit(m):
        m.setdefault(field, {})[name] = value
    return edit


def drop(name, field="dependencies"):
    return lambda m: m[field].pop(name)


def move(name, source, target):
    def edit(m):
        m.setdefault(target, {})[name] = m[source].pop(name)
    return edit


def main():
    oracle = Oracle(f"pnpm@{MAJOR}", f"pnpm {VERSION}", base())
    only = sys.argv[2:]

    def case(name, *changes, pair=("package.json", LOCK)):
        if not only or name in only:
            oracle.case(name, both(*changes), ask, pair)

    case("unchanged")
    case("range-still-satisfied", root(dep("is-odd", "^3.0.1")))
    case("range-not-satisfied", root(dep("ms", "2.0.0")))
    case("dependency-added", root(dep("is-finite", "^1.0.0")))
    case("dependency-removed", root(drop("ms")))
    case("optional-removed", root(drop("has-flag", "optionalDependencies")))
    case("moved-to-dev", root(move("ms", "dependencies", "devDependencies")))
    case("moved-to-production", root(move("is-plain-obj", "devDependencies", "dependencies")))
    case("moved-to-optional", root(move("ms", "dependencies", "optionalDependencies")))
    case("also-in-dev", root(dep("ms", "2.1.2", "devDependencies")))
    case("also-in-dev-with-another-range", root(dep("ms", "^2.1.0", "devDependencies")))
    case("member-range-changed", manifest("packages/a/package.json", dep("is-odd", "~3.0.0")))
    case("member-dependency-added", manifest("packages/c/package.json", dep("ms", "2.1.2")))
    case("member-added", put("packages/d/package.json", js({"name": "@shop/d", "dependencies": {"ms": "2.1.2"}})))
    case("member-added-without-dependencies", put("packages/d/package.json", js({"name": "@shop/d"})))
    case("member-removed", gone("packages/c/package.json"))
    case("member-left-the-globs", put(WORKSPACE, base_workspace(oracle).replace("packages/*", "packages/{a,b}")))
    case("member-version-still-satisfies", manifest("packages/b/package.json", lambda m: m.update(version="1.1.0")))
    pinned = manifest("packages/a/package.json", dep("@shop/b", "workspace:^1.0.0"))
    case("member-by-range", remade(pinned))
    case("member-version-no-longer-satisfies", remade(pinned),
         manifest("packages/b/package.json", lambda m: m.update(version="2.0.0")))
    case("member-renamed", manifest("packages/c/package.json", lambda m: m.update(name="@shop/other")))

    case("override-changed", setting("overrides", {"is-number": "7.0.0"}))
    case("override-added", setting("overrides", {"is-number": "6.0.0", "kind-of": "6.0.3"}))
    case("override-removed", setting("overrides", None))
    case("override-of-a-direct-dependency", remade(setting("overrides", {"ms": "2.1.1"})))
    case("override-of-a-direct-dependency-and-range-changed", remade(setting("overrides", {"ms": "2.1.1"})),
         root(dep("ms", "2.0.0")))
    case("override-by-version", remade(setting("overrides", {"ms@<2.1.3": "2.1.1"})))
    case("override-below-a-parent", remade(setting("overrides", {"shop>ms": "2.1.1", "is-odd>is-number": "7.0.0"})))
    case("override-by-reference", remade(setting("overrides", {"ms": "$ms"})))
    case("override-by-reference-changed", remade(setting("overrides", {"ms": "$ms"})), root(dep("ms", "2.1.1")))
    if MAJOR >= 9:
        case("override-removes", remade(setting("overrides", {"is-odd>is-number": "-"})))
    if HAS_CATALOGS:
        case("override-by-catalog", remade(setting("overrides", {"ms": "catalog:"})))
    case("resolutions-added", root(lambda m: m.update(resolutions={"kind-of": "6.0.3"})))

    if HAS_CATALOGS:
        case("catalog-changed", setting("catalog", {"ms": "^2.1.2"}))
        case("catalog-entry-added", setting("catalog", {"ms": "^2.1.3", "is-odd": "^3.0.0"}))
        case("catalog-removed", setting("catalog", None))
        case("catalog-named", remade(setting("catalogs", {"old": {"ms": "2.1.1"}}),
             manifest("packages/b/package.json", dep("ms", "catalog:old"))))
        case("catalog-snapshot-differs", lock(lambda t: t.replace("specifier: ^2.1.3\n      version: 2.1.3", "specifier: ^2.1.3\n      version: 2.1.2", 1)))

    case("patch-changed", put("patches/is-odd.patch", PATCH.replace("hello", "hallo")))
    case("patch-with-other-line-ends", put("patches/is-odd.patch", PATCH.replace("\n", "\r\n")))
    case("patch-dropped", setting("patchedDependencies", None))
    case("patch-file-gone", gone("patches/is-odd.patch"))
    case("patch-added", put("patches/ms.patch", PATCH), setting("patchedDependencies", {
        "is-odd@3.0.1": "patches/is-odd.patch", "ms@2.1.2": "patches/ms.patch"}))

    extension = {"is-plain-obj@4": {"dependencies": {"has-flag": "^4.0.0"}}}
    case("extension-changed", setting("packageExtensions", extension))
    case("extension-dropped", setting("packageExtensions", None))
    case("extension-reordered", remade(setting("packageExtensions", {
        "b@1": {"peerDependencies": {"z": "1", "a": "*"}}, "a": {"peerDependenciesMeta": {"x": {"optional": True}}}})),
        setting("packageExtensions", {
        "a": {"peerDependenciesMeta": {"x": {"optional": True}}}, "b@1": {"peerDependencies": {"a": "*", "z": "1"}}}))

    case("alias-added", root(dep("odd", "npm:is-odd@^3.0.0")))
    case("alias", remade(root(dep("odd", "npm:is-odd@^3.0.0"))))
    case("alias-changed", remade(root(dep("odd", "npm:is-odd@^3.0.0"))), root(dep("odd", "npm:is-odd@^2.0.0")))
    case("peer-added", root(dep("kind-of", "^6.0.0", "peerDependencies")))
    case("peer", remade(root(dep("kind-of", "^6.0.0", "peerDependencies"))))
    case("git-dependency-added", root(dep("tiny", "git+https://git.example.org/tiny.git#v1")))
    case("tag", remade(root(dep("ms", "latest"))))

    vendor = put("vendor/x/package.json", js({"name": "x", "version": "1.0.0", "dependencies": {"ms": "2.1.2"}}))
    for protocol in ("file", "link"):
        pathed = remade(vendor, root(dep("x", f"{protocol}:./vendor/x")))
        case(f"{protocol}-dependency", pathed)
        case(f"{protocol}-dependency-needs-more", pathed, manifest("vendor/x/package.json", dep("is-odd", "^3.0.0")))
        case(f"{protocol}-dependency-bumped", pathed, manifest("vendor/x/package.json", lambda m: m.update(version="2.0.0")))
    case("file-dependency-gone", remade(vendor, root(dep("x", "file:./vendor/x"))), gone("vendor/x/package.json"))

    case("lock-entry-removed", entry_removed("is-number", "6.0.0"))
    case("lock-entry-extra", entry_extra)
    case("lock-version-tampered", lock(lambda t: t.replace("3.0.1", "3.0.0")))
    case("lock-direct-version-tampered", direct_tampered)
    case("lock-integrity-removed", integrity_removed)
    case("lock-specifier-edited", lock(lambda t: t.replace("is-plain-obj: ^4.0.0", "is-plain-obj: ^4.1.0", 1).replace(
        "is-plain-obj:\n        specifier: ^4.0.0", "is-plain-obj:\n        specifier: ^4.1.0", 1)))
    case("lock-importer-removed", without_block("packages/c"))
    case("lock-importer-extra", lock(lambda t: t.replace("\n  packages/c:", "\n  packages/zz: {}\n\n  packages/c:", 1)))
    case("lock-header-unknown", lock(lambda t: "lockfileVersion: '77.0'\n" + t.split("\n", 1)[1]))
    case("lock-header-gone", lock(lambda t: t.split("\n", 1)[1].lstrip("\n")))
    case("lock-cut-short", lock(lambda t: t[: len(t) // 2] + "\n  : : {["))
    case("lock-with-comment", lock(lambda t: t.rstrip("\n") + "\n# looked at\n"))
    case("lock-gone", gone(LOCK), pair=None)

    case("manifest-reordered", root(lambda m: m.update(dependencies=dict(reversed(list(m["dependencies"].items()))))))
    case("manifest-reformatted", lambda files: files.update({"package.json": json.dumps(json.loads(files["package.json"]))}))
    case("manifest-version-bumped", root(lambda m: m.update(version="1.1.0")))
    case("manifest-scripts-added", root(lambda m: m.update(scripts={"test": "true"})))
    case("dependencies-meta-added", manifest("packages/a/package.json", lambda m: m.update(
        dependenciesMeta={"@shop/b": {"injected": True}})))
    case("dependencies-meta", remade(manifest("packages/a/package.json", lambda m: m.update(
        dependenciesMeta={"@shop/b": {"injected": True}}))))
    case("publish-directory-added", manifest("packages/b/package.json", lambda m: m.update(
        publishConfig={"directory": "dist"})))

    case("auto-install-peers-off", option("autoInstallPeers", MAJOR < 8))
    case("auto-install-peers-off-and-locked", remade(option("autoInstallPeers", MAJOR < 8),
         root(dep("kind-of", "^6.0.0", "peerDependencies"))))
    if MAJOR >= 8:
        case("exclude-links-on", option("excludeLinksFromLockfile", True))
    if MAJOR >= 9:
        case("ignored-optional-added", setting("ignoredOptionalDependencies", ["has-flag"]))
        case("ignored-optional", remade(setting("ignoredOptionalDependencies", ["has-*"])))
        case("peers-suffix-length", option("peersSuffixMaxLength", 40))
    if MAJOR >= 10:
        case("inject-on", option("injectWorkspacePackages", True))
        case("settings-in-package-json", root(lambda m: m.update(pnpm={"overrides": {"kind-of": "6.0.3"}})))
        case("package-manager-named", root(lambda m: m.update(packageManager=f"pnpm@{VERSION}")))
    case("settings-block-removed", without_block("settings"))

    hook = "module.exports = { hooks: { afterAllResolved: (lock) => lock } }\n"
    case("pnpmfile", remade(put(".pnpmfile.cjs", hook)))
    case("pnpmfile-added", put(".pnpmfile.cjs", hook))
    case("pnpmfile-changed", remade(put(".pnpmfile.cjs", hook)), put(".pnpmfile.cjs", hook + "// more\n"))
    case("pnpmfile-without-hooks", put(".pnpmfile.cjs", "module.exports = {}\n"))

    # pnpm 10 refuses a patch that one of the members does not use.
    alone = remade(setting("patchedDependencies", None), option("sharedWorkspaceLockfile", False))
    case("lock-of-its-own-in-each-member", alone, pair=None)
    case("lock-of-its-own-and-member-changed", alone, manifest("packages/a/package.json", dep("is-odd", "~3.0.0")),
         pair=None)
    if not only:
        oracle.save()


def base_workspace(oracle):
    return oracle.base[WORKSPACE]


def entry_removed(name, version):
    def change(files):
        for key in (f"{name}@{version}", f"/{name}@{version}", f"/{name}/{version}"):
            try:
                without_block(key)(files)
            except AssertionError:
                continue
            return
        raise SystemExit("no such entry")
    return change


def entry_extra(files):
    text = files[LOCK]
    integrity = "sha512-eXK1UInq2bPmjyX6e3VHIzMLobc4J94i4AWn+Hpq3OU5KkrRC96OAcR3PRJ/pGu6m8TRnBHP9dkXQVsT/COVIA=="
    for before, key in (("\n  is-odd@3.0.1:", "is-windows@1.0.2"), ("\n  /is-odd@3.0.1", "/is-windows@1.0.2"), ("\n  /is-odd/3.0.1", "/is-windows/1.0.2")):
        at = text.find(before, text.index("\npackages:"))
        if at >= 0:
            text = text[:at] + f"\n  {key}:\n    resolution: {{integrity: {integrity}}}\n    engines: {{node: '>=4'}}\n" + text[at:]
            at = text.find("snapshots:\n")
            if at >= 0:
                text = text[:at + 11] + f"\n  {key}: {{}}\n" + text[at + 11:]
            files[LOCK] = text
            return
    raise SystemExit("no such entry")


def direct_tampered(files):
    """The root's ms is said to be 2.1.3, which is locked as well, though the manifest asks for 2.1.2."""
    text = files[LOCK]
    for before, after in (
        ("specifier: 2.1.2\n        version: 2.1.2", "specifier: 2.1.2\n        version: 2.1.3"),
        ("      ms: 2.1.2\n    optional", "      ms: 2.1.3\n    optional"),
        ("      ms: 2.1.2\n    devDep", "      ms: 2.1.3\n    devDep"),
    ):
        if text.count(before) == 1:
            files[LOCK] = text.replace(before, after)
            return
    raise SystemExit("the direct version was not found")


def integrity_removed(files):
    lines = files[LOCK].split("\n")
    at = next(i for i, line in enumerate(lines) if "has-flag" in line and line.strip().endswith("4.0.0:"))
    lines[at + 1] = "    resolution: {}"
    files[LOCK] = "\n".join(lines)


main()
