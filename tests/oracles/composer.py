"""Cases of Composer. Needs `composer` on the PATH (Debian: composer, php-cli); no network: packages are folders.

Strict: `composer install`. An ordinary install of Composer never writes a lock that is there, so what is asked for the
other question is `composer validate`: whether the lock is up to date.
"""

import json
import pathlib
import tempfile

from oracle import IN, OUT, Oracle, copy, files_of, replace, run, write

HOME = tempfile.mkdtemp()
ENV = {"COMPOSER_HOME": HOME, "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_NO_INTERACTION": "1", "COMPOSER_DISABLE_NETWORK": "1"}
SETTINGS = [{"type": "path", "url": "packages/*", "options": {"symlink": False}}, {"packagist.org": False}]


def package(name, version, **more):
    return json.dumps({"name": f"acme/{name}", "version": version, **more}, indent=4) + "\n"


ROOT = {
    "name": "acme/app",
    "description": "An app",
    "license": "MIT",
    "type": "project",
    "repositories": SETTINGS,
    "require": {
        "php": ">=7.2",
        "acme/core": "^1.2",
        "acme/log-api": "^1.0",
        "acme/http": "~2.1.0 || ^3.0",
        "acme/branch": "dev-main as 1.0.x-dev",
    },
    "require-dev": {"acme/check": "^0.4"},
    "minimum-stability": "dev",
    "prefer-stable": True,
    "extra": {"ratio": 1.50, "path": "a/b", "name": "é", "empty": {}, "list": {"0": "x", "1": "y"}, "large": 1e20},
    "config": {"platform": {"php": "8.1.0"}, "sort-packages": True},
}

PACKAGES = {
    "packages/core/composer.json": package("core", "1.2.5", require={"acme/util": "^1.0"}),
    "packages/util/composer.json": package("util", "1.4.0"),
    "packages/log/composer.json": package("log", "2.0.0", replace={"acme/log-api": "1.5.0"}),
    "packages/http/composer.json": package(
        "http", "2.1.3", require={"acme/log-api": "^1.2", "acme/log": "*", "ext-json": "*"}, conflict={"acme/util": "<1.0"}),
    "packages/branch/composer.json": package("branch", "dev-main"),
    "packages/check/composer.json": package("check", "0.4.2", require={"acme/util": ">=1.1@beta"}),
    "packages/extra/composer.json": package("extra", "1.0.0"),
}


def dump(value):
    return json.dumps(value, indent=4, ensure_ascii=False) + "\n"


def composer(folder, *args):
    return run(["composer", "--no-plugins", *args], folder, ENV)


def base():
    folder = pathlib.Path(tempfile.mkdtemp())
    write({**PACKAGES, "composer.json": dump(ROOT)}, folder)
    run(["composer", "--no-plugins", "update", "--no-install"], folder, ENV, check=True)
    return files_of(folder, lambda name: name.endswith(("composer.json", "composer.lock")))


def ask(folder, files):
    strict, _ = composer(copy(folder), "install", "--dry-run")
    checked, said = composer(folder, "validate", "--no-check-publish", "--no-check-all")
    if checked and "lock file" not in said.lower() and "composer.lock" not in said and "json" not in said.lower():
        raise SystemExit(said)
    return (OUT if strict else IN), (OUT if checked else IN)


def manifest(change):
    def edit(files):
        value = json.loads(files["composer.json"])
        change(value)
        files["composer.json"] = dump(value)
    return edit


def lock(change):
    def edit(files):
        value = json.loads(files["composer.lock"])
        change(value)
        files["composer.lock"] = dump(value)
    return edit


def named(value, name, section="packages"):
    return next(package for package in value[section] if package["name"] == name)


def relock(change):
    """The hash that Composer gives the altered manifest, so that only the lock's packages are wrong."""
    def edit(files):
        change(files)
        with tempfile.TemporaryDirectory() as folder:
            write(files, folder)
            code = ("require '/usr/share/php/Composer/autoload.php';"
                    "echo Composer\\Package\\Locker::getContentHash(file_get_contents('composer.json'));")
            _, said = run(["php", "-r", code], folder, check=True)
        value = json.loads(files["composer.lock"])
        value["content-hash"] = said.strip()
        files["composer.lock"] = dump(value)
    return edit


def require(name, what):
    return manifest(lambda value: value["require"].__setitem__(name, what))


def moved(value):
    value["require-dev"]["acme/core"] = value["require"].pop("acme/core")


def swap(value):
    value["packages-dev"].append(value["packages"].pop(next(
        at for at, package in enumerate(value["packages"]) if package["name"] == "acme/core")))


def main():
    version = run(["composer", "--version"], HOME, ENV)[1].split()[2]
    oracle = Oracle("composer", f"Composer {version}", base())
    case = lambda name, change: oracle.case(name, change, ask)
    case("untouched", lambda files: None)
    case("reformatted", lambda files: files.__setitem__("composer.json", json.dumps(json.loads(files["composer.json"]))))
    case("keys-in-another-order", manifest(lambda value: value.__setitem__("name", value.pop("name"))))
    case("requirements-in-another-order", manifest(lambda v: v["require"].__setitem__("php", v["require"].pop("php"))))
    case("description-changed", manifest(lambda value: value.__setitem__("description", "Another")))
    case("scripts-added", manifest(lambda value: value.__setitem__("scripts", {"test": "true"})))
    case("version-set", manifest(lambda value: value.__setitem__("version", "1.0.0")))
    case("range-still-satisfied", require("acme/core", "^1.2.1"))
    case("range-not-satisfied", require("acme/core", "^2.0"))
    case("range-not-satisfied-hash-right", relock(require("acme/core", "^2.0")))
    case("range-of-three-satisfied", relock(require("acme/core", ">=1.0 <1.2 || 1.2.* || ^9")))
    case("range-excludes-it", relock(require("acme/core", ">=1.0,!=1.2.5")))
    case("hyphen-satisfied", relock(require("acme/core", "1.0 - 1.2")))
    case("hyphen-not-satisfied", relock(require("acme/core", "1.0 - 1.1")))
    case("tilde-not-satisfied", relock(require("acme/core", "~1.1.0")))
    case("tilde-satisfied", relock(require("acme/core", "~1.2")))
    case("wildcard-satisfied", relock(require("acme/core", "1.2.*")))
    case("exact-satisfied", relock(require("acme/core", "v1.2.5")))
    case("exact-not-satisfied", relock(require("acme/core", "1.2.4")))
    case("replaced-not-satisfied", relock(require("acme/log-api", "^2.0")))
    case("replaced-satisfied", relock(require("acme/log-api", "~1.5.0")))
    case("branch-changed", relock(require("acme/branch", "dev-next")))
    case("branch-of-another-alias", relock(require("acme/branch", "dev-main as 2.0.x-dev")))
    case("branch-by-its-alias", relock(require("acme/branch", "^1.0@dev")))
    case("added", require("acme/extra", "^1.0"))
    case("added-hash-right", relock(require("acme/extra", "^1.0")))
    case("added-and-locked-already", relock(require("acme/util", "^1.0")))
    case("platform-added", require("ext-json", "*"))
    case("platform-added-hash-right", relock(require("ext-ctype", "*")))
    case("removed", manifest(lambda value: value["require"].pop("acme/core")))
    case("removed-hash-right", relock(manifest(lambda value: value["require"].pop("acme/core"))))
    case("moved-to-dev", manifest(moved))
    case("moved-to-dev-in-the-lock", lock(swap))
    case("dev-added-hash-right", relock(manifest(lambda v: v["require-dev"].__setitem__("acme/extra", "*"))))
    case("dev-locked-in-packages", relock(manifest(lambda v: v["require-dev"].__setitem__("acme/core", "^1.2"))))
    case("minimum-stability-changed", manifest(lambda value: value.__setitem__("minimum-stability", "stable")))
    case("minimum-stability-in-the-lock", lock(lambda value: value.__setitem__("minimum-stability", "stable")))
    case("stability-flags-gone-from-the-lock", lock(lambda v: v.update({"minimum-stability": "beta", "stability-flags": {}})))
    case("prefer-stable-changed", manifest(lambda value: value.__setitem__("prefer-stable", False)))
    case("platform-override-changed", manifest(lambda v: v["config"].__setitem__("platform", {"php": "8.2.0"})))
    case("config-changed", manifest(lambda value: value["config"].__setitem__("sort-packages", False)))
    case("repository-added", manifest(lambda v: v["repositories"].insert(0, {"type": "path", "url": "more/*"})))
    case("conflict-added-hash-right", relock(manifest(lambda v: v.__setitem__("conflict", {"acme/util": "<2"}))))
    case("conflict-of-others-hash-right", relock(manifest(lambda v: v.__setitem__("conflict", {"acme/util": "<1"}))))
    case("replace-added-hash-right", relock(manifest(lambda v: v.__setitem__("replace", {"acme/util": "*"}))))
    case("extra-changed", manifest(lambda value: value["extra"].__setitem__("ratio", 1.75)))
    case("extra-float-written-otherwise", replace("composer.json", "\"ratio\": 1.5", "\"ratio\": 1.50"))
    case("extra-escaped", replace("composer.json", "\"a/b\"", "\"a\\/b\""))
    case("extra-key-twice", replace("composer.json", "\"path\": \"a/b\",", "\"path\": \"x\",\n        \"path\": \"a/b\","))
    case("entry-removed", lock(lambda value: value["packages"].remove(named(value, "acme/core"))))
    case("transitive-entry-removed", lock(lambda value: value["packages"].remove(named(value, "acme/util"))))
    case("extra-entry", lock(lambda v: v["packages"].append({"name": "acme/extra", "version": "1.0.0", "dist": {
        "type": "path", "url": "packages/extra", "reference": "0" * 40}, "type": "library"})))
    case("entry-twice", lock(lambda v: v["packages"].append(dict(named(v, "acme/util")))))
    case("entry-twice-in-two-versions", lock(lambda v: v["packages"].append({**named(v, "acme/util"), "version": "1.9.0"})))
    case("tampered-version-in-range", lock(lambda v: named(v, "acme/core").__setitem__("version", "1.3.0")))
    case("tampered-version", lock(lambda v: named(v, "acme/core").__setitem__("version", "9.0.0")))
    case("tampered-transitive-version", lock(lambda v: named(v, "acme/util").__setitem__("version", "2.0.0")))
    case("tampered-transitive-requirement", lock(lambda v: named(v, "acme/core")["require"].__setitem__("acme/util", "^3")))
    case("conflict-in-the-lock", lock(lambda v: named(v, "acme/http").__setitem__("conflict", {"acme/util": "^1"})))
    case("tampered-dev-version", lock(lambda v: named(v, "acme/check", "packages-dev").__setitem__("version", "0.5.0")))
    case("reference-removed", lock(lambda v: named(v, "acme/core")["dist"].pop("reference")))
    case("hash-changed", lock(lambda value: value.__setitem__("content-hash", "0" * 32)))
    case("hash-removed", lock(lambda value: value.pop("content-hash")))
    case("no-dev-section", lock(lambda value: value.pop("packages-dev")))
    case("api-version-changed", lock(lambda value: value.__setitem__("plugin-api-version", "2.6.0")))
    case("conflict-marks", lambda files: files.__setitem__("composer.lock", "<<<<<<< HEAD\n" + files["composer.lock"] + "=======\n{}\n>>>>>>> other\n"))
    case("truncated", lambda files: files.__setitem__("composer.lock", files["composer.lock"][:400]))
    oracle.save()


if __name__ == "__main__":
    main()
