use super::*;
use crate::lockfile::{
    Declared, Ecosystem, Info, Locked, LockedOrigin, Pair, Role, Source, Tree, Unclear, Verdict,
};

/// An ecosystem of nothing but a name.
#[derive(Debug)]
struct Some(Info);

impl Ecosystem for Some {
    fn info(&self) -> &'static Info {
        static NPM: Info = Info {
            name: "npm",
            locks: "package-lock.json",
            manifests: "package.json",
            family: "javascript",
            make: "npm install",
        };
        let _ = self.0;
        &NPM
    }
    fn role(&self, _: &str) -> Option<Role> {
        None
    }
    fn pairs(&self, _: &Tree<'_>) -> Vec<Pair> {
        Vec::new()
    }
    fn judge(&self, _: &Tree<'_>, _: &Pair) -> Verdict {
        Verdict::default()
    }
    fn declared(&self, _: &Source) -> Result<Vec<Declared>, Unclear> {
        Ok(Vec::new())
    }
    fn locked(&self, _: &Source) -> Result<Vec<Locked>, Unclear> {
        Ok(Vec::new())
    }
}

const NPM: Some = Some(Info { name: "", locks: "", manifests: "", family: "", make: "" });

fn package(name: &str, version: &str) -> Locked {
    let file = name.rsplit('/').next().unwrap();
    Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        origin: LockedOrigin::Registry(Option::Some(format!(
            "https://registry.npmjs.org/{name}/-/{file}-{version}.tgz"
        ))),
        integrity: vec![format!("sha512-{name}{version}")],
        needs_integrity: true,
        runs_scripts: Option::Some(false),
        is_direct: Option::Some(true),
        span: 0..0,
    }
}

fn signals(old: &[Locked], new: &[Locked]) -> Vec<Signal> {
    let names = Names::new(vec!["@acme/*".to_owned(), "acme-core".to_owned()]);
    let found = differences(&NPM, old, new, &names);
    let mut signals: Vec<Signal> =
        found.iter().flat_map(|difference| difference.signals.iter().map(|noted| noted.signal)).collect();
    signals.sort_unstable();
    signals
}

#[test]
fn what_stays_says_nothing_and_an_update_neither() {
    let old = [package("lodash", "4.17.11"), package("@acme/ui", "1.0.0")];
    assert_eq!(signals(&old, &old), []);
    assert_eq!(signals(&old, &[package("lodash", "4.17.21"), package("@acme/ui", "1.0.0")]), []);
    assert_eq!(signals(&old, &[]), []);
}

#[test]
fn new_packages_are_told_apart_by_who_asks_for_them() {
    let transitive = Locked { is_direct: Option::Some(false), ..package("ms", "2.1.3") };
    let found = signals(&[], &[package("left-pad", "1.3.0"), transitive]);
    assert_eq!(found, [Signal::NewDirect, Signal::NewTransitive]);
}

#[test]
fn a_version_that_goes_down_is_told() {
    assert_eq!(signals(&[package("a", "1.10.0")], &[package("a", "1.9.0")]), [Signal::VersionDown]);
    assert_eq!(signals(&[package("a", "1.9.0")], &[package("a", "1.10.0")]), []);
    // Two versions beside each other, of which one is updated.
    let old = [package("a", "1.0.0"), package("a", "2.0.0")];
    assert_eq!(signals(&old, &[package("a", "1.0.1"), package("a", "2.0.0")]), []);
}

#[test]
fn another_hash_for_the_same_version_is_told_and_a_further_one_is_not() {
    let other = |hashes: &[&str]| Locked {
        integrity: hashes.iter().map(|hash| (*hash).to_owned()).collect(),
        ..package("a", "1.0.0")
    };
    assert_eq!(signals(&[other(&["sha512-x"])], &[other(&["sha512-y"])]), [Signal::IntegrityChanged]);
    assert_eq!(signals(&[other(&["sha256:x"])], &[other(&["sha256:x", "sha256:y"])]), []);
    assert_eq!(signals(&[other(&["sha512-x"])], &[other(&["sha1-y"])]), [Signal::IntegrityWeaker]);
    assert_eq!(signals(&[other(&["sha512-x"])], &[other(&[])]), [Signal::IntegrityWeaker]);
    assert_eq!(signals(&[other(&["sha1-x"])], &[other(&["sha512-y"])]), []);
}

#[test]
fn hosts_are_compared_and_two_names_of_one_are_one() {
    let at = |url: &str| Locked {
        origin: LockedOrigin::Registry(Option::Some(url.to_owned())),
        ..package("a", "1.0.0")
    };
    let old = at("https://registry.npmjs.org/a/-/a-1.0.0.tgz");
    assert_eq!(
        signals(std::slice::from_ref(&old), &[at("https://registry.yarnpkg.com/a/-/a-1.0.0.tgz")]),
        []
    );
    assert_eq!(
        signals(std::slice::from_ref(&old), &[at("https://npm.example.org/a/-/a-1.0.0.tgz")]),
        [Signal::HostChanged]
    );
    assert_eq!(
        signals(std::slice::from_ref(&old), &[at("http://registry.npmjs.org/a/-/a-1.0.0.tgz")]),
        [Signal::Unencrypted]
    );
    assert_eq!(
        signals(&[old], &[at("https://registry.npmjs.org/evil/-/evil-1.0.0.tgz")]),
        [Signal::OtherAddress]
    );
}

#[test]
fn a_package_that_leaves_its_registry_is_told() {
    let git = LockedOrigin::Git { url: "https://example.org/a.git".to_owned(), commit: None };
    let now = Locked { origin: git, integrity: Vec::new(), needs_integrity: false, ..package("a", "1.0.0") };
    assert_eq!(signals(&[package("a", "1.0.0")], &[now]), [Signal::LeftRegistry]);
}

#[test]
fn programs_that_run_at_install_are_told_when_they_are_new() {
    let now = Locked { runs_scripts: Option::Some(true), ..package("a", "1.0.1") };
    assert_eq!(signals(&[package("a", "1.0.0")], std::slice::from_ref(&now)), [Signal::InstallScript]);
    assert_eq!(signals(&[], std::slice::from_ref(&now)), [Signal::NewDirect, Signal::InstallScript]);
    let unknown = Locked { runs_scripts: None, ..package("a", "1.0.0") };
    assert_eq!(signals(&[unknown], &[now]), []);
}

#[test]
fn names_that_look_like_others_are_told() {
    let names = Names::new(vec!["@acme/*".to_owned(), "acme-core".to_owned()]);
    for (name, other) in [
        ("expres", Option::Some("express")),
        ("lodahs", Option::Some("lodash")),
        ("cross_env", Option::Some("cross-env")),
        ("acme-cores", Option::Some("acme-core")),
        ("@acmee/ui", Option::Some("@acme/*")),
        ("@acme/ui", None),
        ("express", None),
        ("vuex", None),
        ("entirely-new", None),
    ] {
        assert_eq!(names.look_alike("javascript", name), other, "{name}");
    }
    assert_eq!(names.look_alike("terraform", "expres"), None);
}

#[test]
fn every_signal_has_the_code_of_its_place() {
    for (signal, code) in Signal::ALL.iter().zip(&codes::CODES) {
        assert_eq!(signal.code().code, code.code);
    }
}
