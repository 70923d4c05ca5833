"""Cargo.lock, asked of the cargo that is installed. Needs cargo and git; no network: the registry is a folder that is made here."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import sys
import tarfile

from oracle import IN, OUT, Oracle, add, both, copy, files_of, gone, replace, run, write

HOME = pathlib.Path("/tmp/oracle-cargo")
CRATES = [
    # name, version, dependencies (name, requirement, is optional), features
    ("alpha", "1.0.0", [], {}),
    ("alpha", "1.0.1", [], {}),
    ("alpha", "1.2.0", [], {}),
    ("alpha", "2.0.0", [], {}),
    ("beta", "0.3.1", [("alpha", "1", False)], {}),
    ("gamma", "0.1.0", [("delta", "0.1", True)], {"extra": ["dep:delta"]}),
    ("delta", "0.1.0", [], {}),
    ("epsilon", "1.5.0", [("delta", "0.1", False), ("alpha", "1", False)], {}),
    ("zeta", "0.9.0", [], {}),
    ("zeta", "1.1.0", [], {}),
]


def registry(folder):
    for name, version, dependencies, features in CRATES:
        lines = [f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n']
        for other, requirement, optional in dependencies:
            lines.append(f'[dependencies.{other}]\nversion = "{requirement}"\noptional = {str(optional).lower()}\n')
        if features:
            lines.append("[features]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in features.items()))
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, text in {"Cargo.toml": "\n".join(lines), "src/lib.rs": ""}.items():
                info = tarfile.TarInfo(f"{name}-{version}/{path}")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
        data = gzip.compress(out.getvalue(), mtime=0)
        (folder / f"{name}-{version}.crate").write_bytes(data)
        entry = {
            "name": name, "vers": version, "cksum": hashlib.sha256(data).hexdigest(), "yanked": False,
            "features": {}, "features2": features, "v": 2,
            "deps": [
                {"name": n, "req": f"^{r}", "features": [], "optional": o, "default_features": True, "target": None, "kind": "normal"}
                for n, r, o in dependencies
            ],
        }
        index = folder / "index" / name[:2] / name[2:4] / name
        index.parent.mkdir(parents=True, exist_ok=True)
        with index.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def repository(folder, name, version):
    folder.mkdir(parents=True)
    write({"Cargo.toml": f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n', "src/lib.rs": ""}, folder)
    env = {
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
    }
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "feat: begin"], ["tag", "v1+x"], ["branch", "stable"]):
        run(git + args, folder, env, check=True)


shutil.rmtree(HOME, ignore_errors=True)
(HOME / "registry").mkdir(parents=True)
(HOME / "home").mkdir()
registry(HOME / "registry")
shutil.copytree(HOME / "registry", HOME / "other")
repository(HOME / "git/one", "gitty", "0.4.0")
(HOME / "home/config.toml").write_text(f"""
[source.crates-io]
replace-with = "local"
[source.local]
local-registry = "{HOME}/registry"
[source."https://registry.example.org/index"]
registry = "https://registry.example.org/index"
replace-with = "other"
[source.other]
local-registry = "{HOME}/other"
[net]
git-fetch-with-cli = true
""")
ENV = {"CARGO_HOME": str(HOME / "home"), "GIT_CONFIG_GLOBAL": "/dev/null"}
ASK = ["cargo", "metadata", "--format-version", "1", "--quiet"]
GIT = f"file://{HOME}/git/one"

MANIFESTS = {
    "Cargo.toml": f"""[workspace]
members = ["crates/*", "tools/gen"]
exclude = ["crates/outside", "attic"]
resolver = "2"

[workspace.package]
version = "0.2.0"
edition = "2021"

[workspace.dependencies]
alpha = "1.0"
one = {{ path = "crates/one", version = "0.2.0" }}
zeta = {{ version = "0.9", features = [] }}

[package]
name = "top"
version = "0.1.0"
edition = "2021"

[dependencies]
one = {{ workspace = true }}
outside = {{ path = "crates/outside", features = ["more"] }}
beta = "0.3"
gitty = {{ git = "{GIT}" }}

[dev-dependencies]
new_alpha = {{ package = "alpha", version = "2" }}
""",
    "crates/one/Cargo.toml": """[package]
name = "one"
version.workspace = true
edition.workspace = true

[dependencies]
alpha.workspace = true
zeta = { workspace = true, optional = true }

[target.'cfg(windows)'.build-dependencies]
gamma = { version = "0.1.0", default-features = false }

[features]
speed = ["dep:zeta"]
""",
    "crates/outside/Cargo.toml": """[package]
name = "outside"
version = "0.5.0"
edition = "2021"

[dependencies]
alpha = "1"
delta = { version = "0.1", optional = true }
epsilon = { version = "1", optional = true }

[dev-dependencies]
zeta = "1"

[features]
more = ["delta"]
most = ["more", "epsilon"]
""",
    "tools/gen/Cargo.toml": """[package]
name = "gen"
version = "1.0.0"
edition = "2021"

[dependencies]
helper = { path = "../helper" }
""",
    "tools/helper/Cargo.toml": """[package]
name = "helper"
version = "1.0.0"
edition = "2021"

[dev-dependencies]
alpha = "1"
""",
}
SOURCES = ["src/lib.rs", "crates/one/src/lib.rs", "crates/outside/src/lib.rs", "tools/gen/src/lib.rs", "tools/helper/src/lib.rs"]


def make(manifests, lock=None, extra=()):
    folder = pathlib.Path(copy(HOME / "empty"))
    write({**manifests, **{path: "" for path in SOURCES}, **{path: "" for path in extra}}, folder)
    if lock:
        write({"Cargo.lock": lock}, folder)
    run(ASK, folder, ENV, check=True)
    return files_of(folder, lambda name: name in manifests or name == "Cargo.lock")


def ask(folder, files):
    for name in files:
        if name.endswith("Cargo.toml") and "[package]" in files[name]:
            write({str(pathlib.Path(name).parent / "src/lib.rs"): ""}, folder)
    code, said = run(ASK + ["--locked"], folder, ENV)
    strict = IN if code == 0 else OUT
    if os.environ.get("TALK"):
        print(said[-700:])
    there = copy(folder)
    code, said = run(ASK, there, ENV)
    same = code == 0 and (there / "Cargo.lock").read_bytes() == files.get("Cargo.lock", "").encode()
    if os.environ.get("TALK") and not same:
        print(said[-700:] if code else run(["git", "diff", "--no-index", str(folder / "Cargo.lock"), str(there / "Cargo.lock")], folder)[1])
    shutil.rmtree(there)
    return strict, IN if same else OUT


def clean(text):
    return text.replace(f"file://{HOME}/git", "https://git.example.org")


(HOME / "empty").mkdir()
VERSION = run(["cargo", "--version"], HOME)[1].split()[1]


def entry(lock, name, version=None):
    found = [b for b in re.findall(r"\[\[package\]\]\n(?:.+\n)+", lock) if f'name = "{name}"\n' in b]
    found = [b for b in found if version is None or f'version = "{version}"\n' in b]
    assert len(found) == 1, (name, version, found)
    return found[0]


def in_lock(change):
    def alter(files):
        before = files["Cargo.lock"]
        files["Cargo.lock"] = change(before)
        assert files["Cargo.lock"] != before, "the case alters nothing"
    return alter


def without(name, version=None):
    return in_lock(lambda lock: lock.replace(entry(lock, name, version) + "\n", ""))


def in_entry(name, old, new, version=None):
    def change(lock):
        text = entry(lock, name, version)
        assert re.search(old, text), (old, text)
        return lock.replace(text, re.sub(old, new, text, count=1))
    return in_lock(change)


ROOT, ONE, OUTSIDE = "Cargo.toml", "crates/one/Cargo.toml", "crates/outside/Cargo.toml"
CASES = [
    ("nothing", lambda files: None),
    # The range.
    ("range-still-satisfied", replace(ROOT, 'alpha = "1.0"', 'alpha = "1"')),
    ("range-not-satisfied", replace(ROOT, 'alpha = "1.0"', 'alpha = "2"')),
    ("range-above-the-locked", replace(ROOT, 'beta = "0.3"', 'beta = "0.4"')),
    ("range-exact", replace(ROOT, 'beta = "0.3"', 'beta = "=0.3.1"')),
    ("range-of-target-table", replace(ONE, '"0.1.0"', '"0.2.0"')),
    ("version-of-path-dependency-not-met", replace(ROOT, 'one", version = "0.2.0"', 'one", version = "0.3.0"')),
    # Dependencies come and go.
    ("dependency-added", add(ONE, "\n[dev-dependencies]\nepsilon = \"1\"\n")),
    ("dependency-added-that-is-locked-for-another", add(ONE, "\n[dev-dependencies]\ndelta = \"0.1\"\n")),
    ("dependency-removed", replace(ROOT, 'beta = "0.3"\n', "")),
    ("dependency-moved-to-dev", both(replace(ROOT, 'beta = "0.3"\n', ""), add(ROOT, 'beta = "0.3"\n'))),
    ("dependency-made-optional", replace(ROOT, 'beta = "0.3"', 'beta = { version = "0.3", optional = true }')),
    ("dependency-in-two-tables", add(ROOT, 'beta = "0.3.1"\n')),
    ("rename-changed", replace(ROOT, "new_alpha", "young_alpha")),
    ("rename-dropped", replace(ROOT, 'new_alpha = { package = "alpha", version = "2" }\n', "")),
    ("inherits-what-the-workspace-lacks", replace(ROOT, 'alpha = "1.0"\n', "")),
    ("default-features-off", replace(ROOT, 'beta = "0.3"', 'beta = { version = "0.3", default-features = false }')),
    # Members.
    ("version-of-root-bumped", replace(ROOT, 'name = "top"\nversion = "0.1.0"', 'name = "top"\nversion = "0.1.1"')),
    ("version-of-workspace-bumped", replace(ROOT, '[workspace.package]\nversion = "0.2.0"', '[workspace.package]\nversion = "0.2.1"')),
    ("member-added", add("crates/two/Cargo.toml", '[package]\nname = "two"\nversion = "0.1.0"\nedition = "2021"\n')),
    ("member-added-by-path", both(
        add("deep/three/Cargo.toml", '[package]\nname = "three"\nversion = "0.1.0"\nedition = "2021"\n'),
        add(ROOT, 'three = { path = "deep/three" }\n'))),
    ("package-that-nothing-asks-for", add("deep/three/Cargo.toml", '[package]\nname = "three"\nversion = "0.1.0"\nedition = "2021"\n')),
    ("member-removed", both(gone("tools/gen/Cargo.toml"), gone("tools/helper/Cargo.toml"), replace(ROOT, ', "tools/gen"', ""))),
    ("member-not-there", gone("tools/gen/Cargo.toml")),
    ("member-renamed", replace("tools/gen/Cargo.toml", 'name = "gen"', 'name = "generator"')),
    ("member-edition-changed", replace("tools/helper/Cargo.toml", "2021", "2018")),
    ("path-package-missing", gone("tools/helper/Cargo.toml")),
    ("name-of-path-package-changed", replace("tools/helper/Cargo.toml", 'name = "helper"', 'name = "aid"')),
    ("two-members-of-one-name", add("crates/two/Cargo.toml", '[package]\nname = "one"\nversion = "0.2.0"\nedition = "2021"\n')),
    ("folder-without-manifest", add("crates/notes/README.md", "notes\n")),
    # A package beside the workspace.
    ("outside-dev-dependency-changed", replace(OUTSIDE, '[dev-dependencies]\nzeta = "1"', '[dev-dependencies]\nzeta = "0.9"\nbeta = "0.3"')),
    ("outside-optional-added", replace(OUTSIDE, "[dev-dep", 'gamma = { version = "0.1", optional = true }\n\n[dev-dep')),
    ("outside-dependency-added", replace(OUTSIDE, "[dev-dep", 'zeta = "1"\n\n[dev-dep')),
    ("outside-feature-switched-off", replace(ROOT, 'features = ["more"]', "features = []")),
    ("outside-more-features", replace(ROOT, 'features = ["more"]', 'features = ["most"]')),
    ("outside-default-feature", add(OUTSIDE, 'default = ["epsilon"]\n')),
    ("outside-default-feature-not-asked-for", both(
        add(OUTSIDE, 'default = ["epsilon"]\n'), replace(ROOT, 'features = ["more"]', 'default-features = false, features = ["more"]'))),
    ("outside-feature-through-own-feature", add(ROOT, '[features]\nall = ["outside/most"]\n')),
    ("outside-weak-feature", replace(OUTSIDE, 'most = ["more", "epsilon"]', 'most = ["more", "epsilon"]\nweak = ["epsilon?/x"]')),
    ("outside-weak-feature-on", both(
        replace(OUTSIDE, 'most = ["more", "epsilon"]', 'most = ["more", "dep:epsilon"]\nweak = ["epsilon?/default"]'),
        replace(ROOT, 'features = ["more"]', 'features = ["more", "weak"]'))),
    ("outside-version-bumped", replace(OUTSIDE, '"0.5.0"', '"0.5.1"')),
    # Git.
    ("git-branch-given", replace(ROOT, 'git = "' + GIT + '"', 'git = "' + GIT + '", branch = "stable"')),
    ("git-revision-given", replace(ROOT, 'git = "' + GIT + '"', 'git = "' + GIT + '", rev = "main"')),
    ("git-to-registry", replace(ROOT, 'gitty = { git = "' + GIT + '" }', 'gitty = "0.4"')),
    ("git-version-not-met", replace(ROOT, 'git = "' + GIT + '"', 'git = "' + GIT + '", version = "0.5"')),
    ("git-address-with-slash", replace(ROOT, 'git = "' + GIT + '"', 'git = "' + GIT + '/"')),
    ("git-commit-gone-from-lock", in_entry("gitty", "#[0-9a-f]+", "")),
    ("registry-to-path", replace(ROOT, 'beta = "0.3"', 'beta = { path = "attic/beta" }')),
    # Patches.
    ("patch-added", both(
        add("attic/beta/Cargo.toml", '[package]\nname = "beta"\nversion = "0.3.7"\nedition = "2021"\n'),
        add(ROOT, '[patch.crates-io]\nbeta = { path = "attic/beta" }\n'))),
    ("patch-added-of-same-version", both(
        add("attic/beta/Cargo.toml", '[package]\nname = "beta"\nversion = "0.3.1"\nedition = "2021"\n'),
        add(ROOT, '[patch.crates-io]\nbeta = { path = "attic/beta" }\n'))),
    ("patch-added-that-nothing-uses", both(
        add("attic/kappa/Cargo.toml", '[package]\nname = "kappa"\nversion = "0.1.0"\nedition = "2021"\n'),
        add(ROOT, '[patch.crates-io]\nkappa = { path = "attic/kappa" }\n'))),
    # The lock.
    ("entry-removed-direct", without("beta")),
    ("entry-removed-transitive", without("delta")),
    ("entry-removed-of-member", without("one")),
    ("entry-extra", in_lock(lambda lock: lock.replace(
        entry(lock, "gen"),
        '[[package]]\nname = "extra"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "' + "0" * 64 + '"\n\n' + entry(lock, "gen")))),
    ("entry-extra-without-source", in_lock(lambda lock: lock.replace(
        entry(lock, "gen"), '[[package]]\nname = "extra"\nversion = "1.0.0"\n\n' + entry(lock, "gen")))),
    ("entry-twice", in_lock(lambda lock: lock.replace(entry(lock, "beta"), entry(lock, "beta") + "\n" + entry(lock, "beta")))),
    ("edge-removed-from-member", in_entry("top", ' "beta",\n', "")),
    ("edge-added-to-member", in_entry("gen", ' "helper",\n', ' "delta",\n "helper",\n')),
    ("edge-to-nothing-in-member", in_entry("gen", ' "helper",\n', ' "helper",\n "nobody",\n')),
    ("edge-without-its-version", in_entry("one", '"alpha [0-9.]+"', '"alpha"')),
    ("edge-with-needless-version", in_entry("top", '"beta"', '"beta 0.3.1"')),
    ("edges-reordered", in_entry("top", ' "beta",\n "gitty",\n', ' "gitty",\n "beta",\n')),
    ("version-tampered", in_entry("beta", '"0.3.1"', '"0.4.0"')),
    ("version-of-member-tampered", in_entry("one", '"0.2.0"', '"0.2.9"')),
    ("version-is-none", in_entry("beta", '"0.3.1"', '"newest"')),
    ("source-tampered", in_entry("beta", "registry[^\"]+", "registry+https://registry.example.org/index")),
    ("source-is-none", in_entry("beta", "registry[^\"]+", "somewhere")),
    ("source-removed", in_entry("beta", "source.*\n", "")),
    ("checksum-removed", in_entry("beta", "checksum.*\n", "")),
    ("entries-reordered", in_lock(lambda lock: lock.replace(entry(lock, "delta") + "\n", "").replace(entry(lock, "beta"), entry(lock, "delta") + "\n" + entry(lock, "beta")))),
    ("comment-added-at-the-top", in_lock(lambda lock: "# ours\n" + lock)),
    ("comment-added-inside", in_lock(lambda lock: lock.replace('name = "beta"', '# ours\nname = "beta"'))),
    ("comment-added-below-the-header", in_lock(lambda lock: lock.replace("editing.\n", "editing.\n# ours\n"))),
    ("line-ends-changed", in_lock(lambda lock: lock.replace("\n", "\r\n"))),
    ("header-3", in_lock(lambda lock: lock.replace("version = 4", "version = 3", 1))),
    ("header-2", in_lock(lambda lock: lock.replace("version = 4", "version = 2", 1))),
    ("header-5", in_lock(lambda lock: lock.replace("version = 4", "version = 5", 1))),
    ("header-gone", in_lock(lambda lock: lock.replace("version = 4\n", "", 1))),
    ("unused-patch-left-behind", in_lock(lambda lock: lock + '\n[[patch.unused]]\nname = "kappa"\nversion = "0.1.0"\n')),
    ("conflict-marks", in_lock(lambda lock: lock.replace('name = "beta"\n', '<<<<<<< HEAD\nname = "beta"\n=======\nname = "beth"\n>>>>>>> theirs\n'))),
    ("cut-off", in_lock(lambda lock: lock[: len(lock) * 2 // 3])),
    ("not-toml", in_lock(lambda lock: "{" + lock)),
    ("manifest-not-toml", add(ROOT, "[[\n")),
    ("no-lock", gone("Cargo.lock")),
    ("manifest-formatted-otherwise", replace(ROOT, 'beta = "0.3"', "'beta'   =   '0.3' # the second")),
]

base = make(MANIFESTS)
main = Oracle("cargo", f"cargo {VERSION}", base, clean)
only = sys.argv[1:]
for name, change in CASES:
    if not only or name in only:
        main.case(name, change, ask)


# A second base: patches, an alternative registry, git by tag, and a package alone with a path dependency beside it.
PATCHED = {
    "Cargo.toml": f"""[package]
name = "lonely"
version = "0.1.0"
edition = "2021"

[dependencies]
alpha = "1"
beta = "0.3"
near = {{ path = "near" }}
gitty = {{ git = "{GIT}", tag = "v1+x" }}
zeta = {{ version = "1", registry = "house" }}

[patch.crates-io]
alpha = {{ path = "fork/alpha" }}
kappa = {{ path = "fork/kappa" }}
""",
    ".cargo/config.toml": '[registries.house]\nindex = "https://registry.example.org/index"\n',
    "fork/alpha/Cargo.toml": '[package]\nname = "alpha"\nversion = "1.0.9"\nedition = "2021"\n\n[dependencies]\ndelta = { version = "0.1", optional = true }\n',
    "fork/kappa/Cargo.toml": '[package]\nname = "kappa"\nversion = "0.1.0"\nedition = "2021"\n',
    "near/Cargo.toml": '[package]\nname = "near"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nalpha = "1"\n\n[dev-dependencies]\ndelta = "0.1"\n',
}
SOURCES = ["src/lib.rs", "fork/alpha/src/lib.rs", "fork/kappa/src/lib.rs", "near/src/lib.rs"]
patched = Oracle("cargo@patched", f"cargo {VERSION}, patches and registries", make(PATCHED), clean)
for name, change in [
    ("nothing", lambda files: None),
    ("patch-removed", replace(ROOT, 'alpha = { path = "fork/alpha" }\n', "")),
    ("patch-moved", both(
        replace(ROOT, 'alpha = { path = "fork/alpha" }', 'alpha = { path = "fork/aleph" }'),
        gone("fork/alpha/Cargo.toml"),
        add("fork/aleph/Cargo.toml", '[package]\nname = "alpha"\nversion = "1.0.9"\nedition = "2021"\n'))),
    ("patch-version-bumped", replace("fork/alpha/Cargo.toml", "1.0.9", "1.0.10")),
    ("patch-no-longer-fits", replace("fork/alpha/Cargo.toml", "1.0.9", "2.0.9")),
    ("patch-needs-more", replace("fork/alpha/Cargo.toml", "[dependencies]\n", "[dependencies]\nzeta = \"1\"\n")),
    ("patch-optional-used", replace(ROOT, 'alpha = "1"', 'alpha = { version = "1", features = ["delta"] }')),
    ("patch-unused-removed", replace(ROOT, 'kappa = { path = "fork/kappa" }\n', "")),
    ("patch-unused-bumped", replace("fork/kappa/Cargo.toml", "0.1.0", "0.2.0")),
    ("patch-unused-is-used-now", replace(ROOT, 'beta = "0.3"', 'beta = "0.3"\nkappa = "0.1"')),
    ("patch-unused-gone-from-lock", in_lock(lambda lock: lock[: lock.index("[[patch.unused]]") - 1])),
    ("patch-second-added-unused", both(
        add("fork/zeta/Cargo.toml", '[package]\nname = "zeta"\nversion = "0.9.9"\nedition = "2021"\n'),
        add(ROOT, 'zeta = { path = "fork/zeta" }\n'))),
    ("patch-in-config", both(
        replace(ROOT, 'alpha = { path = "fork/alpha" }\n', ""),
        add(".cargo/config.toml", '\n[patch.crates-io]\nalpha = { path = "fork/alpha" }\n'))),
    ("requirement-leaves-the-patch", replace(ROOT, 'alpha = "1"', 'alpha = "=1.0.1"')),
    ("path-dependency-dev-changed", replace("near/Cargo.toml", 'delta = "0.1"', 'zeta = "0.9"')),
    ("path-dependency-gains", replace("near/Cargo.toml", 'alpha = "1"', 'alpha = "1"\nepsilon = "1"')),
    ("path-to-registry", replace(ROOT, 'near = { path = "near" }\n', 'near = "0.1"\n')),
    ("git-tag-changed", replace(ROOT, 'tag = "v1+x"', 'tag = "v1"')),
    ("git-tag-to-branch", replace(ROOT, 'tag = "v1+x"', 'branch = "stable"')),
    ("git-ref-dropped", replace(ROOT, ', tag = "v1+x"', "")),
    ("git-suffix", replace(ROOT, 'git/one"', 'git/one.git"')),
    ("registry-dropped", replace(ROOT, 'zeta = { version = "1", registry = "house" }', 'zeta = "1"')),
    ("registry-by-index", replace(ROOT, 'registry = "house"', 'registry-index = "https://registry.example.org/index"')),
    ("registry-moved", replace(".cargo/config.toml", "example.org/index", "example.org/other")),
    ("lock-of-version-3", in_lock(lambda lock: lock.replace("version = 4", "version = 3", 1).replace("v1%2Bx", "v1+x"))),
]:
    if not only or name in only:
        patched.case(name, change, ask)


# Locks of older forms, made of a plain package.
PLAIN = {"Cargo.toml": '[package]\nname = "plain"\nversion = "0.1.0"\nedition = "2018"\n\n[dependencies]\nalpha = "1.0"\nbeta = "0.3"\nyoung = { package = "alpha", version = "2" }\n'}
SOURCES = ["src/lib.rs"]
CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
plain = make(PLAIN)
sums = {(n, v): c for n, v, c in re.findall(r'name = "(.*)"\nversion = "(.*)"\nsource.*\nchecksum = "(.*)"', plain["Cargo.lock"])}


def first_form(lock):
    lock = lock.replace("version = 4\n", "", 1)
    lock = re.sub("checksum = .*\n", "", lock).replace("\n\n[[", "\n[[", 1)
    lock = re.sub(r'^ "(\w+)(?: ([0-9.]+))?",$', lambda m: f' "{m[1]} {m[2] or {"beta": "0.3.1", "alpha": "1.2.0"}[m[1]]} ({CRATES_IO})",', lock, flags=re.M)
    lines = "".join(f'"checksum {n} {v} ({CRATES_IO})" = "{c}"\n' for (n, v), c in sorted(sums.items()))
    return lock + "\n[metadata]\n" + lines


for number, lock in [(1, first_form(plain["Cargo.lock"])), (2, plain["Cargo.lock"].replace("version = 4\n", "", 1).replace("\n\n[[", "\n[[", 1)), (3, plain["Cargo.lock"].replace("version = 4", "version = 3"))]:
    old = Oracle(f"cargo@form{number}", f"cargo {VERSION}, a lock of version {number}", {**plain, "Cargo.lock": lock}, clean)
    for name, change in [
        ("nothing", lambda files: None),
        ("range-still-satisfied", replace(ROOT, '"1.0"', '"1"')),
        ("range-not-satisfied", replace(ROOT, '"0.3"', '"0.4"')),
        ("dependency-added", add(ROOT, 'zeta = "1"\n')),
        ("dependency-removed", replace(ROOT, 'beta = "0.3"\n', "")),
        ("version-bumped", replace(ROOT, '"0.1.0"', '"0.1.1"')),
        ("entry-removed", without("beta")),
        ("entry-twice", in_lock(lambda lock: lock.replace(entry(lock, "beta"), entry(lock, "beta") + "\n" + entry(lock, "beta")))),
        ("checksum-removed", in_lock(lambda lock: lock.replace([l for l in lock.splitlines() if "checksum" in l][2] + "\n", ""))),
        ("version-tampered", in_entry("beta", '"0.3.1"', '"0.2.0"')),
        ("no-lock", gone("Cargo.lock")),
    ]:
        if not only or name in only:
            old.case(name, change, ask)
    if not only:
        old.save()
if not only:
    main.save()
    patched.save()
