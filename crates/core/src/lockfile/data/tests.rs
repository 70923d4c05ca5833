use super::*;

fn names(value: &Value) -> Vec<&str> {
    value.entries().map(|entry| entry.key.as_str()).collect()
}

#[test]
fn one_content_is_one_tree_in_every_language() {
    let in_json = json("{\"a\": {\"b\": [1, \"x\", true]}}").unwrap();
    let in_toml = toml("[a]\nb = [1, \"x\", true]\n").unwrap();
    let in_yaml = yaml("a:\n  b: [1, 'x', true]\n").unwrap();
    assert!(in_json.is_same(&in_toml) && in_json.is_same(&in_yaml), "{in_json:?} {in_toml:?} {in_yaml:?}");
}

#[test]
fn places_are_those_of_the_text() {
    let text = "{\n  \"é\": 1,\n  \"b\": \"two\"\n}";
    let value = json(text).unwrap();
    let b = value.map().unwrap().entry("b").unwrap();
    assert_eq!(
        (text.get(b.span.clone()).unwrap(), text.get(b.value.span.clone()).unwrap()),
        ("\"b\"", "\"two\"")
    );
    assert_eq!(line_of(text, b.span.start), 3);
    let text = "é: x\nb: two\nc: *x\n".replace("é: x", "é: &x x");
    let value = yaml(&text).unwrap();
    let b = value.map().unwrap().entry("b").unwrap();
    assert_eq!((text.get(b.span.clone()).unwrap(), text.get(b.value.span.clone()).unwrap()), ("b", "two"));
    assert_eq!(value.text_of("c"), Some("x"));
    let text = "[\"é\"]\nb = 'two'\n";
    let value = toml(text).unwrap();
    assert_eq!(text.get(value.at(&["é", "b"]).unwrap().span.clone()).unwrap(), "'two'");
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    let text = "\u{feff}{\"a\": 1}";
    let value = json(text).unwrap();
    assert_eq!(text.get(value.get("a").unwrap().span.clone()).unwrap(), "1");
}

#[test]
fn of_a_key_that_is_there_twice_the_last_counts() {
    let value = json("{\"a\": 1, \"b\": 2, \"a\": 3}").unwrap();
    let map = value.map().unwrap();
    assert_eq!(map.get("a").unwrap().scalar(), Some("3"));
    assert_eq!(map.repeated().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["a"]);
    let many: String = (0..40).map(|n| format!("\"k{}\": {n},", n % 20)).collect();
    let value = json(&format!("{{{}}}", many.trim_end_matches(','))).unwrap();
    assert_eq!(value.get("k7").unwrap().scalar(), Some("27"));
    assert_eq!(value.map().unwrap().repeated().count(), 20);
}

#[test]
fn strict_json_has_no_comments_and_the_other_has() {
    let text = "{ // why\n  \"a\": [1,],\n}";
    assert_eq!(json(text).unwrap_err().line, Some(1));
    assert_eq!(json_with_comments(text).unwrap().get("a").unwrap().items().len(), 1);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    // The comma is missing where the first line ends.
    assert_eq!(json("{\"a\": 1\n \"b\": 2}").unwrap_err().line, Some(1));
    assert_eq!(toml("a = 1\nb = \n").unwrap_err().line, Some(2));
    assert_eq!(yaml("a: 1\nb: [1\n").unwrap_err().line.map(|line| line >= 2), Some(true));
    assert_eq!(toml("a = 1\na = 2\n").unwrap_err().line, Some(2));
    assert_eq!(json("").unwrap_err().line, None);
}

#[test]
fn nesting_is_bounded() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    assert!(json(&deep("[", "]")).is_err());
    assert!(yaml(&deep("[", "]")).is_err());
    assert!(toml(&format!("a = {}", deep("[", "]"))).is_err());
    assert!(json(&deep("{\"a\":", "}")).is_err());
}

#[test]
fn aliases_of_aliases_are_counted_as_often_as_they_stand() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let row = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", row.trim_end_matches(", ")));
    }
    assert!(yaml(&text).unwrap_err().message.contains("values"));
    assert!(yaml("a: &a [*a]").is_err());
}

#[test]
fn plain_scalars_of_yaml_have_types_and_quoted_ones_have_none() {
    let value = yaml("a: 5.4\nb: '9.0'\nc: ~\nd: yes\ne: 1.2.3\nf: infinity\ng:\n").unwrap();
    let kinds: Vec<&Data> = value.entries().map(|entry| &entry.value.data).collect();
    let text = |text: &str| Data::Text(text.to_owned());
    assert_eq!(
        kinds,
        [
            &Data::Number("5.4".to_owned()),
            &text("9.0"),
            &Data::Null,
            &text("yes"),
            &text("1.2.3"),
            &text("infinity"),
            &Data::Null
        ]
    );
}

#[test]
fn merge_keys_bring_what_is_not_there() {
    let value = yaml("base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n").unwrap();
    let own = value.get("own").unwrap();
    assert_eq!(names(own), ["y", "x"]);
    assert_eq!(own.get("y").unwrap().scalar(), Some("3"));
}

#[test]
fn a_second_document_is_not_passed_over() {
    assert_eq!(yaml("a: 1\n---\nb: 2\n").unwrap_err().line.map(|line| line >= 2), Some(true));
    assert_eq!(yaml_documents("a: 1\n---\nb: 2\n").unwrap().len(), 2);
}
