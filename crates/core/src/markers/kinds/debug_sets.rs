//! What debug statements look like, by language. A set without `prints` is unmistakable: nobody ships a breakpoint. The
//! others print, which is some programs' purpose: they count where `debug-prints` names them.

/// Patterns of some languages.
pub(super) struct DebugSet {
    pub(super) languages: &'static [&'static str],
    /// Its name in `debug-prints`; `None`: it always counts.
    pub(super) prints: Option<&'static str>,
    pub(super) patterns: &'static [&'static str],
}

/// The names of the sets that `debug-prints` chooses from.
pub(in super::super) const PRINTS: &[&str] = &[
    "c",
    "csharp",
    "dart",
    "elixir",
    "go",
    "java",
    "javascript",
    "kotlin",
    "perl",
    "php",
    "powershell",
    "python",
    "r",
    "ruby",
    "rust",
    "scala",
    "shell",
    "swift",
];

const fn breaks(languages: &'static [&'static str], patterns: &'static [&'static str]) -> DebugSet {
    DebugSet { languages, prints: None, patterns }
}

const fn prints(
    name: &'static str,
    languages: &'static [&'static str],
    patterns: &'static [&'static str],
) -> DebugSet {
    DebugSet { languages, prints: Some(name), patterns }
}

const SCRIPT: &[&str] = &["javascript", "component"];

pub(super) static SETS: &[DebugSet] = &[
    breaks(SCRIPT, &[r"(?-u:\b)debugger[ \t]*(?:;|\r?$)"]),
    prints("javascript", SCRIPT, &[r"(?-u:\b)console\.(?:log|debug|dir|dirxml|table|trace)[ \t]*\("]),
    breaks(
        &["python"],
        &[
            r"(?-u:\b)(?:i?pdb|pudb|wdb|web_pdb)\.(?:set_trace|post_mortem)[ \t]*\(",
            r"^[ \t]*breakpoint[ \t]*\(\)",
            r"^[ \t]*(?:import|from)[ \t]+(?:i?pdb|pudb|wdb|web_pdb)(?-u:\b)",
            r"(?-u:\b)(?:debugpy|ptvsd)\.(?:breakpoint|wait_for_client|break_into_debugger)[ \t]*\(",
        ],
    ),
    prints("python", &["python"], &[r"^[ \t]*(?:print|pprint|pprint\.pprint|ic)[ \t]*\("]),
    breaks(
        &["ruby"],
        &[
            r"(?-u:\b)binding\.(?:pry|irb|remote_pry|break|b)(?-u:\b)",
            r"^[ \t]*(?:byebug|debugger)[ \t]*\r?$",
        ],
    ),
    prints("ruby", &["ruby"], &[r"^[ \t]*(?:puts|p|pp|ap)[ \t]+[^=\s]", r"^[ \t]*(?:puts|p|pp|ap)\("]),
    breaks(&["rust"], &[r"(?-u:\b)dbg!"]),
    prints("rust", &["rust"], &[r"(?-u:\b)e?print(?:ln)?!"]),
    breaks(&["go"], &[r"(?-u:\b)spew\.(?:F?[Dd]ump|Print(?:f|ln)?)\(", r"(?-u:\b)runtime\.Breakpoint\("]),
    prints("go", &["go"], &[r"(?-u:\b)fmt\.Print(?:f|ln)?\(", r"^[ \t]*print(?:ln)?\("]),
    prints(
        "java",
        &["java", "groovy"],
        &[r"(?-u:\b)System\.(?:out|err)\.print(?:ln|f)?[ \t]*\(", r"\.printStackTrace[ \t]*\([ \t]*\)"],
    ),
    prints("kotlin", &["kotlin"], &[r"^[ \t]*print(?:ln)?[ \t]*\(", r"\.printStackTrace[ \t]*\([ \t]*\)"]),
    prints("scala", &["scala"], &[r"^[ \t]*print(?:ln)?[ \t]*\(", r"\.printStackTrace(?-u:\b)"]),
    breaks(&["csharp"], &[r"(?-u:\b)Debugger\.(?:Break|Launch)[ \t]*\("]),
    prints("csharp", &["csharp"], &[r"(?-u:\b)(?:Console|Debug|Trace)\.Write(?:Line)?[ \t]*\("]),
    breaks(
        &["php"],
        &[
            r"(?:^|[^>:$\\\w\n])(?:var_dump|dd|ddd|xdebug_break|xdebug_var_dump|debug_zval_refcount)[ \t]*\(",
            r"(?-u:\b)eval\(\\Psy\\sh\(\)\)",
        ],
    ),
    prints(
        "php",
        &["php"],
        &[r"(?:^|[^>:$\\\w\n])(?:print_r|var_export|dump|debug_print_backtrace)[ \t]*\("],
    ),
    breaks(&["elixir"], &[r"(?-u:\b)IEx\.pry(?-u:\b)", r"^[ \t]*(?:\|>[ \t]*)?dbg\("]),
    prints("elixir", &["elixir"], &[r"(?-u:\b)IO\.(?:inspect|puts)(?-u:\b)"]),
    breaks(&["perl"], &[r"\$DB::single[ \t]*="]),
    prints(
        "perl",
        &["perl"],
        &[r"(?-u:\b)(?:print|warn|say)[ \t(]+(?:STDERR[ \t]+)?(?:Data::Dumper->)?Dumper(?-u:\b)"],
    ),
    breaks(&["r"], &[r"^[ \t]*browser\("]),
    prints("r", &["r"], &[r"^[ \t]*(?:print|str)\("]),
    breaks(&["julia"], &[r"@(?:infiltrate|bp)(?-u:\b)"]),
    breaks(
        &["c"],
        &[
            r"(?-u:\b)__debugbreak[ \t]*\(",
            r"(?-u:\b)DebugBreak[ \t]*\(",
            r"(?-u:\b)raise[ \t]*\([ \t]*SIGTRAP[ \t]*\)",
            r"(?-u:\b)__builtin_debugtrap[ \t]*\(",
        ],
    ),
    prints(
        "c",
        &["c"],
        &[
            r"(?-u:\b)(?:std::)?(?:printf|puts)[ \t]*\(",
            r"(?-u:\b)std::(?:cout|cerr)(?-u:\b)",
            r"(?-u:\b)NSLog[ \t]*\(",
        ],
    ),
    prints("swift", &["swift"], &[r"^[ \t]*(?:debugPrint|print|dump|NSLog)[ \t]*\("]),
    breaks(&["dart"], &[r"^[ \t]*debugger\("]),
    prints("dart", &["dart"], &[r"^[ \t]*(?:debugPrint|print)[ \t]*\("]),
    prints(
        "shell",
        &["shell"],
        &[r"^[ \t]*set[ \t]+-[a-wyz]*x[a-z]*(?-u:\b)", r"^[ \t]*set[ \t]+-o[ \t]+xtrace(?-u:\b)"],
    ),
    breaks(&["powershell"], &[r"(?i:(?-u:\b)(?:Wait-Debugger|Set-PSBreakpoint)(?-u:\b))"]),
    prints("powershell", &["powershell"], &[r"(?i:(?-u:\b)(?:Write-Host|Set-PSDebug)(?-u:\b))"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markers::languages::LANGUAGES;
    use crate::markers::pattern::compiled;

    #[test]
    fn every_set_is_of_known_languages_and_compiles() {
        for set in SETS {
            for pattern in set.patterns {
                assert!(compiled(pattern).is_some(), "{pattern}");
            }
            for name in set.languages {
                assert!(LANGUAGES.iter().any(|language| language.name == *name), "{name}");
            }
            assert!(set.prints.is_none_or(|name| PRINTS.contains(&name)));
        }
        assert!(PRINTS.iter().all(|name| SETS.iter().any(|set| set.prints == Some(name))));
    }
}
