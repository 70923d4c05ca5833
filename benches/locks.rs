//! How long it takes to judge the locks of a monorepo: 500 members under one `package-lock.json` of 5 MB. Printed beside two
//! floors of the same run, since an absolute number says as much of the machine: reading the lock as JSON and nothing else,
//! and the whole survey where the change touches no part of it.
//!
//! `cargo bench -p gatepost-benches --bench locks`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench prints, and fails by panicking"
)]

use gatepost_core::lockfile::{Answer, Tree, Want, survey};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const MEMBERS: usize = 500;
const PACKAGES: usize = 14_000;
const TIMES: usize = 5;

fn main() {
    let files = monorepo();
    let lock = &files["package-lock.json"];
    println!("{MEMBERS} manifests, a lock of {:.1} MB with {PACKAGES} packages", lock.len() as f64 / 1e6);
    let read = |path: &str, _: u64| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    let tree = || Tree::new(files.keys().map(String::as_str).collect(), &read);

    let floor = best(|| {
        drop(serde_json::from_str::<serde_json::Value>(lock).unwrap());
    });
    let everything = best(|| {
        let records = survey(&tree(), &Want::default());
        assert_eq!(records.len(), 1, "{records:?}");
        assert_eq!(
            (records[0].strict(), records[0].rewrite()),
            (Answer::InSync, Answer::InSync),
            "{records:?}"
        );
    });
    let elsewhere = best(|| {
        let want = Want { ecosystems: None, touched: Some(&["docs/guide.md"]) };
        assert!(survey(&tree(), &want).is_empty());
    });
    let concerned = best(|| {
        assert!(!gatepost_core::lockfile::concerns("docs/guide.md"));
    });
    let ratio = |time: Duration| time.as_secs_f64() / floor.as_secs_f64();
    println!("reading the lock as JSON, by serde_json   {:>9.3} ms   1.00", floor.as_secs_f64() * 1e3);
    println!(
        "judging every pair                        {:>9.3} ms   {:.2}",
        everything.as_secs_f64() * 1e3,
        ratio(everything)
    );
    println!(
        "a change that touches none of it          {:>9.3} ms   {:.2}",
        elsewhere.as_secs_f64() * 1e3,
        ratio(elsewhere)
    );
    println!(
        "telling that it touches none              {:>9.3} ms   {:.4}",
        concerned.as_secs_f64() * 1e3,
        ratio(concerned)
    );
}

fn best(mut run: impl FnMut()) -> Duration {
    let times = (0..TIMES).map(|_| {
        let started = Instant::now();
        run();
        started.elapsed()
    });
    times.min().unwrap()
}

/// Members `packages/mN`, each asking for some of a chain of packages.
fn monorepo() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let root = r#"{"name": "mono", "version": "1.0.0", "workspaces": ["packages/*"]}"#;
    files.insert("package.json".to_owned(), root.to_owned());
    let mut lock = String::from(
        "{\n  \"name\": \"mono\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {\n    \"\": {\n      \
         \"name\": \"mono\",\n      \"version\": \"1.0.0\",\n      \"workspaces\": [\n        \"packages/*\"\n      ]\n    }",
    );
    for package in 0..PACKAGES {
        let hash = format!("{package:086}");
        let next = match package + MEMBERS {
            next if next < PACKAGES => {
                format!(",\n      \"dependencies\": {{\n        \"dep-{next}\": \"^1.0.0\"\n      }}")
            }
            _ => String::new(),
        };
        let _ = write!(
            lock,
            ",\n    \"node_modules/dep-{package}\": {{\n      \"version\": \"1.2.{package}\",\n      \"resolved\": \
             \"https://registry.example.org/dep-{package}/-/dep-{package}-1.2.{package}.tgz\",\n      \"integrity\": \
             \"sha512-{hash}==\",\n      \"license\": \"MIT\"{next}\n    }}"
        );
    }
    for member in 0..MEMBERS {
        let dependencies = format!("\"dependencies\": {{\"dep-{member}\": \"^1.0.0\"}}");
        files.insert(
            format!("packages/m{member}/package.json"),
            format!("{{\"name\": \"m{member}\", \"version\": \"1.0.0\", {dependencies}}}"),
        );
        let _ = write!(
            lock,
            ",\n    \"packages/m{member}\": {{\n      \"version\": \"1.0.0\",\n      {dependencies}\n    }},\n    \
             \"node_modules/m{member}\": {{\n      \"resolved\": \"packages/m{member}\",\n      \"link\": true\n    }}"
        );
    }
    lock.push_str("\n  }\n}\n");
    files.insert("package-lock.json".to_owned(), lock);
    files
}
