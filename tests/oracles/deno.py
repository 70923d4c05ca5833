"""deno.lock, asked of Deno. Needs `deno` on PATH (npm: deno) and the registry of npm; packages of JSR are served from here."""

import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import sys
import threading

from oracle import IN, OUT, Oracle, both, copy, files_of, gone, replace, run, write

HOME = pathlib.Path("/tmp/oracle-deno")
DENO = shutil.which("deno") or sys.exit("deno is not on PATH; `npm install deno` brings one")
JSR = {"@s/x": ["1.0.0", "1.1.0", "2.0.0"], "@s/y": ["0.1.0", "0.1.1"]}
TALK = os.environ.get("TALK")


class Registry(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self):
        parts = self.path.strip("/").split("/")
        name, rest = "/".join(parts[:2]), parts[2:]
        if name not in JSR:
            return None
        source = lambda version: f'export const v = "{version}";\n'
        if rest == ["meta.json"]:
            versions = {version: {} for version in JSR[name]}
            return json.dumps({"scope": parts[0][1:], "name": parts[1], "latest": JSR[name][-1], "versions": versions})
        if len(rest) == 1 and rest[0].removesuffix("_meta.json") in JSR[name]:
            text = source(rest[0].removesuffix("_meta.json")).encode()
            file = {"size": len(text), "checksum": "sha256-" + hashlib.sha256(text).hexdigest()}
            return json.dumps({"manifest": {"/mod.ts": file}, "moduleGraph2": {}, "exports": {".": "./mod.ts"}})
        return source(rest[0]) if len(rest) == 2 and rest[1] == "mod.ts" and rest[0] in JSR[name] else None

    def do_GET(self):
        text = self.answer()
        self.send_response(200 if text else 404)
        self.send_header("content-type", "application/typescript" if self.path.endswith(".ts") else "application/json")
        self.end_headers()
        self.wfile.write((text or "").encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
shutil.rmtree(HOME, ignore_errors=True)
ENV = {
    "DENO_DIR": str(HOME / "cache"), "JSR_URL": f"http://127.0.0.1:{server.server_port}/", "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1",
}
VERSION = run([DENO, "--version"], "/", ENV)[1].split()[1]
KEEP = re.compile(r"(^|/)(deno\.(jsonc?|lock)|package\.json|\.npmrc)$")


def install(folder, *flags):
    code, said = run([DENO, "install", *flags], folder, ENV, timeout=120)
    if TALK:
        print(said)
    return code


def ask(folder, files):
    again = copy(folder)
    strict = IN if install(folder, "--frozen") == 0 else OUT
    lock = again / "deno.lock"
    before = lock.read_bytes() if lock.exists() else None
    is_left = install(again, "--frozen=false") == 0 and before == (lock.read_bytes() if lock.exists() else None)
    shutil.rmtree(again)
    return strict, IN if is_left else OUT


def base(name, files):
    folder = HOME / name
    folder.mkdir(parents=True)
    write(files, folder)
    if install(folder) != 0:
        sys.exit(f"the base {name} cannot be installed")
    return files_of(folder, lambda path: "node_modules" not in path and KEEP.search(path)) | {
        path: text for path, text in files.items() if path.endswith(".ts")
    }


def as_json(path, change):
    """A change of a file of JSON; the lock is written as Deno writes it."""
    def edit(files):
        value = json.loads(files[path])
        change(value)
        text = json.dumps(value, indent=2) + "\n"
        files[path] = re.sub(r'"(os|cpu)": \[\s+("[^\]]*")\s+\]', lambda m: f'"{m[1]}": [{re.sub(chr(10) + " +", " ", m[2])}]', text)
    return edit


def put(path, *keys, value):
    def change(data):
        for key in keys[:-1]:
            data = data.setdefault(key, {})
        data[keys[-1]] = value
    return as_json(path, change)


def drop(path, *keys):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]
    return as_json(path, change)


def add(path, text):
    def change(files):
        assert path not in files
        files[path] = text
    return change


def change_text(path, by):
    def change(files):
        files[path] = by(files[path])
    return change


def dump(value):
    return json.dumps(value, indent=2) + "\n"


def workspace():
    oracle = Oracle("deno", f"Deno {VERSION}", base("workspace", {
        "deno.json": dump({
            "workspace": ["./a", "./b"],
            "imports": {"is-odd": "npm:is-odd@^3.0.0", "@s/x": "jsr:@s/x@^1.0.0", "./here/": "./src/"},
        }),
        "a/deno.json": dump({
            "name": "@w/a", "version": "1.0.0", "exports": "./mod.ts", "imports": {"is-number": "npm:is-number@6"},
        }),
        "a/mod.ts": "export const a = 1;\n",
        "b/package.json": dump({
            "name": "b", "version": "1.0.0", "dependencies": {"is-even": "~1.0.0"}, "devDependencies": {"is-number": "^7.0.0"},
        }),
    }))
    case = lambda name, change: oracle.case(name, change, ask)
    imports = lambda name, value: put("deno.json", "imports", name, value=value)
    lock = lambda *keys, value: put("deno.lock", *keys, value=value)
    case("nothing", lambda files: None)
    case("range-satisfied", imports("is-odd", "npm:is-odd@^3.0.1"))
    case("range-spelled-otherwise", imports("is-odd", "npm:is-odd@3"))
    case("range-spelled-with-x", imports("is-odd", "npm:is-odd@3.x"))
    case("range-not-satisfied", imports("is-odd", "npm:is-odd@^2.0.0"))
    case("range-exact", imports("is-odd", "npm:is-odd@3.0.1"))
    case("range-tag", imports("is-odd", "npm:is-odd@latest"))
    case("range-gone", imports("is-odd", "npm:is-odd"))
    case("range-of-two", imports("is-odd", "npm:is-odd@^3.0.0 || ^2.0.0"))
    case("range-compared", imports("is-odd", "npm:is-odd@>=3.0.0 <4"))
    case("sub-path", imports("is-odd/", "npm:/is-odd@^3.0.0/"))
    case("sub-path-file", imports("is-odd/f", "npm:is-odd@^3.0.0/index.js"))
    case("alias", imports("odd", "npm:is-odd@^3.0.0"))
    case("name-changed", both(drop("deno.json", "imports", "is-odd"), imports("odd", "npm:is-odd@^3.0.0")))
    case("added", imports("kind-of", "npm:kind-of@^6.0.0"))
    case("added-that-is-locked-for-another", imports("kind-of", "npm:kind-of@^3.0.0"))
    case("removed", drop("deno.json", "imports", "is-odd"))
    case("all-removed", drop("deno.json", "imports"))
    case("jsr-range-changed", imports("@s/x", "jsr:@s/x@1.1"))
    case("jsr-range-exact", imports("@s/x", "jsr:@s/x@1.1.0"))
    case("jsr-not-satisfied", imports("@s/x", "jsr:@s/x@^2.0.0"))
    case("jsr-added", imports("@s/y", "jsr:@s/y@^0.1.0"))
    case("jsr-removed", drop("deno.json", "imports", "@s/x"))
    case("jsr-sub-path", imports("@s/x/mod", "jsr:@s/x@^1.0.0/mod"))
    case("jsr-leading-slash", imports("@s/x/", "jsr:/@s/x@^1.0.0/"))
    case("jsr-without-scope", imports("x", "jsr:x@1"))
    case("import-of-a-file", imports("here", "./here.ts"))
    case("import-of-an-address", imports("std", "https://example.org/x.ts"))
    case("scopes", put("deno.json", "scopes", value={"./a/": {"is-number": "npm:is-number@^7.0.0"}}))
    case("jsx-import-source", put("deno.json", "compilerOptions", value={"jsx": "react-jsx", "jsxImportSource": "npm:is-odd@^2.0.0"}))
    case("types", put("deno.json", "compilerOptions", value={"types": ["npm:is-odd@^3.0.0", "./x.d.ts"]}))
    case("own-version", put("a/deno.json", "version", value="2.0.0"))
    case("tasks", put("deno.json", "tasks", value={"x": "echo"}))
    case("manifest-with-comments", change_text("deno.json", lambda text: "// x\n" + text))
    case("manifest-jsonc", lambda files: files.update({"deno.jsonc": "/* x */ " + files.pop("deno.json")}))
    case("manifest-reordered", as_json("deno.json", lambda v: v.update(imports=dict(reversed(v["imports"].items())))))
    case("manifest-broken", change_text("deno.json", lambda text: text.replace('"imports"', '"imports', 1)))
    case("member-range-changed", put("a/deno.json", "imports", "is-number", value="npm:is-number@6.0"))
    case("member-added-dependency", put("a/deno.json", "imports", "is-odd", value="npm:is-odd@^3.0.0"))
    case("member-without-dependencies", drop("a/deno.json", "imports"))
    case("member-removed", put("deno.json", "workspace", value=["./a"]))
    case("member-folder-gone", gone("b/package.json"))
    case("member-added", both(put("deno.json", "workspace", value=["./a", "./b", "./c"]), add("c/deno.json", dump({"imports": {"q": "npm:is-odd@^3.0.0"}}))))
    case("member-added-without-dependencies", both(put("deno.json", "workspace", value=["./a", "./b", "./c"]), add("c/deno.json", "{}\n")))
    case("members-by-pattern", put("deno.json", "workspace", value=["./*"]))
    case("members-as-an-object", put("deno.json", "workspace", value={"members": ["a", "b"]}))
    case("member-with-both-manifests", add("b/deno.json", dump({"imports": {"is-odd": "npm:is-odd@^3.0.0"}})))
    case("package-range-changed", put("b/package.json", "dependencies", "is-even", value="^1.0.0"))
    case("package-spelled-otherwise", put("b/package.json", "dependencies", "is-even", value="1.0.x"))
    case("package-compared", put("b/package.json", "dependencies", "is-even", value=">=1.0.0 <1.1.0"))
    case("package-of-two", put("b/package.json", "dependencies", "is-even", value="0.1 || 1"))
    case("package-hyphen", put("b/package.json", "dependencies", "is-even", value="1.0.0 - 1.0"))
    case("package-alias", put("b/package.json", "dependencies", value={"e": "npm:is-even@~1.0.0"}))
    case("package-jsr", put("b/package.json", "dependencies", "y", value="jsr:@s/y@^0.1.0"))
    case("package-moved-to-dev", both(drop("b/package.json", "dependencies"), put("b/package.json", "devDependencies", "is-even", value="~1.0.0")))
    case("package-moved-to-optional", both(drop("b/package.json", "dependencies"), put("b/package.json", "optionalDependencies", "is-even", value="~1.0.0")))
    case("package-peer", put("b/package.json", "peerDependencies", "is-odd", value="^2.0.0"))
    case("package-git", put("b/package.json", "dependencies", "g", value="git+https://example.org/g.git"))
    case("package-github", put("b/package.json", "dependencies", "g", value="owner/repository"))
    case("package-file", both(put("b/package.json", "dependencies", "f", value="file:../f"), add("f/package.json", dump({"name": "f", "version": "1.0.0"}))))
    case("package-of-workspace", put("b/package.json", "dependencies", "@w/a", value="workspace:*"))
    case("package-removed", drop("b/package.json", "dependencies"))
    case("lock-version-tampered", replace("deno.lock", '"npm:is-odd@3": "3.0.1"', '"npm:is-odd@3": "2.0.0"'))
    case("lock-version-tampered-to-a-locked-one", replace("deno.lock", '"npm:is-odd@3": "3.0.1"', '"npm:is-odd@3": "0.1.2"'))
    case("lock-jsr-version-tampered", replace("deno.lock", '"jsr:@s/x@1": "1.1.0"', '"jsr:@s/x@1": "1.0.0"'))
    case("lock-jsr-version-unknown", replace("deno.lock", '"jsr:@s/x@1": "1.1.0"', '"jsr:@s/x@1": "2.0.0"'))
    case("lock-specifier-removed", drop("deno.lock", "specifiers", "npm:is-odd@3"))
    case("lock-jsr-specifier-removed", drop("deno.lock", "specifiers", "jsr:@s/x@1"))
    case("lock-specifier-extra", lock("specifiers", "npm:is-odd@0.1", value="0.1.2"))
    case("lock-specifier-extra-unlocked", lock("specifiers", "npm:is-odd@2", value="2.0.0"))
    case("lock-specifier-spelled-otherwise", replace("deno.lock", '"npm:is-odd@3": "3.0.1"', '"npm:is-odd@^3.0.0": "3.0.1"'))
    case("lock-package-removed", drop("deno.lock", "npm", "is-odd@3.0.1"))
    case("lock-transitive-removed", drop("deno.lock", "npm", "is-buffer@1.1.6"))
    case("lock-transitive-one-of-several-removed", drop("deno.lock", "npm", "is-number@3.0.0"))
    case("lock-jsr-package-removed", drop("deno.lock", "jsr", "@s/x@1.1.0"))
    case("lock-package-extra", lock("npm", "is-windows@1.0.2", value={"integrity": "sha512-eXK1UInq2bPmjyX6e3VHIzMLobc4J94i4AWn+Hpq3OU5KkrRC96OAcR3PRJ/pGu6m8TRnBHP9dkXQVsT/COVIA=="}))
    case("lock-integrity-removed", drop("deno.lock", "npm", "is-odd@3.0.1", "integrity"))
    case("lock-jsr-integrity-removed", drop("deno.lock", "jsr", "@s/x@1.1.0", "integrity"))
    case("lock-dependency-removed", drop("deno.lock", "npm", "kind-of@3.2.2", "dependencies"))
    case("lock-dependency-named-in-full", put("deno.lock", "npm", "kind-of@3.2.2", "dependencies", value=["is-buffer@1.1.6"]))
    case("lock-workspace-removed", drop("deno.lock", "workspace"))
    case("lock-workspace-dependency-removed", put("deno.lock", "workspace", "dependencies", value=["jsr:@s/x@1"]))
    case("lock-workspace-dependency-extra", put("deno.lock", "workspace", "dependencies", value=["jsr:@s/x@1", "npm:is-odd@2", "npm:is-odd@3"]))
    case("lock-workspace-dependency-spelled-otherwise", replace("deno.lock", '"npm:is-odd@3"\n', '"npm:is-odd@^3.0.0"\n'))
    case("lock-member-removed", drop("deno.lock", "workspace", "members", "a"))
    case("lock-member-extra", put("deno.lock", "workspace", "members", "c", value={"dependencies": ["npm:is-odd@3"]}))
    case("lock-header-gone", drop("deno.lock", "version"))
    case("lock-header-later", put("deno.lock", "version", value="6"))
    case("lock-header-a-number", put("deno.lock", "version", value=5))
    case("lock-header-earlier", put("deno.lock", "version", value="4"))
    case("lock-reordered", as_json("deno.lock", lambda v: v.update(npm=dict(reversed(v["npm"].items())))))
    case("lock-formatted-otherwise", change_text("deno.lock", lambda text: json.dumps(json.loads(text))))
    case("lock-crlf", change_text("deno.lock", lambda text: text.replace("\n", "\r\n")))
    case("lock-twice-a-key", replace("deno.lock", '    "npm:is-odd@3": "3.0.1"\n', '    "npm:is-odd@3": "3.0.1",\n    "npm:is-odd@3": "3.0.1"\n'))
    case("lock-unknown-key", put("deno.lock", "x", value=1))
    case("lock-truncated", change_text("deno.lock", lambda text: text[: len(text) // 2]))
    case("lock-empty", change_text("deno.lock", lambda text: ""))
    case("lock-empty-object", change_text("deno.lock", lambda text: "{}\n"))
    case("lock-of-nothing", change_text("deno.lock", lambda text: '{\n  "version": "5"\n}\n'))
    case("lock-conflict", replace("deno.lock", '    "npm:is-odd@3": "3.0.1"\n', '<<<<<<< ours\n    "npm:is-odd@3": "3.0.1"\n=======\n    "npm:is-odd@3": "3.0.0"\n>>>>>>> theirs\n'))
    case("lock-gone", gone("deno.lock"))
    case("links", both(put("deno.json", "links", value=["./l"]), add("l/deno.json", dump({"name": "@s/x", "version": "1.2.0", "exports": "./mod.ts"})), add("l/mod.ts", "export const v = 1;\n")))
    case("vendor", put("deno.json", "vendor", value=True))
    case("scope-without-a-version", both(put("deno.json", "scopes", value={"./a/": {"e": "npm:is-even@1"}}), put("deno.lock", "workspace", "dependencies", value=["jsr:@s/x@1", "npm:is-even@1", "npm:is-odd@3"])))
    case("option-without-a-version", both(put("deno.json", "compilerOptions", value={"jsx": "react-jsx", "jsxImportSource": "npm:is-even@1"}), put("deno.lock", "workspace", "dependencies", value=["jsr:@s/x@1", "npm:is-even@1", "npm:is-odd@3"])))
    case("import-that-deno-does-not-read", imports("two", "npm:is-even@1 || 2"))
    case("import-of-another-project", both(imports("z", "./z/mod.ts"), add("z/deno.json", dump({"name": "@z/z", "version": "1.0.0", "exports": "./mod.ts", "imports": {"e": "npm:is-even@1"}})), add("z/mod.ts", "export {};\n")))
    case("member-by-its-name", imports("a", "jsr:@w/a@^1.0.0"))
    case("member-folder-without-a-manifest", both(gone("b/package.json"), add("b/x.ts", "export {};\n")))
    case("lock-jsr-dependency-added", put("deno.lock", "jsr", "@s/x@1.1.0", "dependencies", value=["npm:is-odd@3"]))
    case("lock-jsr-dependency-by-name", put("deno.lock", "jsr", "@s/x@1.1.0", "dependencies", value=["npm:is-odd"]))
    case("lock-jsr-dependency-unknown", put("deno.lock", "jsr", "@s/x@1.1.0", "dependencies", value=["jsr:@s/y@1"]))
    case("lock-npm-dependency-unknown", put("deno.lock", "npm", "is-odd@3.0.1", "dependencies", value=["is-number@6.0.0", "nothing"]))
    case("lock-npm-optional-unknown", put("deno.lock", "npm", "is-odd@3.0.1", "optionalDependencies", value=["is-windows@1.0.2"]))
    case("lock-npm-peer-unknown", put("deno.lock", "npm", "is-odd@3.0.1", "optionalPeers", value=["is-windows@1.0.2"]))
    case("lock-npm-is-a-list", put("deno.lock", "npm", value=[]))
    case("lock-specifier-without-a-version", put("deno.lock", "specifiers", "npm:is-odd@3", value=None))
    case("lock-integrity-a-number", put("deno.lock", "npm", "is-odd@3.0.1", "integrity", value=1))
    case("lock-integrity-null", put("deno.lock", "npm", "is-odd@3.0.1", "integrity", value=None))
    case("lock-jsr-null", put("deno.lock", "jsr", value=None))
    case("lock-remote", put("deno.lock", "remote", value={"https://example.org/x.ts": "0" * 64}))
    case("lock-workspace-a-list", put("deno.lock", "workspace", value=[]))
    case("lock-patches", put("deno.lock", "workspace", "patches", value={}))
    case("lock-version-1", change_text("deno.lock", lambda text: dump({"https://example.org/x.ts": "0" * 64})))
    case("lock-dependency-spelled-badly", put("deno.lock", "workspace", "dependencies", value=["is-odd@3"]))
    case("lock-off", put("deno.json", "lock", value=False))
    case("lock-elsewhere", put("deno.json", "lock", value="./other.lock"))
    case("lock-frozen", put("deno.json", "lock", value={"frozen": True}))
    case("import-map-file", both(drop("deno.json", "imports"), put("deno.json", "importMap", value="./map.json"), add("map.json", dump({"imports": {"is-odd": "npm:is-odd@^3.0.0", "@s/x": "jsr:@s/x@^1.0.0"}}))))
    oracle.save()


def package():
    oracle = Oracle("deno@package", f"Deno {VERSION}, a package.json", base("package", {
        "package.json": dump({
            "name": "p", "version": "1.0.0", "workspaces": ["packages/*"],
            "dependencies": {"is-even": "^1.0.0", "is-number": "catalog:"}, "devDependencies": {"kind-of": "^6.0.0"},
            "catalog": {"is-number": "^7.0.0"}, "catalogs": {"old": {"is-number": "^6.0.0"}}, "overrides": {"is-buffer": "1.1.6"},
        }),
        "packages/m/package.json": dump({"name": "m", "version": "1.0.0", "dependencies": {"is-number": "catalog:old"}}),
    }))
    case = lambda name, change: oracle.case(name, change, ask, ("package.json", "deno.lock") if "deno-alone" in name else None)
    top = lambda *keys, value: put("package.json", *keys, value=value)
    case("nothing", lambda files: None)
    case("range-satisfied", top("dependencies", "is-even", value="~1.0.0"))
    case("range-spelled-otherwise", top("dependencies", "is-even", value="1"))
    case("range-not-satisfied", top("dependencies", "is-even", value="^0.1.0"))
    case("added", top("dependencies", "is-odd", value="^3.0.0"))
    case("removed", drop("package.json", "devDependencies"))
    case("moved-to-dev", both(drop("package.json", "dependencies", "is-even"), top("devDependencies", "is-even", value="^1.0.0")))
    case("in-both", top("devDependencies", "is-even", value="^1.0.0"))
    case("in-both-otherwise", top("devDependencies", "is-even", value="1.0.0"))
    case("version-of-the-package", top("version", value="2.0.0"))
    case("catalog-changed", top("catalog", "is-number", value="^7.0.1"))
    case("catalog-spelled-otherwise", top("catalog", "is-number", value="7"))
    case("catalog-entry-gone", drop("package.json", "catalog"))
    case("catalog-entry-extra", top("catalog", "is-odd", value="1"))
    case("catalog-of-another-name", top("dependencies", "is-number", value="catalog:old"))
    case("catalog-default-by-name", top("dependencies", "is-number", value="catalog:default"))
    case("catalogs-changed", top("catalogs", "old", "is-number", value="6.0.0"))
    case("override-changed", top("overrides", "is-buffer", value="1.1.5"))
    case("override-spelled-otherwise", top("overrides", "is-buffer", value="=1.1.6"))
    case("override-removed", drop("package.json", "overrides"))
    case("override-added", top("overrides", "is-number", value="7.0.0"))
    case("override-empty", top("overrides", value={}))
    case("override-added-before", top("overrides", value={"x": "1", "is-buffer": "1.1.6"}))
    case("member-changed", put("packages/m/package.json", "dependencies", "is-odd", value="^3.0.0"))
    case("member-removed", gone("packages/m/package.json"))
    case("member-added", add("packages/n/package.json", dump({"name": "n", "dependencies": {"is-even": "^1.0.0"}})))
    case("member-added-without-dependencies", add("packages/n/package.json", dump({"name": "n"})))
    case("member-of-deno-alone", add("packages/n/deno.json", dump({"imports": {"o": "npm:is-odd@3"}})))
    case("member-with-an-empty-name", put("packages/m/package.json", "name", value=""))
    case("member-without-a-name", drop("packages/m/package.json", "name"))
    case("member-by-its-path", top("workspaces", value=["./packages/m"]))
    case("member-taken-out", both(top("workspaces", value=["packages/*", "!packages/m"])))
    case("workspaces-as-an-object", both(drop("package.json", "catalog"), drop("package.json", "catalogs"), top("workspaces", value={"packages": ["packages/*"], "catalog": {"is-number": "^7.0.0"}, "catalogs": {"old": {"is-number": "^6.0.0"}}})))
    case("deno-json-with-a-catalog", both(drop("package.json", "catalog"), drop("package.json", "catalogs"), add("deno.json", dump({"catalog": {"is-number": "^7.0.0"}, "catalogs": {"old": {"is-number": "^6.0.0"}}}))))
    case("import-of-a-catalog", add("deno.json", dump({"imports": {"is-number": "catalog:old"}})))
    case("version-beyond-the-catalog", top("dependencies", "is-number", value="catalog:none"))
    case("tag", top("dependencies", "is-even", value="latest"))
    case("any", top("dependencies", "is-even", value="*"))
    case("nothing-asked", top("dependencies", "is-even", value=""))
    case("no-range", top("dependencies", "is-even", value="^^1"))
    case("zero", top("dependencies", "is-even", value="0.x || 1"))
    case("member-workspace-dependency", top("dependencies", "m", value="workspace:*"))
    case("member-by-range", top("dependencies", "m", value="^1.0.0"))
    case("lock-overrides-removed", drop("deno.lock", "workspace", "packageJson", "overrides"))
    case("lock-record-stale", put("deno.lock", "workspace", "packageJson", "dependencies", value=["npm:is-even@1", "npm:is-number@7"]))
    case("lock-package-tampered", replace("deno.lock", '"npm:is-even@1": "1.0.0"', '"npm:is-even@1": "0.1.0"'))
    case("lock-gone", gone("deno.lock"))
    case("deno-json-added", add("deno.json", dump({"imports": {"is-odd": "npm:is-odd@^3.0.0"}})))
    case("deno-json-added-without-imports", add("deno.json", "{}\n"))
    case("lock-of-npm-beside", add("package-lock.json", dump({"name": "p", "lockfileVersion": 3, "packages": {}})))
    oracle.save()
    return oracle.base


def earlier(version, text):
    """A lock as an earlier Deno wrote it: made from a lock of today, for those Denos are not asked."""
    lock = json.loads(text)
    lock["version"] = version
    if version == "4":
        return dump(lock)
    specifiers = {name: f"{name[:4]}{name[4:].rsplit('@', 1)[0]}@{to}" for name, to in lock.pop("specifiers").items()}
    npm = lock.pop("npm")
    names = {}
    for key in npm:
        names.setdefault(key.rsplit("@", 1)[0], []).append(key)
    for entry in npm.values():
        full = [name if "@" in name[1:] else names[name][0] for name in entry.get("dependencies", [])]
        entry["dependencies"] = {name.rsplit("@", 1)[0]: name for name in full}
    if version == "2":
        bare = lambda text: text.removeprefix("npm:")
        return dump({"version": "2", "remote": {}, "npm": {"specifiers": {bare(k): bare(v) for k, v in specifiers.items()}, "packages": npm}})
    return dump({"version": "3", "packages": {"specifiers": specifiers, "npm": npm}, "remote": {}, "workspace": lock["workspace"]})


def former(version):
    files = base(f"former-{version}", {
        "deno.json": dump({"imports": {"is-odd": "npm:is-odd@^3.0.0", "is-even": "npm:is-even@1"}}),
    })
    files["deno.lock"] = earlier(version, files["deno.lock"])
    oracle = Oracle(f"deno@{version}", f"Deno {VERSION}, a lock of version {version}", files)
    case = lambda name, change: oracle.case(name, change, ask)
    imports = lambda name, value: put("deno.json", "imports", name, value=value)
    case("nothing", lambda files: None)
    case("range-spelled-otherwise", imports("is-odd", "npm:is-odd@3"))
    case("range-satisfied", imports("is-odd", "npm:is-odd@^3.0.1"))
    case("range-not-satisfied", imports("is-odd", "npm:is-odd@^2.0.0"))
    case("added", imports("is-number", "npm:is-number@7"))
    case("removed", drop("deno.json", "imports", "is-even"))
    case("all-removed", drop("deno.json", "imports"))
    case("reordered", as_json("deno.json", lambda v: v.update(imports=dict(reversed(v["imports"].items())))))
    case("lock-formatted-otherwise", change_text("deno.lock", lambda text: json.dumps(json.loads(text))))
    case("lock-truncated", change_text("deno.lock", lambda text: text[: len(text) // 2]))
    root = {"4": [], "3": ["packages"], "2": ["npm"]}[version]
    npm = "packages" if version == "2" else "npm"
    case("lock-specifier-removed", drop("deno.lock", *root, "specifiers", "npm:is-odd@3" if version != "2" else "is-odd@3"))
    case("lock-package-removed", drop("deno.lock", *root, npm, "is-odd@3.0.1"))
    oracle.save()


if __name__ == "__main__":
    workspace()
    package()
    for version in ("4", "3", "2"):
        former(version)
