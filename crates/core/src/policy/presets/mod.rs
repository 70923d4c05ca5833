//! Ready-made policies, each a file that a user can print, extend and change. A new one is its file and one line in
//! [`PRESETS`].

/// A ready-made policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Preset {
    /// Its name: `regulated`.
    pub name: &'static str,
    /// The policy, with a comment at its top that says what it is for.
    pub text: &'static str,
}

/// Every preset.
pub const PRESETS: &[Preset] = &[
    Preset { name: "default", text: include_str!("default.toml") },
    Preset { name: "conventional-branches", text: include_str!("conventional-branches.toml") },
    Preset { name: "conventional", text: include_str!("conventional.toml") },
    Preset {
        name: "commitlint-config-conventional",
        text: include_str!("commitlint-config-conventional.toml"),
    },
    Preset { name: "strict", text: include_str!("strict.toml") },
    Preset { name: "audit", text: include_str!("audit.toml") },
    Preset { name: "regulated", text: include_str!("regulated.toml") },
    Preset { name: "severity-high-blocks", text: include_str!("severity-high-blocks.toml") },
    Preset { name: "severity-high-warns", text: include_str!("severity-high-warns.toml") },
];

impl Preset {
    /// The preset of that name; `standard` is another name for `conventional-branches`.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let name = if name == "standard" { "conventional-branches" } else { name };
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// What it is for, in a sentence: the comment at its top, up to the first full stop or colon's sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
        let comment = lines.collect::<Vec<_>>().join(" ");
        comment.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
    }
}
