"""Cases of Terraform. Needs `terraform` on the PATH; no network: providers are made-up archives in a mirror on disk.

Strict: `terraform init -backend=false -lockfile=readonly`. Rewrite: whether `terraform init -backend=false` leaves the lock byte
for byte, or fails.
"""

import hashlib
import pathlib
import platform
import tempfile
import zipfile

from oracle import IN, OUT, Oracle, add, both, copy, files_of, gone, replace, run, write

HOME = pathlib.Path(tempfile.mkdtemp())
ENV = {"TF_CLI_CONFIG_FILE": str(HOME / "rc"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "HOME": str(HOME)}
PROVIDERS = [
    ("acme", "a", "1.2.5"), ("acme", "a", "1.3.0"), ("acme", "a", "2.0.0"), ("acme", "a", "2.1.0-beta1"), ("hashicorp", "b", "2.0.1"),
    ("acme", "x", "0.3.0"), ("hashicorp", "extra", "1.0.0"), ("other", "a", "1.2.5"), ("hashicorp", "a", "1.2.5"),
    ("hashicorp", "x", "0.3.0"),
]
LOCK = ".terraform.lock.hcl"
BASE = {
    "main.tf": """terraform {
  required_version = ">= 1.0"

  required_providers {
    a = {
      source  = "acme/a"
      version = "~> 1.2.0"
    }
  }
}

resource "b_thing" "one" {
  name = var.name
}

resource "terraform_data" "two" {}

module "net" {
  source = "./modules/net"
}
""",
    "variables.tf": """variable "name" {
  default = "app"
}
""",
    "modules/net/main.tf": """terraform {
  required_providers {
    x = {
      source  = "acme/x"
      version = ">= 0.2, < 1.0.0"
    }
  }
}

resource "x_net" "one" {}
""",
}


def mirror():
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    for owner, name, version in PROVIDERS:
        folder = HOME / "mirror/registry.terraform.io" / owner / name
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / f"terraform-provider-{name}_{version}_linux_{machine}.zip", "w") as archive:
            entry = zipfile.ZipInfo(f"terraform-provider-{name}_v{version}", (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, f"#!/bin/sh\n# {owner}/{name} {version}\n")
    write({"rc": f'provider_installation {{\n  filesystem_mirror {{\n    path = "{HOME}/mirror"\n  }}\n}}\n'}, HOME)


def terraform(folder, *args):
    return run(["terraform", "init", "-backend=false", "-input=false", "-no-color", *args], folder, ENV)


def base():
    folder = pathlib.Path(tempfile.mkdtemp())
    files = dict(BASE)
    files["main.tf"] = files["main.tf"].replace("~> 1.2.0", "1.2.5")
    write(files, folder)
    code, said = terraform(folder)
    if code:
        raise SystemExit(said)
    write(BASE, folder)
    lock = folder / LOCK
    lock.write_text(lock.read_text().replace('constraints = "1.2.5"', 'constraints = "~> 1.2.0"'))
    return files_of(folder, lambda name: name in BASE or name == LOCK)


def ask(folder, files):
    strict, _ = terraform(copy(folder), "-lockfile=readonly")
    other = copy(folder)
    code, _ = terraform(other)
    after = (other / LOCK).read_text() if (other / LOCK).exists() else None
    return (OUT if strict else IN), (OUT if code or after != files.get(LOCK) else IN)


def version(constraint):
    return replace("main.tf", '"~> 1.2.0"', f'"{constraint}"')


def fresh(constraint):
    """The constraint altered in the record of the lock as well, as Terraform spells it."""
    return both(version(constraint), replace(LOCK, '"~> 1.2.0"', f'"{constraint}"'))


def entry(files, name):
    text = files[LOCK]
    start = text.index(f'provider "registry.terraform.io/{name}"')
    end = text.index("\n}\n", start) + 3
    return text[start:end]


def drop(name):
    def change(files):
        files[LOCK] = files[LOCK].replace("\n" + entry(files, name), "")
    return change


def in_entry(name, old, new):
    def change(files):
        block = entry(files, name)
        assert block.count(old) == 1, (name, old)
        files[LOCK] = files[LOCK].replace(block, block.replace(old, new))
    return change


def no_hashes(kept):
    def change(files):
        block = entry(files, "acme/a")
        start, end = block.index("  hashes"), block.index("  ]\n") + 4
        files[LOCK] = files[LOCK].replace(block, block[:start] + kept + block[end:])
    return change


def twice(files):
    files[LOCK] += "\n" + entry(files, "acme/a")


def swapped(files):
    block = entry(files, "acme/a")
    files[LOCK] = files[LOCK].replace(block + "\n", "") + "\n" + block


def required(body):
    return f"\nterraform {{\n  required_providers {{\n{body}  }}\n}}\n"


def declare(path, body):
    """More in the `required_providers` of a file."""
    return replace(path, "  required_providers {\n", "  required_providers {\n" + body)


def relock(files):
    """The lock that Terraform makes of the files."""
    with tempfile.TemporaryDirectory() as folder:
        write({path: text for path, text in files.items() if path != LOCK}, folder)
        code, said = terraform(folder)
        if code:
            raise SystemExit(said)
        files[LOCK] = (pathlib.Path(folder) / LOCK).read_text()


def only_zip(files):
    """The hash of the archive alone, as registries give it."""
    [archive] = (HOME / "mirror/registry.terraform.io/acme/a").glob("*_1.2.5_*")
    no_hashes(f'  hashes = [\n    "zh:{hashlib.sha256(archive.read_bytes()).hexdigest()}",\n  ]\n')(files)


def main():
    mirror()
    said = run(["terraform", "version"], HOME, ENV)[1].split()[1].lstrip("v")
    oracle = Oracle("terraform", f"Terraform {said}", base())
    case = lambda name, change: oracle.case(name, change, ask)
    case("untouched", lambda files: None)
    for name, constraint in [
        ("range-still-satisfied", ">= 1.0"), ("range-not-satisfied", "~> 2.0"), ("tilde-minor-satisfied", "~> 1.1"),
        ("tilde-patch-not-satisfied", "~> 1.1.0"), ("tilde-one-part", "~> 1"), ("tilde-one-part-not-satisfied", "~> 0"), ("exact-satisfied", "1.2.5"),
        ("exact-with-sign", "= 1.2.5"), ("exact-not-satisfied", "1.2.4"), ("excluded", ">= 1.0, != 1.2.5"),
        ("two-parts-satisfied", ">= 1.2, < 1.3"), ("below", "< 1.2.5"), ("at-most", "<= 1.2.5"), ("above", "> 1.2.5"),
        ("short-exact", "1.2"), ("wildcard", "1.2.*"), ("leading-v", "v1.2.5"), ("no-constraint", ""), ("nonsense", "latest"),
        ("caret", "^1.2"), ("pre-release", ">= 1.0.0-beta1"), ("no-spaces", ">=1.0,<2"), ("trailing-comma", ">= 1.0,"),
        ("four-parts", "1.2.5.0"), ("spaces-around", " ~> 1.2.0 "), ("tilde-pre-release", "~> 1.2.0-beta1"),
    ]:
        case(name, version(constraint))
    case("range-altered-with-its-record", fresh(">= 1.0.0"))
    case("range-altered-with-its-record-not-satisfied", fresh("~> 2.0"))
    case("pre-release-locked", in_entry("acme/a", '"1.2.5"', '"2.1.0-beta1"'))
    case("pre-release-asked", both(version("2.1.0-beta1"), relock))
    case("pre-release-asked-with-a-range", both(version(">= 1.0, 2.1.0-beta1"), relock))
    case("provider-added", declare("main.tf", '    extra = {\n      source = "hashicorp/extra"\n    }\n'))
    case("required-providers-twice", add("versions.tf", required('    b = {\n      version = "~> 2.0"\n    }\n')))
    case("provider-declared-that-was-implied", declare("main.tf", '    b = {\n      version = "~> 2.0"\n    }\n'))
    case("provider-of-another-constraint", declare("main.tf", '    b = "< 2.0.0"\n'))
    case("provider-by-its-old-form", declare("main.tf", '    b = ">= 2.0"\n'))
    case("provider-implied-by-a-resource", add("main.tf", '\nresource "extra_one" "x" {}\n'))
    case("provider-implied-by-data", add("main.tf", '\ndata "extra_one" "x" {}\n'))
    case("provider-implied-by-its-block", add("main.tf", '\nprovider "extra" {}\n'))
    case("provider-version-in-its-block", add("main.tf", '\nprovider "a" {\n  version = "~> 2.0"\n}\n'))
    case("resource-names-its-provider", add("main.tf", '\nresource "thing_x" "y" {\n  provider = b\n}\n'))
    case("resource-names-a-new-provider", add("main.tf", '\nresource "b_x" "y" {\n  provider = extra.west\n}\n'))
    case("resource-of-a-declared-provider", add("main.tf", '\nresource "a_thing" "y" {}\n'))
    case("ephemeral-implies", add("main.tf", '\nephemeral "extra_one" "x" {}\n'))
    case("state-of-another", add("main.tf", '\ndata "terraform_remote_state" "x" {\n  backend = "local"\n}\n'))
    case("builtin-declared", declare("main.tf", '    t = {\n      source = "terraform.io/builtin/terraform"\n    }\n'))
    case("import-names-a-provider", add("main.tf", '\nimport {\n  to = b_thing.one\n  id = "x"\n}\n'))
    case("import-of-another-type", add("main.tf", '\nimport {\n  to = extra_one.x\n  id = "x"\n}\n'))
    case("check-with-data", add("main.tf", '\ncheck "x" {\n  data "extra_one" "y" {}\n  assert {\n    condition = true\n    error_message = "No."\n  }\n}\n'))
    case("provider-removed", replace("main.tf", '    a = {\n      source  = "acme/a"\n      version = "~> 1.2.0"\n    }\n', ""))
    case("resource-removed", replace("main.tf", 'resource "b_thing" "one" {\n  name = var.name\n}\n', ""))
    case("source-changed", replace("main.tf", '"acme/a"', '"other/a"'))
    case("source-with-its-host", replace("main.tf", '"acme/a"', '"registry.terraform.io/acme/a"'))
    case("source-in-capitals", replace("main.tf", '"acme/a"', '"Acme/A"'))
    case("source-gone", replace("main.tf", '      source  = "acme/a"\n', ""))
    case("local-name-changed", replace("main.tf", "    a = {", "    other = {"))
    case("alias", add("main.tf", '\nprovider "b" {\n  alias = "west"\n}\n'))
    case("module-added", both(add("modules/two/main.tf", required('    extra = {\n      source = "hashicorp/extra"\n    }\n')),
                              add("main.tf", '\nmodule "two" {\n  source = "./modules/two"\n}\n')))
    case("module-added-with-nothing-new", both(add("modules/two/main.tf", required('    a = {\n      source = "acme/a"\n    }\n')),
                                               add("main.tf", '\nmodule "two" {\n  source = "./modules/two"\n}\n')))
    case("module-not-called", add("modules/two/main.tf", required('    extra = {\n      source = "hashicorp/extra"\n    }\n')))
    case("module-removed", replace("main.tf", 'module "net" {\n  source = "./modules/net"\n}\n', ""))
    case("module-missing", gone("modules/net/main.tf"))
    case("module-range-not-satisfied", replace("modules/net/main.tf", "< 1.0.0", "< 0.3.0"))
    case("module-range-satisfied", replace("modules/net/main.tf", "< 1.0.0", "< 0.4.0"))
    case("module-of-a-module", both(add("modules/net/main.tf", '\nmodule "in" {\n  source = "../in"\n}\n'),
                                    add("modules/in/main.tf", '\nresource "extra_one" "x" {}\n')))
    case("module-constrains-the-same", declare("modules/net/main.tf", '    a = {\n      source  = "acme/a"\n      version = "~> 2.0"\n    }\n'))
    case("module-implies-by-another-namespace", add("modules/net/main.tf", '\nresource "a_thing" "y" {}\n'))
    case("override-file", add("main_override.tf", required('    a = {\n      source  = "acme/a"\n      version = "~> 2.0"\n    }\n')))
    case("json-file", add("more.tf.json", '{"resource": {"extra_one": {"x": {}}}}\n'))
    case("override-of-something-else", add("main_override.tf", 'variable "name" {\n  default = "other"\n}\n'))
    case("override-of-a-constraint-not-satisfied", both(version("~> 2.0"), add("a_override.tf", required('    a = {\n      source  = "acme/a"\n      version = "~> 1.2"\n    }\n'))))
    case("names-in-a-json-file", both(add("names.tf.json", '{"terraform": {"required_providers": {"q": {"source": "acme/x"}}}}\n'), add("main.tf", '\nresource "q_one" "x" {}\n'), gone("modules/net/main.tf"), replace("main.tf", 'module "net" {\n  source = "./modules/net"\n}\n', "")))
    case("removed-block", add("main.tf", '\nremoved {\n  from = extra_one.x\n  lifecycle {\n    destroy = false\n  }\n}\n'))
    case("moved-block", add("main.tf", '\nmoved {\n  from = extra_one.x\n  to   = b_thing.one\n}\n'))
    case("test-without-providers", add("tests/one.tftest.hcl", 'run "one" {\n  command = plan\n}\n'))
    case("test-with-a-provider", add("one.tftest.hcl", 'provider "extra" {}\n\nrun "one" {\n  command = plan\n}\n'))
    case("pre-release-at-least", both(version(">= 2.1.0-beta1"), in_entry("acme/a", '"1.2.5"', '"2.1.0-beta1"')))
    case("pre-release-without-a-constraint", in_entry("hashicorp/b", '"2.0.1"', '"2.1.0-beta1"'))
    case("another-providers-name-for-a-module", add("main.tf", '\nmodule "again" {\n  source = "./modules/net"\n  providers = {\n    x = x.west\n  }\n}\n\nprovider "x" {\n  alias = "west"\n}\n'))
    case("carriage-returns", lambda files: files.__setitem__("main.tf", files["main.tf"].replace("\n", "\r\n")))
    case("byte-order-mark", lambda files: files.__setitem__("main.tf", "\ufeff" + files["main.tf"]))
    case("byte-order-mark-in-the-lock", lambda files: files.__setitem__(LOCK, "\ufeff" + files[LOCK]))
    case("module-in-the-lock", add(LOCK, '\nmodule "x" {\n}\n'))
    case("variable-only", add("variables.tf", '\nvariable "more" {}\n'))
    case("comment-in-the-manifest", add("main.tf", "\n# nothing\n"))
    case("entry-removed", drop("acme/a"))
    case("implied-entry-removed", drop("hashicorp/b"))
    case("entry-of-a-module-removed", drop("acme/x"))
    case("extra-entry", add(LOCK, '\nprovider "registry.terraform.io/hashicorp/extra" {\n  version = "1.0.0"\n  hashes = [\n    "h1:66qPSI1SPscSS5HYLSzUzJmqAQ9N3ASs75+x9Qg1Kd0=",\n  ]\n}\n'))
    case("entry-twice", twice)
    case("entries-in-another-order", swapped)
    case("tampered-version-not-in-range", in_entry("acme/a", '"1.2.5"', '"1.3.0"'))
    case("record-stale", in_entry("acme/a", '"~> 1.2.0"', '">= 1.0.0"'))
    case("record-gone", in_entry("acme/a", '  constraints = "~> 1.2.0"\n', ""))
    case("record-nonsense", in_entry("acme/a", '"~> 1.2.0"', '"latest"'))
    case("hashes-empty", no_hashes("  hashes = []\n"))
    case("hashes-gone", no_hashes(""))
    case("hash-of-an-unknown-kind", no_hashes('  hashes = [\n    "x9:abc",\n  ]\n'))
    case("hash-of-the-archive-alone", only_zip)
    case("hash-is-no-hash", no_hashes('  hashes = [\n    "abc",\n  ]\n'))
    case("builtin-in-the-lock", add(LOCK, '\nprovider "terraform.io/builtin/terraform" {\n  version = "1.0.0"\n}\n'))
    case("address-without-its-host", replace(LOCK, "registry.terraform.io/acme/a", "acme/a"))
    case("another-block-in-the-lock", add(LOCK, '\nmore "x" {\n}\n'))
    case("version-gone", in_entry("acme/a", '  version     = "1.2.5"\n', ""))
    case("version-is-no-version", in_entry("acme/a", '"1.2.5"', '"latest"'))
    case("version-with-v", in_entry("acme/a", '"1.2.5"', '"v1.2.5"'))
    case("unknown-attribute", in_entry("acme/a", '  version     = "1.2.5"\n', '  version     = "1.2.5"\n  more        = true\n'))
    case("comment-in-the-lock", add(LOCK, "\n# more\n"))
    case("conflict-marks", lambda files: files.__setitem__(LOCK, "<<<<<<< HEAD\n" + files[LOCK] + "=======\n>>>>>>> other\n"))
    case("truncated", lambda files: files.__setitem__(LOCK, files[LOCK][:200]))
    case("lock-empty", lambda files: files.__setitem__(LOCK, ""))
    oracle.save()


if __name__ == "__main__":
    main()
