use super::*;

#[test]
fn paths_are_joined_within_the_tree_and_not_beyond_it() {
    assert_eq!(join("a/b", "../c/./d.toml").as_deref(), Some("a/c/d.toml"));
    assert_eq!(join("", "x").as_deref(), Some("x"));
    assert_eq!(join("a", "..").as_deref(), Some(""));
    assert_eq!(join("a", "../../x"), None);
    assert_eq!(join("a", "/x"), None);
    assert_eq!(relative("crates", "crates/a"), Some("a"));
    assert_eq!(relative("crates", "crates"), Some("."));
    assert_eq!(relative("crates", "crates-io/a"), None);
    assert_eq!(relative("", "a/b"), Some("a/b"));
}

#[test]
fn a_tree_gives_what_stands_in_a_folder() {
    let read = |_: &str, _: u64| Ok(Some(b"text".to_vec()));
    let tree = Tree::new(vec!["b/x", "a/y", "a-b/z", "a/b/c", "a"], &read);
    assert_eq!(tree.under("a"), ["a/b/c", "a/y"]);
    assert_eq!(tree.under("").len(), 5);
    assert_eq!(tree.files_in("a").collect::<Vec<_>>(), ["a/y"]);
    assert_eq!(tree.files_in("").collect::<Vec<_>>(), ["a"]);
    assert_eq!(tree.files_in("c").next(), None);
    assert!(tree.has("a") && !tree.has("b"));
    assert_eq!(tree.read("c").unwrap_err(), Unread::Missing);
    assert_eq!(&*tree.read("a").unwrap().text, "text");
}

#[test]
fn what_a_link_leads_to_is_not_missing() {
    let read = |_: &str, _: u64| Ok(Some(Vec::new()));
    let tree = Tree::new(vec!["a/x"], &read).with_links(vec!["link", "a/y"]);
    for path in ["link", "link/b/x", "a/y"] {
        assert!(tree.is_linked(path));
        assert_eq!(tree.read(path).unwrap_err(), Unread::Link, "{path}");
    }
    for path in ["links", "a/z", "b"] {
        assert!(!tree.is_linked(path));
        assert_eq!(tree.read(path).unwrap_err(), Unread::Missing, "{path}");
    }
}

#[test]
fn what_is_too_large_or_no_text_is_said() {
    let read = |path: &str, _: u64| Ok((path != "large").then(|| vec![0xff, 0xfe]));
    let tree = Tree::new(vec!["large", "binary"], &read).with_limit(1 << 20);
    assert_eq!(tree.read("large").unwrap_err().to_string(), "is larger than 1 MiB");
    assert_eq!(tree.read("binary").unwrap_err(), Unread::NotText);
    assert_eq!(tree.bytes("binary").unwrap(), [0xff, 0xfe]);
}

#[test]
fn places_are_lines_and_columns_of_the_file() {
    let source = Source::new("f", "one\ntwo é three\nfour\n");
    let at = source.text.find("three").unwrap();
    let place = source.place(&(at..at + 5)).span.unwrap();
    assert_eq!((place.line, place.column, place.character, place.end_column), (2, 8, 7, 13));
    assert_eq!((place.start_byte, place.end_byte), (at as u64, at as u64 + 5));
    let over = source.place(&(at..source.text.len())).span.unwrap();
    assert_eq!((over.line, over.end_line), (2, 2));
    assert_eq!(source.place(&(900..901)).line(), Some(4));
}

#[test]
fn an_answer_is_the_worst_of_its_reasons() {
    let mut verdict = Verdict::default();
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::InSync, Answer::InSync));
    verdict.unclear_for(Breaks::Strict, Unclear::new("the registry would have to be asked"));
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::InSync));
    verdict.drift(Reason::new(Drift::RecordStale, Breaks::Rewrite, "stale", "npm install"));
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::CannotTell, Answer::OutOfSync));
    verdict.drift(Reason::new(Drift::NotLocked, Breaks::Both, "not locked", "npm install"));
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let mut unknown = Verdict::default();
    unknown.version_unknown("version 9", Place { path: "Cargo.lock".to_owned(), span: None });
    assert_eq!((unknown.strict(), unknown.rewrite()), (Answer::CannotTell, Answer::CannotTell));
}

#[test]
fn a_lock_is_kept_out_by_what_git_would_keep_it_out_by() {
    let kept_out = |root: &str, below: &str| {
        let read = |path: &str, _: u64| {
            let text = match path {
                ".gitignore" => root,
                "tools/a/.gitignore" => below,
                _ => "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nb = \"1\"\n",
            };
            Ok(Some(text.as_bytes().to_vec()))
        };
        let tree = Tree::new(vec![".gitignore", "tools/a/.gitignore", "tools/a/Cargo.toml"], &read);
        let records = survey(&tree, &Want { ecosystems: Some(&["cargo"]), touched: None });
        match records.into_iter().next().map(|record| record.state) {
            Some(State::Missing { kept_out, .. }) => kept_out.map(|kept| (kept.place.path, kept.line)),
            other => panic!("{other:?}"),
        }
    };
    let root = |line: &str| Some((".gitignore".to_owned(), line.to_owned()));
    for line in ["Cargo.lock", "*.lock", "**/Cargo.lock", "tools/*/Cargo.lock", "/tools/**/Cargo.lock"] {
        assert_eq!(kept_out(line, ""), root(line));
        // Taken back below, and by a later line.
        assert_eq!(kept_out(line, "!Cargo.lock\n"), None);
        assert_eq!(kept_out(&format!("{line}\n!Cargo.lock"), ""), None);
    }
    for line in [
        "/Cargo.lock",
        "other/**/Cargo.lock",
        "a/Cargo.lock",
        "# Cargo.lock",
        "Cargo.lock/",
        "!Cargo.lock",
        "",
    ] {
        assert_eq!(kept_out(line, ""), None, "{line}");
    }
    assert_eq!(kept_out("", "Cargo.*k\n").map(|(path, _)| path).as_deref(), Some("tools/a/.gitignore"));
}
