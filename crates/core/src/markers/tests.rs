//! The registry's examples, and texts judged as the gates see them.

use super::kinds::KINDS;
use super::*;
use crate::change::Edit;
use crate::check::Check;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{Date, Document, DocumentKind, Finding, Level, ObjectId, RepoPath, SkipReason, Stage};

fn policy(text: &str) -> Policy {
    let text = text.to_owned();
    Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap()
}

fn judge(options: &str) -> Judge {
    let policy = policy(&format!("[markers]\n{options}\n"));
    Judge::new(&policy, Stage::PreCommit, Date::new(2026, 11, 22).unwrap()).unwrap()
}

fn edited(options: &str, path: &str, before: &[&str], now: &str) -> Collected {
    let path = RepoPath::from(path);
    let before: Vec<&[u8]> = before.iter().map(|text| text.as_bytes()).collect();
    let id = ObjectId::from_bytes(&[1; 20]).unwrap();
    let edit = Edit { path: &path, before: &before, now: now.as_bytes(), id, commit: None };
    let mut sink = Collected::default();
    judge(options).edit(&edit, &mut sink);
    sink
}

fn new(options: &str, path: &str, now: &str) -> Vec<Finding> {
    edited(options, path, &[], now).findings
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn lines(findings: &[Finding]) -> Vec<u32> {
    findings.iter().map(|finding| finding.locations[0].span.unwrap().line).collect()
}

/// Of lines of a file each is tried alone: those before `--` are findings, those behind are none.
#[track_caller]
fn tell_apart(options: &str, path: &str, lines: &[&str]) {
    let mut fires = true;
    for line in lines {
        if *line == "--" {
            fires = false;
            continue;
        }
        let found = new(options, path, line);
        assert_eq!(!found.is_empty(), fires, "{path}: {line}\n{found:#?}");
    }
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let (options, path) = (example_options(code.code).unwrap(), example_path(code.name).unwrap());
        assert_eq!(names(&new(options, path, code.fires)), [code.name], "{} fires", code.name);
        assert_eq!(names(&new(options, path, code.silent)), [""; 0], "{} silent", code.name);
        assert_eq!(names(&new("", path, code.fires)), [""; 0], "{} is off by default", code.name);
    }
}

#[test]
fn every_code_has_a_page_with_its_options() {
    let page = include_str!("../../../../docs/checks/markers.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(example_options(code.name).unwrap()), "{}", code.name);
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}`", key.name)), "the page does not name `{}`", key.name);
    }
    for name in kinds::PRINTS.iter().copied().chain(kinds::analyser_names()) {
        assert!(page.contains(&format!("`{name}`")), "the page does not name `{name}`");
    }
}

#[test]
fn every_kind_has_a_key_that_warn_only_takes() {
    for kind in KINDS {
        assert!(CHECK.keys.iter().any(|key| key.name == kind.key), "{}", kind.key);
        let options = format!("{}\nwarn-only = [\"{}\"]", kind.options, kind.key);
        let found = new(&options, kind.example_path, kind.info.fires);
        assert_eq!(found[0].level, Level::Warn, "{}", kind.key);
    }
}

#[test]
fn only_what_a_change_adds_is_judged() {
    let all = "todo = \"needs-ticket\"\ndebug = \"forbid\"";
    let old = "// TODO: a\nfoo();\ndebugger;\n";
    assert_eq!(names(&edited(all, "a.js", &[old], &format!("{old}bar();\n")).findings), [""; 0]);
    let found =
        edited(all, "a.js", &[old], "if (x) {\n    debugger;\n}\n// TODO: a\nbar(); // TODO: b\n").findings;
    assert_eq!((names(&found), lines(&found)), (vec!["todo-comment"], vec![5]));
    // What either side of a merge had, the merge does not add.
    assert!(
        edited(all, "a.js", &["debugger;\n", "// TODO: a\n"], "debugger;\n// TODO: a\n").findings.is_empty()
    );
}

#[test]
fn a_todo_is_a_promise_in_a_comment() {
    let needs_ticket = "todo = \"needs-ticket\"";
    let javascript = [
        "// TODO: x",
        "x(); // TODO x",
        "x(); // later, FIXME: x",
        "/* HACK(me) */ x();",
        "/**\n * @TODO x\n */",
        "// XXX",
        "// - TODO: handle UTF-8",
        "//TODO x",
        "--",
        "// TODO(PROJ-12): x",
        "// PROJ-12 TODO: x",
        "// TODO: x\n// and y, see #17",
        "todo('TODO: x'); let TODO = 1;",
        "// todo: x",
        "// finds TODO and FIXME in comments",
        "// `TODO: x` is found",
        "// call XXX-123-4567 or TODO_LIST",
    ];
    tell_apart(needs_ticket, "a.js", &javascript);
    tell_apart(needs_ticket, "a.py", &["x = 1  # TODO: x", "--", "x = '''\n# TODO: x\n'''", "x = 'TODO: y'"]);
    tell_apart(needs_ticket, "a.sql", &["-- TODO: x", "select 1 -- FIXME y", "--", "select 'TODO: x'"]);
    tell_apart(needs_ticket, "Makefile", &["# TODO: x", "--", "TODO: all"]);
    tell_apart(needs_ticket, "a.md", &["<!-- TODO: x -->", "--", "# TODO: x", "TODO: x"]);
    tell_apart(needs_ticket, "a.json", &["--", "{\"TODO:\": \"// TODO: x\"}"]);
    tell_apart(needs_ticket, "some.thing", &["# TODO: x", "--", "x = 1 # TODO: x"]);
    tell_apart(
        "todo = \"needs-reason\"",
        "a.js",
        &["// TODO", "// TODO: x", "--", "// TODO: round to cents"],
    );
    tell_apart("todo = \"forbid\"", "a.js", &["// TODO(PROJ-12): round to cents"]);
    let words = "todo = \"forbid\"\ntodo-words = [\"NOCOMMIT\", \"@@@\"]";
    tell_apart(words, "a.js", &["// NOCOMMIT", "--", "// TODO: x"]);
}

#[test]
fn a_ticket_is_of_the_form_that_the_policy_has() {
    let policy = policy("message.ticket = \"^ACME-[0-9]+$\"\nmarkers.todo = \"needs-ticket\"\n");
    let judge = Judge::new(&policy, Stage::Ci, Date::new(2026, 11, 22).unwrap()).unwrap();
    let found = |text: &str| {
        let path = RepoPath::from("a.js");
        let mut document = Document::new(DocumentKind::File, text.as_bytes());
        document.path = Some(&path);
        let mut sink = Collected::default();
        judge.document(&document, &mut sink);
        sink.findings.len()
    };
    assert_eq!((found("// TODO(ACME-1): x"), found("// TODO(PROJ-1): x")), (0, 1));
}

#[test]
fn debug_statements_are_code_of_their_language() {
    let forbid = "debug = \"forbid\"";
    let cases: &[(&str, &[&str])] = &[
        (
            "a.ts",
            &[
                "console.log(x)",
                "  debugger;",
                "debugger",
                "--",
                "console.error(x)",
                "// console.log(x)",
                "'debugger;'",
                "let debugger_x;",
            ],
        ),
        ("a.vue", &["  console.log(this.x)"]),
        (
            "a.py",
            &[
                "import pdb; pdb.set_trace()",
                "  breakpoint()",
                "from ipdb import set_trace",
                "--",
                "print(x)",
                "set_breakpoint()",
            ],
        ),
        (
            "a.rb",
            &["binding.pry", "  byebug", "x = 1; binding.irb", "--", "puts x", "binding.local_variables"],
        ),
        ("a.rs", &["let x = dbg!(y);", "--", "println!(\"x\");", "// dbg!(x)", "my_dbg!(x)"]),
        (
            "a.php",
            &[
                "var_dump($x);",
                "  dd($x);",
                "foo(); var_dump($x);",
                "--",
                "$this->dd($x);",
                "print_r($x);",
                "add(1);",
            ],
        ),
        ("a.go", &["spew.Dump(x)", "--", "fmt.Println(x)"]),
        ("a.java", &["--", "System.out.println(x);"]),
        ("a.cs", &["Debugger.Break();", "--", "Console.WriteLine(x);"]),
        ("a.ex", &["require IEx; IEx.pry", "  |> dbg()", "--", "IO.inspect(x)"]),
        ("a.cpp", &["__debugbreak();", "--", "printf(\"x\");"]),
        ("a.txt", &["--", "console.log(x)", "debugger;"]),
    ];
    for (path, lines) in cases {
        tell_apart(forbid, path, lines);
    }
    let prints = "debug = \"forbid\"\ndebug-prints = [\"python\", \"java\", \"go\", \"shell\", \"c\"]";
    tell_apart(prints, "a.py", &["print(x)", "--", "pprint_x(1)", "x = sprint(y)"]);
    tell_apart(prints, "a.java", &["System.out.println(x);", "e.printStackTrace();"]);
    tell_apart(prints, "a.go", &["fmt.Printf(x)", "--", "fmt.Sprintf(x)", "fmt.Fprintf(w, x)"]);
    tell_apart(prints, "a.sh", &["set -x", "set -eux", "--", "set -e", "# set -x"]);
    tell_apart(prints, "a.js", &["debugger;", "--", "console.log(x)"]);
    tell_apart(
        "debug = \"forbid\"\ndebug-patterns = ['^\\s*trace_me\\(']",
        "a.go",
        &["trace_me(x)", "--", "// trace_me(x)"],
    );
    tell_apart(
        "debug = \"needs-reason\"",
        "a.js",
        &[
            "console.log(x)",
            "--",
            "console.log(x) // the output of this program",
            "// the output of this program\nconsole.log(x)",
        ],
    );
}

#[test]
fn tests_that_are_switched_off_need_a_ticket() {
    let needs_ticket = "disabled-tests = \"needs-ticket\"";
    let cases: &[(&str, &[&str])] = &[
        (
            "a.test.ts",
            &[
                "it.skip('x', () => {})",
                "  xdescribe('x', f)",
                "test.describe.skip('x')",
                "test.each([1]); xit('y')",
                "--",
                "it('x', f)",
                "it.skip('x', f) // PROJ-12",
                "// PROJ-12\nxit('x', f)",
                "it.skip('PROJ-12 x', f)",
                "it.skipIf(x)('y', f)",
                "exit('x')",
                "model.xit('x')",
            ],
        ),
        (
            "a_test.py",
            &[
                "@pytest.mark.skip",
                "@unittest.skip('x')",
                "pytestmark = pytest.mark.xfail",
                "def test():\n    pytest.skip('x')",
                "--",
                "@pytest.mark.skip(reason='PROJ-12')",
                "@pytest.mark.skipif(x)",
                "if x:\n    pytest.skip('x')",
                "@unittest.skipIf(x, 'y')",
            ],
        ),
        (
            "src/test/ATest.java",
            &[
                "@Disabled",
                "@Ignore(\"x\")",
                "@Test(enabled = false)",
                "--",
                "@Disabled(\"PROJ-12\")",
                "@DisabledOnOs(WINDOWS)",
                "// @Disabled",
            ],
        ),
        ("src/main/Entity.java", &["--", "@Ignore"]),
        ("a.rs", &["#[ignore]", "#[ignore = \"slow\"]", "--", "#[ignore = \"PROJ-12\"]", "// #[ignore]"]),
        (
            "a_test.go",
            &[
                "\tt.Skip(\"flaky\")",
                "  XIt(\"x\", f)",
                "--",
                "if testing.Short() {\n\t\tt.Skip(\"slow\")",
                "t.Skip(\"PROJ-12\")",
                "if x { t.Skip() }",
            ],
        ),
        (
            "a_spec.rb",
            &[
                "xit 'x' do",
                "  skip",
                "  pending 'x'",
                "it 'x', skip: true do",
                "--",
                "skip 'x' if windows?",
                "skip 'PROJ-12'",
            ],
        ),
        ("Test.cs", &["[Fact(Skip = \"x\")]", "[Ignore]", "--", "[Fact(Skip = \"PROJ-12\")]", "[Fact]"]),
        ("ATest.php", &["$this->markTestSkipped('x');", "--", "if ($x) {\n  $this->markTestSkipped('x');"]),
        ("a_test.cc", &["TEST(A, DISABLED_B) {", "TEST_F(DISABLED_A, B) {", "--", "TEST(A, B) {"]),
        ("a_test.exs", &["@tag :skip", "@tag skip: \"x\"", "--", "@tag :slow"]),
        ("ATests.swift", &["  throw XCTSkip(\"x\")", "@Test(.disabled(\"x\")) func a() {}"]),
    ];
    for (path, lines) in cases {
        tell_apart(needs_ticket, path, lines);
    }
    let needs_reason = "disabled-tests = \"needs-reason\"";
    tell_apart(
        needs_reason,
        "a.rs",
        &["#[ignore]", "#[ignore = \"slow\"]", "--", "#[ignore = \"takes a minute\"]"],
    );
    tell_apart(
        needs_reason,
        "a.test.js",
        &["it.skip('rounds to cents', f)", "--", "// the rates are wrong\nit.skip('x', f)"],
    );
    let focused = "focused-tests = \"forbid\"";
    tell_apart(
        focused,
        "a.test.js",
        &["it.only('x')", "  fdescribe('x', f)", "--", "only('x')", "model.fit('x')", "fit(x)"],
    );
    tell_apart(focused, "a_spec.rb", &["fit 'x' do", "it 'x', :focus do", "--", "it 'x' do"]);
    tell_apart(focused, "a_test.go", &["\tFIt(\"x\", f)", "--", "\tIt(\"x\", f)"]);
}

#[test]
fn a_silenced_analyser_needs_a_reason_at_its_place() {
    let needs_reason = "suppressions = \"needs-reason\"";
    let cases: &[(&str, &[&str])] = &[
        (
            "a.js",
            &[
                "x() // eslint-disable-line no-eval",
                "/* eslint-disable */",
                "// eslint-disable-next-line no-eval because it is trusted",
                "// @ts-ignore",
                "// biome-ignore lint/a/b",
                "x() // NOSONAR",
                "--",
                "x() // eslint-disable-line no-eval -- the text is ours",
                "// the text is ours\n// eslint-disable-next-line no-eval",
                "// @ts-expect-error: the types are wrong",
                "// biome-ignore lint/a/b: the text is ours",
                "x() // NOSONAR the text is ours",
                "let x = 'eslint-disable'",
                "// as `eslint-disable` does",
            ],
        ),
        (
            "a.css",
            &[
                "/* stylelint-disable-next-line a */ .a { /* the text is ours */ }",
                "--",
                "/* stylelint-disable a -- an old browser */",
            ],
        ),
        (
            "a.py",
            &[
                "x  # noqa",
                "x  # noqa: E501",
                "x  # NOQA:E501,W503",
                "x  # type: ignore[attr-defined]",
                "x  # nosec B602",
                "# pylint: disable=no-member",
                "x  # nosemgrep: a.b.c",
                "y() # the text is ours\nx  # noqa",
                "# the text is ours\nx  # noqa: E501",
                "x  # noqa: E501  # type: ignore[a] # x",
                "--",
                "x  # noqa: E501 a very long address",
                "x  # type: ignore[a]  # untyped library",
                "x  # nosec B602, B607 - a constant command",
                "# pylint: disable=no-member  # made at run time",
                "x  # nosemgrep: a.b.c - not reachable",
                "# untyped library\n# pylint: disable=no-member",
            ],
        ),
        (
            "a.go",
            &[
                "x() //nolint:errcheck",
                "x() //nolint",
                "x() // #nosec G104",
                "//lint:ignore SA1019 x",
                "--",
                "x() //nolint:errcheck // best effort only",
                "x() // #nosec G104 -- best effort only",
                "//lint:ignore SA1019 no other way yet",
            ],
        ),
        (
            "a.tf",
            &[
                "# checkov:skip=CKV_AWS_20",
                "#tfsec:ignore:aws-s3-x",
                "# trivy:ignore:AVD-AWS-0086",
                "--",
                "# checkov:skip=CKV_AWS_20:a public web site",
                "#tfsec:ignore:aws-s3-x a public web site",
            ],
        ),
        ("a.sh", &["# shellcheck disable=SC2086", "--", "# shellcheck disable=SC2086 # words are wanted"]),
        ("Dockerfile", &["# hadolint ignore=DL3008", "--", "# hadolint ignore=DL3008 # the newest one"]),
        ("a.rb", &["x # rubocop:disable A/B", "--", "x # rubocop:disable A/B -- an old interface"]),
        (
            "a.php",
            &[
                "// @phpstan-ignore-next-line",
                "// phpcs:ignore A.B",
                "--",
                "// @phpstan-ignore a.b (an old interface)",
                "// phpcs:ignore A.B -- an old interface",
            ],
        ),
        (
            "a.java",
            &[
                "@SuppressWarnings(\"unchecked\")",
                "/** What it does in words. */\n@SuppressWarnings(\"unchecked\")",
                "@SuppressFBWarnings(value = \"A\")",
                "--",
                "// checked one line above\n@SuppressWarnings(\"unchecked\")",
                "@SuppressWarnings(\"unchecked\") // checked above",
                "@SuppressFBWarnings(value = \"A\",\n  justification = \"never null\")",
                "// @SuppressWarnings(\"x\")",
            ],
        ),
        (
            "a.rs",
            &[
                "#[allow(dead_code)]",
                "#![allow(unused)]",
                "/// What it does in words.\n#[allow(dead_code)]",
                "--",
                "#[allow(dead_code, reason = \"an interface\")]",
                "#[expect(\n    dead_code,\n    reason = \"an interface\"\n)]",
                "// an interface\n#[allow(dead_code)]",
                "#[allowed(x)]",
            ],
        ),
        (
            "a.cs",
            &[
                "#pragma warning disable CS0168",
                "[SuppressMessage(\"a\", \"b\")]",
                "--",
                "#pragma warning disable CS0168 // an interface",
                "[SuppressMessage(\"a\", \"b\", Justification = \"an interface\")]",
            ],
        ),
        (
            "a.cpp",
            &[
                "x(); // NOLINT",
                "// NOLINTNEXTLINE(a-b)",
                "// cppcheck-suppress nullPointer",
                "--",
                "x(); // NOLINT(a-b): checked one line above",
                "// cppcheck-suppress nullPointer ; checked above",
            ],
        ),
        (
            "a.swift",
            &[
                "// swiftlint:disable:next force_cast",
                "--",
                "// swiftlint:disable:next force_cast - checked above",
            ],
        ),
        ("a.dart", &["// ignore: unused_import", "--", "// made at run time\n// ignore: unused_import"]),
        ("a.txt", &["--", "# noqa", "eslint-disable"]),
    ];
    for (path, lines) in cases {
        tell_apart(needs_reason, path, lines);
    }
    tell_apart(
        "suppressions = \"needs-ticket\"",
        "a.py",
        &["x  # noqa: E501 a very long address", "--", "x  # noqa: E501 PROJ-12"],
    );
    tell_apart("suppressions = \"forbid\"", "a.py", &["x  # noqa: E501 a very long address PROJ-12"]);
    let ignored = format!("{needs_reason}\nignore-analysers = [\"rust\"]");
    tell_apart(&ignored, "a.rs", &["x(); // NOSONAR", "--", "#[allow(dead_code)]"]);
}

#[test]
fn an_analyser_that_is_not_known_is_an_error_with_the_nearest() {
    let policy = policy("[markers]\nignore-analysers = [\"rustt\"]\n");
    let error = Judge::new(&policy, Stage::Ci, Date::new(2026, 11, 22).unwrap()).unwrap_err().to_string();
    assert_eq!(
        error,
        "gatepost.toml:2:1: `markers.ignore-analysers` names `rustt`, which is not known (did you mean `rust`?)"
    );
}

#[test]
fn a_conflict_has_its_three_lines() {
    let forbid = "conflicts = \"forbid\"";
    let conflict = "a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> side/branch\n";
    let found = new(forbid, "LICENSE", conflict);
    assert_eq!((names(&found), lines(&found)), (vec!["merge-conflict-marker"], vec![2]));
    assert_eq!(found[0].message, "a merge conflict that is not resolved, in lines 2 to 8");
    assert_eq!(new(forbid, "a.js", &conflict.replace('\n', "\r\n")).len(), 1);
    assert!(edited(forbid, "a", &[conflict], &format!("{conflict}more\n")).findings.is_empty());
    for text in [
        "Title\n=======\n",
        ">>>>>>> a mail\n",
        "<<<<<<< HEAD\n>>>>>>> side\n",
        "<<<<<<<< a\n=======\n>>>>>>>> b\n",
        "    <<<<<<< a\n    =======\n    >>>>>>> b\n",
    ] {
        assert!(new(forbid, "a.rst", text).is_empty(), "{text}");
    }
}

#[test]
fn a_finding_says_where_what_and_what_to_type() {
    let text = "function f() {\n\tg('é'); // FIXME later\n}\n";
    let found =
        new("todo = \"needs-ticket\"\nlevel = { low = \"warn\", default = \"deny\" }", "src/a b.js", text);
    let finding = &found[0];
    assert_eq!(finding.message, "FIXME comment without a ticket");
    assert_eq!(finding.level, Level::Warn);
    assert_eq!(finding.fix[0], "name the ticket, or do it now: FIXME(PROJ-123): what is left");
    let place = &finding.locations[0];
    let (span, excerpt) = (place.span.unwrap(), place.excerpt.clone().unwrap());
    assert_eq!((span.line, span.column, span.end_column), (2, 14, 19));
    assert_eq!(excerpt.text.get(excerpt.start..excerpt.end), Some("FIXME"));
    // Equal lines are findings of their own.
    let twice = new("debug = \"forbid\"", "a.js", "debugger;\ndebugger;\n");
    assert_eq!(twice.len(), 2);
    assert_ne!(twice[0].fingerprint, twice[1].fingerprint);
}

#[test]
fn what_is_excluded_binary_or_large_is_left_alone() {
    let todo = "todo = \"forbid\"";
    let exclude = format!("{todo}\nexclude = [{{ path = \"vendor/**\", reason = \"kept as it came\" }}]");
    let sink = edited(&exclude, "vendor/a.js", &[], "// TODO\n");
    assert_eq!((sink.findings.len(), sink.skips), (0, vec![SkipReason::Excluded]));
    assert!(new(todo, "a.js", "// TODO\n\0").is_empty());
    let path = RepoPath::from("a.js");
    let mut document = Document::new(DocumentKind::File, b"");
    (document.path, document.bytes, document.size) = (Some(&path), None, 1 << 30);
    let mut sink = Collected::default();
    judge(todo).document(&document, &mut sink);
    assert_eq!(sink.skips, [SkipReason::TooLarge]);
    assert_eq!(judge("").edit_limit(&path), None, "a repository without markers pays nothing");
    assert_eq!(judge(&format!("{todo}\nlevel = \"off\"")).edit_limit(&path), None);
}

#[test]
fn a_blob_of_a_change_is_judged_by_its_edit_alone() {
    let path = RepoPath::from("a.js");
    let mut document = Document::new(DocumentKind::Blob, b"// TODO\n");
    document.path = Some(&path);
    let mut sink = Collected::default();
    judge("todo = \"forbid\"").document(&document, &mut sink);
    assert!(sink.findings.is_empty());
}
