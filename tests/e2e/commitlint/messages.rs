//! Messages from a grammar, with mutations; the same seed gives the same ones.

/// xorshift64*: evenly spread is all that is asked of it.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// Mostly something of `good`.
    fn mostly<'t>(&mut self, good: &[&'t str], odd: &[&'t str]) -> &'t str {
        if self.one_in(8) { self.pick(odd) } else { self.pick(good) }
    }
}

const TYPES: &[&str] =
    &["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];
const ODD_TYPES: &[&str] = &[
    "",
    "Feat",
    "FIX",
    "feature",
    "wip",
    "feat2",
    "my_type",
    "build-dep",
    "feat/x",
    "f\u{fc}x",
    "\u{2728}",
    "(a)",
];
const SCOPES: &[&str] =
    &["", "", "", "(api)", "(a,b)", "(a/b)", "(user-login)", "(my scope)", "(gr\u{f6}\u{df}e)", "(#12)"];
const ODD_SCOPES: &[&str] = &["()", "( )", "( x )", "(a(b))", "(a)(b)", "(a", "a)", "[a]", " (a)", "(a:b)"];
const MARKS: &[&str] = &["", "", "", "", "!"];
const ODD_MARKS: &[&str] = &["!!", "! ", " !"];
const COLONS: &[&str] = &[": ", ": ", ": ", ":  "];
const ODD_COLONS: &[&str] = &[":", " : ", ":\t", ":\u{a0}", "\u{ff1a}", "", ": \t"];
const VERBS: &[&str] =
    &["keep", "drop", "add", "say", "use `Cookie` to keep", "don't lose", "\"Quote\" and keep", "2fa: keep"];
const ODD_VERBS: &[&str] = &[
    "Keep",
    "KEEP",
    "keepIt",
    "KeepIt",
    "Keep-it",
    "\u{dc}ber",
    "\u{fc}ber",
    "API:",
    "`Cookie`",
    "'A' b",
    "",
];
const OBJECTS: &[&str] =
    &["the login", "it after a reload", "HTTP headers", "v1.2", "caf\u{e9}s", "names of users (all)"];
const ODD_OBJECTS: &[&str] = &["", " ", "THE LOGIN", "The Login", "\u{1f600}"];
const ENDS: &[&str] = &["", "", "", "", "", "..."];
const ODD_ENDS: &[&str] = &[".", "..", "....", "!", "?", ". ", "\u{3002}", ":"];
const BODIES: &[&str] = &[
    "",
    "",
    "\n\nThe cookie was lost.",
    "\n\nThe cookie was lost.\n\nIt is kept now:\n- in the jar\n- on disk",
    "\n\n\nThe cookie was lost.",
    "\nThe cookie was lost.",
    "\n\nNote: a body\n\nmore",
    "\n\nhttps://example.com/x",
    "\n\nsee #12 and closes #13",
];
const FOOTERS: &[&str] = &[
    "",
    "",
    "\n\nRefs: #12",
    "\n\nRefs: ABC-12\nSigned-off-by: Z <z@example.com>",
    "\n\nBREAKING CHANGE: the key is gone",
    "\n\nBREAKING CHANGE: a\nb\n\nc\nRefs: 1",
    "\n\nFixes #12",
    "\nReviewed-by: Z",
    "\n\nbreaking change: x",
    "\n\nBREAKING-CHANGE: x\n",
    "\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)",
];
const WHOLE: &[&str] = &[
    "Merge branch 'a' into b",
    "Merge pull request #12 from a/b",
    "Revert \"feat: x\"\n\nThis reverts commit 676104e.",
    "Reapply \"feat: x\"\n\nThis reverts commit 676104e.",
    "fixup! feat: x",
    "squash! whatever",
    "Merged PR 7: add x",
    "Merge tag 'v1'",
    "Initial commit",
    "WIP",
    "did some stuff",
    "revert: feat: x\n\nRefs: 676104e",
];

/// So many messages, each another one.
pub(super) fn generate(seed: u64, count: usize) -> Vec<String> {
    let mut random = Random(seed);
    let mut found: Vec<String> = Vec::new();
    while found.len() < count {
        let mut message =
            if random.one_in(16) { random.pick(WHOLE).to_owned() } else { message(&mut random) };
        if random.one_in(3) {
            mutate(&mut random, &mut message);
        }
        if !found.contains(&message) {
            found.push(message);
        }
    }
    found
}

fn message(random: &mut Random) -> String {
    let mut text = String::new();
    text.push_str(random.mostly(TYPES, ODD_TYPES));
    text.push_str(random.mostly(SCOPES, ODD_SCOPES));
    text.push_str(random.mostly(MARKS, ODD_MARKS));
    text.push_str(random.mostly(COLONS, ODD_COLONS));
    text.push_str(random.mostly(VERBS, ODD_VERBS));
    text.push(' ');
    text.push_str(random.mostly(OBJECTS, ODD_OBJECTS));
    // Around the longest header.
    if random.one_in(12) {
        let wanted = 98 + random.below(5);
        while text.chars().count() < wanted {
            text.push(if text.ends_with('x') { 'y' } else { 'x' });
        }
    }
    text.push_str(random.mostly(ENDS, ODD_ENDS));
    text.push_str(random.pick(BODIES));
    if random.one_in(8) {
        text.push_str(&long(random));
    }
    text.push_str(random.pick(FOOTERS));
    if random.one_in(12) {
        text.push_str(&"z".repeat(90 + random.below(20)));
    }
    text
}

/// A paragraph around the longest line.
fn long(random: &mut Random) -> String {
    let lead =
        random.pick(&["", "see https://example.com/", "see ftp://example.com/", "    ", "\t", "```\n", "> "]);
    let close = if lead == "```\n" { "\n```" } else { "" };
    format!("\n\n{lead}{}{close}", "y".repeat(100_usize.saturating_sub(lead.len()) + random.below(4)))
}

/// Spoils a message in one place.
fn mutate(random: &mut Random, message: &mut String) {
    let mut letters: Vec<char> = message.chars().collect();
    let at = random.below(letters.len().max(1)).min(letters.len().saturating_sub(1));
    // Most of what is judged stands at the beginning.
    let at = if random.one_in(2) { at.min(random.below(12)) } else { at };
    match random.below(9) {
        0 if !letters.is_empty() => drop(letters.remove(at)),
        1 if !letters.is_empty() => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        3 => letters.insert(
            at,
            random.pick(&[":", "!", "(", ")", " ", ".", "\n", "A", "\u{e9}"]).chars().next().unwrap(),
        ),
        4 if !letters.is_empty() => letters[at] = letters[at].to_uppercase().next().unwrap(),
        5 => letters.insert(0, random.pick(&[" ", "\n", "\t", "\u{feff}"]).chars().next().unwrap()),
        6 => letters = message.replace('\n', "\r\n").chars().collect(),
        7 => letters.extend("\n\n\n".chars()),
        _ => letters.truncate(at),
    }
    *message = letters.into_iter().collect();
}
