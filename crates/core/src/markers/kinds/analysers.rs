//! How findings of analysers are silenced, and where each tool has the reason stand.
//!
//! Sources: the tools' own documentation of what such a comment may say.

/// One way to silence an analyser.
pub(super) struct Silencer {
    /// The tool, as `ignore-analysers` names it.
    pub(super) tool: &'static str,
    /// The languages; none: any.
    pub(super) languages: &'static [&'static str],
    /// The comment or the code, with the names of what is silenced.
    pub(super) pattern: &'static str,
    /// Whether it is code, an attribute or a pragma, and no comment.
    pub(super) is_code: bool,
    pub(super) reason: Reason,
    /// How it is written with a reason.
    pub(super) example: &'static str,
}

/// Where a reason stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    /// Behind the names of what is silenced, however separated.
    Behind,
    /// Behind the first of these signs.
    After(&'static [&'static str]),
    /// In quotes behind one of these words and `=`, up to the end of the attribute; else in a comment.
    Argument(&'static [&'static str]),
    /// In a comment in the same line, or above.
    Comment,
}

const fn comment(
    tool: &'static str,
    pattern: &'static str,
    reason: Reason,
    example: &'static str,
) -> Silencer {
    Silencer { tool, languages: &[], pattern, is_code: false, reason, example }
}

const fn code(
    tool: &'static str,
    languages: &'static [&'static str],
    pattern: &'static str,
    reason: Reason,
    example: &'static str,
) -> Silencer {
    Silencer { tool, languages, pattern, is_code: true, reason, example }
}

const DASHES: Reason = Reason::After(&["--"]);
const JVM: &[&str] = &["java", "kotlin", "scala", "groovy"];

pub(super) static SILENCERS: &[Silencer] = &[
    // JavaScript and style sheets.
    comment(
        "eslint",
        r"(?-u:\b)eslint-disable(?:-next-line|-line)?(?-u:\b)",
        DASHES,
        "// eslint-disable-next-line RULE -- why it is right here",
    ),
    comment(
        "oxlint",
        r"(?-u:\b)oxlint-disable(?:-next-line|-line)?(?-u:\b)",
        DASHES,
        "// oxlint-disable-next-line RULE -- why it is right here",
    ),
    comment(
        "stylelint",
        r"(?-u:\b)stylelint-disable(?:-next-line|-line)?(?-u:\b)",
        DASHES,
        "/* stylelint-disable-next-line RULE -- why it is right here */",
    ),
    comment(
        "deno",
        r"(?-u:\b)deno-lint-ignore(?:-file)?(?-u:\b)",
        DASHES,
        "// deno-lint-ignore RULE -- why it is right here",
    ),
    comment(
        "biome",
        r"(?-u:\b)biome-ignore(?:-all|-start)?[ \t]+[\w/]+(?:\([^)\n]*\))?",
        Reason::After(&[":"]),
        "// biome-ignore lint/GROUP/RULE: why it is right here",
    ),
    comment(
        "tslint",
        r"(?-u:\b)tslint:disable(?:-next-line|-line)?(?:[: \t]+[\w-]+)*",
        Reason::Comment,
        "// why it is right here, in the line above",
    ),
    comment(
        "typescript",
        r"@ts-(?:ignore|expect-error|nocheck)(?-u:\b)",
        Reason::Behind,
        "// @ts-expect-error: why it is right here",
    ),
    comment(
        "flow",
        r"\$Flow(?:FixMe|Ignore|ExpectedError|Issue)(?:\[[\w-]+\])?",
        Reason::Behind,
        "// $FlowFixMe[CODE] why it is right here",
    ),
    // Python.
    comment(
        "noqa",
        r"(?i:(?:#|--|//)[ \t]*(?:(?:flake8|ruff)[:=][ \t]*)?noqa(?-u:\b)(?:[ \t]*:[ \t]*[\w\[\]-]+(?:[ \t]*,[ \t]*[\w\[\]-]+)*)?)",
        Reason::Behind,
        "# noqa: CODE - why it is right here",
    ),
    comment(
        "mypy",
        r"#[ \t]*(?:mypy:[ \t]*ignore-errors|type:[ \t]*ignore(?:\[[^\]\n]*\])?)",
        Reason::Behind,
        "# type: ignore[CODE]  # why it is right here",
    ),
    comment(
        "pyright",
        r"#[ \t]*pyright:[ \t]*(?:ignore|basic)(?-u:\b)(?:[ \t]*\[[^\]\n]*\])?",
        Reason::Behind,
        "# pyright: ignore[RULE] why it is right here",
    ),
    comment(
        "pyre",
        r"#[ \t]*pyre-(?:ignore|fixme)(?:-all-errors)?(?:[ \t]*\[[^\]\n]*\])?",
        Reason::Behind,
        "# pyre-ignore[CODE]: why it is right here",
    ),
    comment(
        "pylint",
        r"#[ \t]*pylint:[ \t]*(?:disable(?:-next)?[ \t]*=[ \t]*[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*|skip-file)",
        Reason::Behind,
        "# pylint: disable=RULE  # why it is right here",
    ),
    comment(
        "nosec",
        r"(?:#|//)[ \t]*nosec(?-u:\b)(?:[ \t:]*[BG][0-9]{3}(?:[ \t]*,?[ \t]*[BG][0-9]{3})*)?",
        Reason::Behind,
        "# nosec B101 - why it is right here (Go: // #nosec G101 -- why)",
    ),
    // Any language.
    comment(
        "semgrep",
        r"(?-u:\b)nosem(?:grep)?(?-u:\b)(?:[ \t]*:[ \t]*[\w./-]+(?:[ \t]*,[ \t]*[\w./-]+)*)?",
        Reason::Behind,
        "# nosemgrep: RULE-ID - why it is right here",
    ),
    comment(
        "sonar",
        r"(?-u:\b)NOSONAR(?-u:\b)(?:\([^)\n]*\))?",
        Reason::Behind,
        "// NOSONAR why it is right here",
    ),
    comment(
        "codeql",
        r"(?-u:\b)(?:codeql|lgtm)[ \t]*\[[^\]\n]*\]",
        Reason::Behind,
        "// codeql[RULE] why it is right here",
    ),
    comment(
        "snyk",
        r"(?-u:\b)deepcode[ \t]+ignore[ \t]+[\w*/-]+",
        Reason::After(&[":"]),
        "// deepcode ignore RULE: why it is right here",
    ),
    // Infrastructure.
    comment(
        "checkov",
        r"(?-u:\b)checkov:skip=[\w-]+",
        Reason::After(&[":"]),
        "# checkov:skip=CKV_AWS_20:why it is right here",
    ),
    comment(
        "tfsec",
        r"(?-u:\b)tfsec:ignore:[\w*.-]+(?:\[[^\]\n]*\])?(?::(?:exp|ws):[\w-]+)*",
        Reason::Behind,
        "# tfsec:ignore:RULE why it is right here",
    ),
    comment(
        "trivy",
        r"(?-u:\b)trivy:ignore:[\w*.-]+(?:\[[^\]\n]*\])?(?::(?:exp|ws):[\w-]+)*",
        Reason::Behind,
        "# trivy:ignore:RULE why it is right here",
    ),
    comment(
        "tflint",
        r"(?-u:\b)tflint-ignore(?:-file)?:[ \t]*[\w*]+(?:[ \t]*,[ \t]*[\w*]+)*",
        Reason::Behind,
        "# tflint-ignore: RULE # why it is right here",
    ),
    comment("terrascan", r"(?-u:\b)ts:skip=[\w.-]+", Reason::Behind, "# ts:skip=RULE why it is right here"),
    comment(
        "kics",
        r"(?-u:\b)kics-scan[ \t]+(?:ignore(?:-line|-block)?|disable=[\w,-]+)",
        Reason::Behind,
        "# kics-scan ignore-line why it is right here",
    ),
    comment(
        "hadolint",
        r"#[ \t]*hadolint[ \t]+(?:global[ \t]+)?ignore=[\w,]+",
        Reason::Behind,
        "# hadolint ignore=DL3008 # why it is right here",
    ),
    comment(
        "yamllint",
        r"#[ \t]*yamllint[ \t]+disable(?:-line|-file)?(?:[ \t]+rule:[\w-]+)*",
        Reason::Comment,
        "# why it is right here, in the line above",
    ),
    comment(
        "zizmor",
        r"(?-u:\b)zizmor:[ \t]*ignore\[[^\]\n]*\]",
        Reason::Behind,
        "# zizmor: ignore[RULE] why it is right here",
    ),
    comment(
        "shellcheck",
        r"#[ \t]*shellcheck[ \t]+(?:[\w-]+=\S+[ \t]+)*disable=[\w,-]+(?:[ \t]+[\w-]+=\S+)*",
        Reason::Behind,
        "# shellcheck disable=SC2034 # why it is right here",
    ),
    // Go.
    Silencer {
        languages: &["go"],
        ..comment(
            "golangci-lint",
            r"//[ \t]*nolint(?-u:\b)(?::[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)?",
            Reason::After(&["//"]),
            "//nolint:LINTER // why it is right here",
        )
    },
    comment(
        "staticcheck",
        r"//lint:(?:file-)?ignore[ \t]+[\w*]+(?:,[\w*]+)*",
        Reason::Behind,
        "//lint:ignore SA1019 why it is right here",
    ),
    comment(
        "revive",
        r"//[ \t]*revive:disable(?:-next-line|-line)?(?::[\w-]+)?",
        Reason::Behind,
        "//revive:disable-line:RULE why it is right here",
    ),
    // Ruby, PHP, Perl, R, Elixir.
    comment(
        "rubocop",
        r"#[ \t]*rubocop:(?:disable|todo)(?-u:\b)",
        DASHES,
        "# rubocop:disable Dept/Cop -- why it is right here",
    ),
    comment(
        "phpcs",
        r"(?-u:\b)phpcs:(?:ignoreFile|ignore|disable)(?-u:\b)",
        DASHES,
        "// phpcs:ignore RULE -- why it is right here",
    ),
    comment(
        "phpstan",
        r"@phpstan-ignore(?:-next-line|-line)?(?:[ \t]+[\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)?",
        Reason::Behind,
        "// @phpstan-ignore IDENTIFIER (why it is right here)",
    ),
    comment(
        "psalm",
        r"@psalm-suppress[ \t]+\w+",
        Reason::Behind,
        "/** @psalm-suppress ISSUE why it is right here */",
    ),
    comment(
        "perlcritic",
        r"##[ \t]*no critic(?-u:\b)(?:[ \t]*\([^)\n]*\))?",
        Reason::Behind,
        "## no critic (RULE) why it is right here",
    ),
    Silencer {
        languages: &["r"],
        ..comment(
            "lintr",
            r"#[ \t]*nolint(?-u:\b)(?:[ \t]*:[ \t]*[\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)?",
            Reason::Behind,
            "# nolint: RULE. why it is right here",
        )
    },
    comment(
        "credo",
        r"(?-u:\b)credo:disable-for-(?:this-file|(?:next|previous)-line|lines:-?[0-9]+)(?:[ \t]+[A-Z][\w.]+)?",
        Reason::Comment,
        "# why it is right here, in the line above",
    ),
    // C and C++, Swift, Dart.
    comment(
        "clang-tidy",
        r"(?-u:\b)NOLINT(?:NEXTLINE|BEGIN)?(?-u:\b)(?:\([^)\n]*\))?",
        Reason::Behind,
        "// NOLINT(CHECK): why it is right here",
    ),
    comment(
        "cppcheck",
        r"(?-u:\b)cppcheck-suppress(?:-begin|-file|-macro)?[ \t]*(?:\[[^\]\n]*\]|\w+)",
        Reason::After(&[";", "//"]),
        "// cppcheck-suppress ID ; why it is right here",
    ),
    comment(
        "coverity",
        r"(?-u:\b)coverity\[[^\]\n]*\]",
        Reason::Behind,
        "// coverity[CHECKER] why it is right here",
    ),
    comment(
        "swiftlint",
        r"(?-u:\b)swiftlint:disable(?::(?:next|this|previous))?(?-u:\b)",
        Reason::After(&[" - "]),
        "// swiftlint:disable:next RULE - why it is right here",
    ),
    Silencer {
        languages: &["dart"],
        ..comment(
            "dart",
            r"//[ \t]*ignore(?:_for_file)?:[ \t]*[\w/]+(?:[ \t]*,[ \t]*[\w/]+)*",
            Reason::Comment,
            "// why it is right here, in the line above",
        )
    },
    // Attributes and pragmas.
    code(
        "rust",
        &["rust"],
        r"#!?\[(?:cfg_attr\([^\n]*,[ \t]*)?(?:allow|expect)\([^)\n]*",
        Reason::Argument(&["reason"]),
        "#[allow(LINT, reason = \"why it is right here\")]",
    ),
    code(
        "java",
        JVM,
        r"@(?:java\.lang\.)?SuppressWarnings(?-u:\b)(?:[ \t]*\([^)\n]*\))?",
        Reason::Comment,
        "@SuppressWarnings(\"NAME\") // why it is right here",
    ),
    code(
        "spotbugs",
        JVM,
        r"@SuppressFBWarnings(?-u:\b)",
        Reason::Argument(&["justification"]),
        "@SuppressFBWarnings(value = \"NAME\", justification = \"why it is right here\")",
    ),
    code(
        "kotlin",
        &["kotlin"],
        r"@(?:file:)?Suppress(?-u:\b)(?:[ \t]*\([^)\n]*\))?",
        Reason::Comment,
        "@Suppress(\"NAME\") // why it is right here",
    ),
    code(
        "scala",
        &["scala"],
        r"@nowarn(?-u:\b)(?:[ \t]*\([^)\n]*\))?",
        Reason::Comment,
        "@nowarn(\"FILTER\") // why it is right here",
    ),
    code(
        "csharp",
        &["csharp"],
        r"#pragma[ \t]+warning[ \t]+disable(?-u:\b)",
        Reason::Comment,
        "#pragma warning disable CODE // why it is right here",
    ),
    code(
        "csharp",
        &["csharp"],
        r"\[(?:assembly:[ \t]*|module:[ \t]*)?(?:\w+\.)*(?:Unconditional)?SuppressMessage(?:Attribute)?\(",
        Reason::Argument(&["justification"]),
        "[SuppressMessage(…, Justification = \"why it is right here\")]",
    ),
    code(
        "c",
        &["c"],
        r#"#[ \t]*pragma[ \t]+(?:GCC|clang)[ \t]+diagnostic[ \t]+ignored[ \t]+"[^"\n]*""#,
        Reason::Comment,
        "#pragma … // why it is right here",
    ),
    code(
        "c",
        &["c"],
        r"#[ \t]*pragma[ \t]+warning[ \t]*\([ \t]*(?:disable|suppress)[ \t]*:[^)\n]*\)",
        Reason::Comment,
        "#pragma … // why it is right here",
    ),
];

/// The names of the tools, each once.
pub(in super::super) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SILENCERS.iter().map(|silencer| silencer.tool).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markers::languages::LANGUAGES;
    use crate::markers::pattern::compiled;

    #[test]
    fn every_silencer_compiles_and_is_of_known_languages() {
        for silencer in SILENCERS {
            assert!(compiled(silencer.pattern).is_some(), "{}", silencer.pattern);
            for name in silencer.languages {
                assert!(LANGUAGES.iter().any(|language| language.name == *name), "{name}");
            }
        }
    }
}
