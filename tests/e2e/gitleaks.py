#!/usr/bin/env python3
"""`gatepost gitleaks` beside gitleaks itself: the same arguments, and the set of findings of both.

    tests/e2e/gitleaks.py --gitleaks PATH [--gatepost PATH] --config CONFIG [--noisy] [--repeat N] TARGET...

CONFIG is a configuration of gitleaks, such as its default one (`config/gitleaks.toml` of its repository, which is not in this one).
A TARGET is a folder (`dir:PATH`), the whole history of a repository (`git:PATH`), or a range of it (`git:PATH:A..B`). With --noisy
the configuration is extended by rules that match ordinary code, so that there is much to compare: layers, allowlists of every kind,
groups, entropy, rules by path, rules in company. Without a TARGET a repository is made with what is easily got wrong.

Every field of the JSON report counts. Of what differs, secrets are shown as digests. Also printed: wall and CPU seconds of each, of
the same rounds. Ends with 1 where the two differ. `docs/gitleaks.md` says where they do on purpose: a configuration with
`condition = "AND"` and `paths` is one such place in a folder. Standard library only.
"""

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import random
import resource
import statistics
import string
import subprocess
import sys
import tempfile
import time

NOISE = r"""
title = "noise"
[extend]
path = CONFIG
disabledRules = ["aws-access-token"]
[[allowlists]]
targetRules = ["noise-word"]
regexTarget = "line"
regexes = ['''(?i)todo''']
[[rules]]
id = "noise-word"
description = "long words"
regex = '''\b([A-Za-z]+_)?[A-Za-z]{18,40}\b'''
entropy = 3.2
tags = ["a", "b"]
[[rules]]
id = "noise-lines"
regex = '''(?i)return[^\n;]{0,40};\n\s*\}\s+'''
keywords = ["return"]
[[rules]]
id = "noise-string"
regex = '''"([^"\n]{5,60})"\s*,?\s*("[^"\n]*")?'''
secretGroup = 1
entropy = 3.9
[[rules]]
id = "generic-noise"
regex = '''(?i)key\w*\s*[=:]\s*\S{4,}'''
keywords = ["KEY"]
[[rules]]
id = "noise-path"
path = '''(?i)\.(?:c|h|rs)$'''
regex = '''(?m)^#\s*(?:include|\[)\S*'''
[[rules]]
id = "noise-file"
path = '''(?i)readme'''
[[rules]]
id = "noise-pair"
regex = '''static\s+(\w+)'''
keywords = ["static"]
[[rules.required]]
id = "noise-struct"
withinLines = 3
[[rules]]
id = "noise-struct"
regex = '''(?:struct|fn)\s+(\w{4,})'''
skipReport = true
[[rules.allowlists]]
stopwords = ["config", "Test"]
"""


def git(place, *words):
    identity = ["-c", "user.name=A B", "-c", "user.email=a@b.example", "-c", "commit.gpgSign=false"]
    subprocess.run(["git", "-C", place, *identity, *words], check=True, capture_output=True)


def made(place):
    """A repository with what is easily got wrong: names, line ends, encodings, sizes, moves."""
    draw = random.Random(1)

    def token(prefix, length, letters=string.ascii_letters + string.digits):
        return prefix + "".join(draw.choice(letters) for _ in range(length))

    def write(name, text):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def pat():
        return token("ghp_", 36)

    git(place.parent, "init", "-q", str(place))
    write("first line.txt", pat())
    write("ä/\t tab.txt", f"x\ny\n  token = '{pat()}' and '{pat()}'\n")
    write("crlf.txt", f"a\r\nb = {pat()}\r\nc\r\n")
    write("cr.txt", f"a\rb = {pat()}\rc")
    write("bytes.txt", b"\xff\xfe key \xe2\x84\xaa " + pat().encode() + b"\xff\n")
    write("allowed.txt", f"{pat()} # gitleaks:allow\n{pat()}\n")
    write("encoded.txt", "\n".join([
        base64.b64encode(pat().encode()).decode(), pat().encode().hex(), "".join(f"%{b:02x}" for b in pat().encode()),
        "".join(f"\\u{b:04x}" for b in pat().encode()), base64.b64encode(base64.b64encode(pat().encode())).decode(), ""]))
    words = ["api_key", "secret", "token", "return", "static", "fn", "x"]
    lines = [f"{draw.choice(words)} = \"{token('', draw.randint(3, 40))}\"" for _ in range(9000)]
    write("large.c", "\n".join(line if draw.random() > 0.02 else "" for line in lines))
    write("one line.js", ";".join(lines[:4000]))
    write("README.md", f"{pat()}\n")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "feat: <a> & b\nover two lines\n\n\nbody\n\n\n  more")
    git(place, "mv", "large.c", "moved.c")
    write("moved.c", "\n".join(lines[:4000] + [pat()] + lines[4000:]))
    write("no end.txt", f"a\n{pat()}")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "refactor: move it")
    write("no end.txt", f"{pat()}\nb")
    git(place, "commit", "-q", "-a", "-m", "fix: no end")
    return [f"dir:{place}", f"git:{place}", f"git:{place}:HEAD~1..HEAD"]


def arguments(target):
    kind, _, rest = target.partition(":")
    if kind == "dir":
        return ["dir", "."], rest
    path, _, span = rest.partition(":")
    return ["git", ".", *([f"--log-opts={span}"] if span else [])], path


def run(start, words, place):
    """The findings, and how long it took: wall and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        ended = subprocess.run([*start, *words, "-r", str(report)], cwd=place, capture_output=True)
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        if ended.returncode not in (0, 1) or not report.exists():
            sys.exit(f"{start[0]} ended with {ended.returncode} and no report:\n{ended.stderr.decode(errors='replace')}")
        rows = json.loads(report.read_text(encoding="utf-8"))
        return rows, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def shown(row):
    row = json.loads(row)
    for key in ("Secret", "Match"):
        row[key] = hashlib.sha256(row[key].encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return {key: value for key, value in row.items() if value not in ("", [], None)}


def compare(target, tools, config, repeat):
    words, place = arguments(target)
    words += ["-c", str(config), "--no-banner"]
    found, wall, cpu = {}, collections.defaultdict(list), collections.defaultdict(list)
    for _ in range(repeat):
        for name, start in tools.items():
            rows, seconds, busy = run(start, words, place)
            found[name] = collections.Counter(json.dumps(row, sort_keys=True) for row in rows)
            wall[name].append(seconds)
            cpu[name].append(busy)
    print(f"{target}: {sum(found['gitleaks'].values())} findings of gitleaks, {sum(found['gatepost'].values())} here")
    for name, times in (("wall", wall), ("CPU", cpu)):
        ratio = statistics.median(a / b for a, b in zip(times["gitleaks"], times["gatepost"]))
        medians = {tool: round(statistics.median(of), 2) for tool, of in times.items()}
        print(f"  {name} seconds {medians}, {ratio:.1f} x")
    for name, other in (("gatepost", "gitleaks"), ("gitleaks", "gatepost")):
        more = found[name] - found[other]
        for row in list(more)[:10]:
            print(f"  only {name}: {shown(row)}")
        if more:
            print(f"  only {name}: {sum(more.values())}")
    return found["gatepost"] == found["gitleaks"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gitleaks", required=True)
    parser.add_argument("--gatepost", default="target/release/gatepost")
    parser.add_argument("--config", required=True)
    parser.add_argument("--noisy", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("target", nargs="*")
    given = parser.parse_args()
    tools = {
        "gatepost": [str(pathlib.Path(given.gatepost).resolve()), "gitleaks"],
        "gitleaks": [str(pathlib.Path(given.gitleaks).resolve())],
    }
    config = pathlib.Path(given.config).resolve()
    with tempfile.TemporaryDirectory() as folder:
        if given.noisy:
            noisy = pathlib.Path(folder, "noisy.toml")
            noisy.write_text(NOISE.replace("CONFIG", json.dumps(str(config))), encoding="utf-8")
            config = noisy
        place = pathlib.Path(folder, "made")
        targets = given.target or made(place)
        is_same = [compare(target, tools, config, given.repeat) for target in targets]
    sys.exit(0 if all(is_same) else 1)


main()
