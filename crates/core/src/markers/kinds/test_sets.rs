//! What switches a test off, and what switches all others off, by language.

/// A way to write it.
pub(super) struct TestMark {
    pub(super) pattern: &'static str,
    /// Whether it stands in files of tests alone: elsewhere the word means something else.
    pub(super) in_tests: bool,
    /// Whether it is a statement, which under a condition is no switched off test but one that cannot run there.
    pub(super) is_statement: bool,
    /// Whether its own text is a reason (`@Disabled("flaky")`), and not the name of the test.
    pub(super) has_reason: bool,
}

/// Marks of some languages.
pub(super) struct TestSet {
    pub(super) languages: &'static [&'static str],
    pub(super) marks: &'static [TestMark],
}

const fn mark(pattern: &'static str) -> TestMark {
    TestMark { pattern, in_tests: false, is_statement: false, has_reason: false }
}

const fn reasoned(pattern: &'static str) -> TestMark {
    TestMark { has_reason: true, ..mark(pattern) }
}

const fn statement(pattern: &'static str) -> TestMark {
    TestMark { is_statement: true, in_tests: true, ..reasoned(pattern) }
}

const fn in_tests(pattern: &'static str) -> TestMark {
    TestMark { in_tests: true, ..reasoned(pattern) }
}

/// Tests that do not run.
pub(super) static DISABLED: &[TestSet] = &[
    TestSet {
        languages: &["javascript"],
        marks: &[
            mark(
                r"(?-u:\b)(?:it|test|describe|context|suite|specify|bench)(?:\.(?:concurrent|sequential|describe))?\.(?:skip|fixme|failing)(?-u:\b)",
            ),
            mark(r#"(?:^|[^.\w$\n])(?:xit|xtest|xdescribe|xcontext|xspecify)[ \t]*(?:\.each)?[ \t]*[(`]"#),
            TestMark { has_reason: false, ..statement(r"(?-u:\b)this\.skip[ \t]*\([ \t]*\)") },
        ],
    },
    TestSet {
        languages: &["python"],
        marks: &[
            reasoned(r"(?-u:\b)pytest\.mark\.(?:skip|xfail)(?-u:\b)"),
            reasoned(r"@(?:unittest\.)?(?:skip|expectedFailure)(?-u:\b)"),
            statement(r"^[ \t]*(?:pytest\.skip|(?:self|cls)\.skipTest)[ \t]*\("),
        ],
    },
    TestSet {
        languages: &["java", "kotlin", "groovy", "scala"],
        marks: &[
            reasoned(r"@(?:org\.junit\.jupiter\.api\.)?Disabled(?-u:\b)"),
            in_tests(r"@(?:org\.junit\.)?Ignore(?-u:\b)"),
            TestMark {
                has_reason: false,
                ..in_tests(r"@Test\([^)\n]*(?-u:\b)enabled[ \t]*=[ \t]*false(?-u:\b)")
            },
            TestMark { has_reason: false, ..in_tests(r#"^[ \t]*ignore[ \t]*\([ \t]*""#) },
        ],
    },
    TestSet { languages: &["rust"], marks: &[reasoned(r"#\[ignore(?-u:\b)")] },
    TestSet {
        languages: &["go"],
        marks: &[
            statement(r"(?-u:\b)[tbf]\.Skip(?:f|Now)?\("),
            TestMark {
                has_reason: false,
                ..in_tests(
                    r"^[ \t]*(?:(?:var[ \t]+)?_[ \t]*=[ \t]*)?(?:(?:ginkgo|g)\.)?(?:X|P)(?:It|Describe|Context|When|Entry|Specify|DescribeTable)\(",
                )
            },
        ],
    },
    TestSet {
        languages: &["ruby"],
        marks: &[
            mark(
                r#"^[ \t]*(?:xit|xdescribe|xcontext|xspecify|xexample|xfeature|xscenario)(?-u:\b)[ \t]*[('"d{]"#,
            ),
            statement(r#"^[ \t]*(?:skip|pending)[ \t]*(?:\(|"|'|\r?$)"#),
            in_tests(r#"[,{][ \t]*(?:skip|pending):[ \t]*(?:true|"|')"#),
        ],
    },
    TestSet {
        languages: &["csharp"],
        marks: &[
            in_tests(r"\[(?:[^\]\n]*,[ \t]*)?Ignore(?-u:\b)[ \t]*[(\],]"),
            reasoned(r"\[(?:Fact|Theory)[ \t]*\([^)\n]*(?-u:\b)Skip[ \t]*="),
        ],
    },
    TestSet {
        languages: &["php"],
        marks: &[
            statement(r"\$this->markTest(?:Skipped|Incomplete)[ \t]*\("),
            in_tests(r"^[ \t]*\}?\)?->skip\("),
        ],
    },
    TestSet {
        languages: &["swift"],
        marks: &[
            statement(r"(?-u:\b)throw[ \t]+XCTSkip(?-u:\b)"),
            reasoned(r"@(?:Test|Suite)[ \t]*\([^\n]*\.disabled[ \t]*[(),]"),
        ],
    },
    TestSet {
        languages: &["c"],
        marks: &[
            TestMark {
                has_reason: false,
                ..reasoned(
                    r"(?-u:\b)(?:TYPED_)?TEST(?:_F|_P)?[ \t]*\([ \t]*(?:DISABLED_\w+[ \t]*,|\w+[ \t]*,[ \t]*DISABLED_)",
                )
            },
            statement(r"(?-u:\b)GTEST_SKIP[ \t]*\("),
        ],
    },
    TestSet {
        languages: &["elixir"],
        marks: &[reasoned(r"@(?:module|describe)?tag[ \t]*\(?[ \t]*(?::skip|skip:)(?-u:\b)?")],
    },
    TestSet {
        languages: &["dart"],
        marks: &[in_tests(r#"(?-u:\b)skip:[ \t]*(?:true(?-u:\b)|"|')"#), in_tests(r"@Skip\(")],
    },
];

/// Tests beside which no other runs.
pub(super) static FOCUSED: &[TestSet] = &[
    TestSet {
        languages: &["javascript"],
        marks: &[
            mark(
                r"(?-u:\b)(?:it|test|describe|context|suite|specify|bench)(?:\.(?:concurrent|sequential|describe))?\.only(?-u:\b)",
            ),
            mark(r#"(?:^|[^.\w$\n])(?:fit|fdescribe|fcontext)[ \t]*\([ \t]*["'`]"#),
        ],
    },
    TestSet {
        languages: &["ruby"],
        marks: &[
            mark(
                r#"^[ \t]*(?:fit|fdescribe|fcontext|fspecify|fexample|ffeature|fscenario)(?-u:\b)[ \t]*[('"]"#,
            ),
            in_tests(r"(?:,[ \t]*focus:[ \t]*true(?-u:\b)|,[ \t]*:focus(?-u:\b))"),
        ],
    },
    TestSet {
        languages: &["go"],
        marks: &[in_tests(
            r"^[ \t]*(?:(?:var[ \t]+)?_[ \t]*=[ \t]*)?(?:(?:ginkgo|g)\.)?F(?:It|Describe|Context|When|Entry|Specify|DescribeTable)\(",
        )],
    },
    TestSet { languages: &["dart"], marks: &[in_tests(r"(?-u:\b)solo:[ \t]*true(?-u:\b)")] },
    TestSet {
        languages: &["elixir"],
        marks: &[in_tests(r"@(?:module|describe)?tag[ \t]*\(?[ \t]*(?::focus|focus:)")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markers::languages::LANGUAGES;
    use crate::markers::pattern::compiled;

    #[test]
    fn every_set_is_of_known_languages_and_compiles() {
        for set in DISABLED.iter().chain(FOCUSED) {
            for mark in set.marks {
                assert!(compiled(mark.pattern).is_some(), "{}", mark.pattern);
            }
            for name in set.languages {
                assert!(LANGUAGES.iter().any(|language| language.name == *name), "{name}");
            }
        }
    }
}
