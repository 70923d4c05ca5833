use super::*;
use crate::lockfile::{Answer, Drift};
use proptest::prelude::*;

const GEMFILE: &str = r#"source "https://gems.example.org"
gem "rake", "~> 13.0"
gem 'tool', git: "https://git.example.org/tool.git", tag: "v1"
group :test do
  gem "spec", "1.2.3"
end
"#;

const LOCK: &str = "GIT
  remote: https://git.example.org/tool.git
  revision: 0123456789012345678901234567890123456789
  tag: v1
  specs:
    tool (1.0.0)

GEM
  remote: https://gems.example.org/
  specs:
    base (2.0)
    rake (13.0.6)
    spec (1.2.3)
      base (>= 1)

PLATFORMS
  ruby

DEPENDENCIES
  rake (~> 13.0)
  spec (= 1.2.3)
  tool!

CHECKSUMS
  base (2.0) sha256=aa
  rake (13.0.6)
  spec (1.2.3) sha256=bb

BUNDLED WITH
   2.6.2
";

fn judge(gemfile: &str, lock: &str) -> Verdict {
    let read =
        |path: &str, _: u64| Ok(Some(if path == "Gemfile" { gemfile } else { lock }.as_bytes().to_vec()));
    let tree = Tree::new(vec!["Gemfile", "Gemfile.lock"], &read);
    Bundler.judge(&tree, &Pair::new("Gemfile", "Gemfile.lock"))
}

#[test]
fn a_literal_gemfile_is_compared_with_its_lock() {
    assert_eq!(judge(GEMFILE, LOCK).reasons, []);
    let verdict = judge(&GEMFILE.replace("1.2.3", "1.2.4"), LOCK);
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let stale = &verdict.reasons[0];
    assert_eq!(stale.what, "spec is asked for at `= 1.2.4`, the lock wrote down `= 1.2.3`");
    assert_eq!(stale.manifest.as_ref().unwrap().line(), Some(5));
    assert_eq!(stale.mend, "bundle lock");
    let verdict = judge(&GEMFILE.replace("tag: \"v1\"", "tag: \"v2\""), LOCK);
    assert_eq!(verdict.reasons[0].drift, Some(Drift::LockedDifferently));
}

#[test]
fn what_is_computed_is_not_guessed() {
    let gemfile = format!("{GEMFILE}if ENV[\"CI\"]\n  gem \"more\"\nend\ngem \"sure\"\n");
    let verdict = judge(&gemfile, LOCK);
    let drifts: Vec<_> = verdict.reasons.iter().filter(|reason| reason.drift.is_some()).collect();
    assert_eq!(drifts.len(), 1, "{drifts:?}");
    assert_eq!(drifts[0].dependency.as_deref(), Some("sure"));
    let verdict = judge(&GEMFILE.replace("\"~> 13.0\"", "ENV.fetch(\"RAKE\")"), LOCK);
    assert_eq!(verdict.strict(), Answer::CannotTell);
}

#[test]
fn an_unknown_section_or_bundler_is_not_passed_over() {
    let verdict = judge(GEMFILE, &LOCK.replace("PLATFORMS", "NOVELTY"));
    assert_eq!(verdict.strict(), Answer::CannotTell);
    let verdict = judge(GEMFILE, &LOCK.replace("2.6.2", "9.0.0"));
    assert_eq!(verdict.rewrite(), Answer::CannotTell);
}

#[test]
fn declared_and_locked() {
    let declared = Bundler.declared(&Source::new("Gemfile", GEMFILE)).unwrap();
    let rows: Vec<_> = declared.iter().map(|gem| (gem.name.as_str(), gem.kind, gem.precision)).collect();
    assert_eq!(
        rows,
        [
            ("rake", Kind::Production, Precision::Range),
            ("tool", Kind::Production, Precision::None),
            ("spec", Kind::Development, Precision::Exact)
        ]
    );
    assert!(matches!(&declared[1].origin, Origin::Git { at: GitRef::Tag(tag), .. } if tag == "v1"));
    let locked = Bundler.locked(&Source::new("Gemfile.lock", LOCK)).unwrap();
    let rows: Vec<_> = locked
        .iter()
        .map(|gem| (gem.name.as_str(), gem.integrity.len(), gem.needs_integrity, gem.is_direct))
        .collect();
    assert_eq!(
        rows,
        [
            ("tool", 0, false, Some(true)),
            ("base", 1, false, Some(false)),
            ("rake", 0, true, Some(true)),
            ("spec", 1, false, Some(true))
        ]
    );
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(gemfile in "\\PC{0,60}", lock in "\\PC{0,60}") {
        let _ = judge(&gemfile, &lock).strict();
        let _ = Bundler.declared(&Source::new("Gemfile", &gemfile));
    }

    #[test]
    fn what_looks_like_ruby_gets_one(gemfile in "(gem|do|end|if|group| |\n|\"|'|:|,|%w\\[|\\]|\\(|\\)|<<~A|/|#|\\{|\\}|a){0,40}") {
        let _ = judge(&gemfile, LOCK).strict();
    }
}
