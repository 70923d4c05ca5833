use super::*;

fn same(one: &str, two: &str, pythons: &str) -> Same {
    let [one, two] = [one, two].map(|text| Marker::parse(text).unwrap());
    one.same(&two, &PythonRange::parse(pythons).unwrap())
}

#[test]
fn markers_are_compared_for_the_pythons_that_count() {
    assert_eq!(same("python_version >= '3.8'", "", ">=3.10"), Same::Yes);
    assert_eq!(same("python_version >= '3.11'", "", ">=3.10"), Same::No);
    assert_eq!(same("python_version < '3.11'", "python_full_version < '3.11'", ">=3.9"), Same::Yes);
    assert_eq!(same("sys_platform == 'win32'", "'win32' == sys_platform", ">=3.9"), Same::Yes);
    assert_eq!(same("sys_platform == 'win32'", "sys_platform != 'win32'", ">=3.9"), Same::No);
    let both = "sys_platform == 'win32' and os_name == 'nt'";
    assert_eq!(same(both, "sys_platform == 'win32'", ">=3.9"), Same::Unclear);
    assert_eq!(same("extra == 'A_b' and python_version > '3'", "extra == 'a-b'", ">=3.9"), Same::Yes);
}

#[test]
fn what_is_no_marker_is_none() {
    for text in ["python_version", "== '3'", "(os_name == 'a'", "nothing == 'a'", "os_name 'a'", "'a' == 'b'"]
    {
        assert_eq!(Marker::parse(text), None, "{text}");
    }
    assert_eq!(Marker::parse(&"(".repeat(100_000)), None);
}

#[test]
fn requirements_are_read() {
    let read = Requirement::parse("Zope.Interface [B, a_c] >=1, <2 ; python_version < '3.11'").unwrap();
    assert_eq!((read.name.as_str(), read.marker.as_str()), ("zope-interface", "python_version < '3.11'"));
    assert_eq!(read.extras.iter().map(String::as_str).collect::<Vec<_>>(), ["a-c", "b"]);
    assert!(!read.is_exact() && !read.is_any());
    assert!(Requirement::parse("six==1.0").unwrap().is_exact());
    assert!(Requirement::parse("six").unwrap().is_any());
    assert!(matches!(Requirement::parse("x @ https://example.org/x.whl ; os_name == 'nt'").unwrap().wanted,
        Wanted::Url(url) if url == "https://example.org/x.whl"));
    for text in ["", "-e .", "six >>1", "six[", "./x"] {
        assert!(Requirement::parse(text).is_none(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_gets_an_answer(text in ".{0,200}", other in "[a-z_'<>=!().0-9 ]{0,80}") {
        let _ = Requirement::parse(&text);
        let range = PythonRange::parse(&text).unwrap_or_default();
        if let (Some(one), Some(two)) = (Marker::parse(&other), Marker::parse("python_version < '3.9'")) {
            let _ = one.same(&two, &range);
        }
    }
}
