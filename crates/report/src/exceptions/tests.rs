//! Two hundred records at 80 columns and in every other format, and what a listing says of few or none.

use super::*;
use gatepost_core::Fingerprint;
use gatepost_core::exception::Details;
use unicode_width::UnicodeWidthStr as _;

const RULES: [&str; 5] =
    ["github-pat", "aws-access-key", "generic-password", "GP-MSG-001", "azure-storage-account-key"];
const OWNERS: [&str; 7] = [
    "@platform",
    "payments-team@example.com",
    "@security",
    "@data",
    "=cmd|' /C calc'!A0",
    "the team that keeps the very old billing system alive",
    "@web",
];

fn today() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

/// Records as a large organisation has them: of every status and age.
fn exceptions(count: usize) -> Vec<Exception> {
    (1..=count)
        .map(|number| {
            let step = i32::try_from(number).unwrap();
            let status = ExceptionStatus::ALL[number % 5];
            let revoked = status == ExceptionStatus::Revoked;
            let created = today().checked_add_days(-(step * 13 % 300)).unwrap();
            Exception {
                id: format!("EX-2026-{number:04}"),
                rule: RULES[number % 5].to_owned(),
                fingerprint: (number % 2 == 0)
                    .then(|| Fingerprint::of_value("t", &[u8::try_from(number % 256).unwrap()])),
                path: (number % 2 == 1).then(|| "docs/**".to_owned()),
                commit: None,
                status,
                reason: format!("reason number {number}, with a | and a \"quote\""),
                owner: OWNERS[number % 7].to_owned(),
                approver: (number % 3 == 0).then(|| "@risk".to_owned()),
                ticket: None,
                created: (number % 9 != 0).then_some(created),
                expires: today().checked_add_days(step * 7 % 330 - 12).unwrap(),
                on_request: number % 50 == 0,
                refs: None,
                details: Details {
                    links: if revoked {
                        vec!["https://example.com/1".to_owned(), "https://example.com/2".to_owned()]
                    } else {
                        Vec::new()
                    },
                    ..Details::default()
                },
            }
        })
        .collect()
}

fn listing(exceptions: &[Exception], audit: bool) -> Listing<'_> {
    let uses = |index: usize, exception: &Exception| match index {
        _ if exception.on_request || exception.rule == "GP-MSG-001" => Uses::Untold,
        index => Uses::Count((index % 6) as u64),
    };
    let records = exceptions.iter().enumerate();
    let records = records.map(|(index, exception)| Record { exception, uses: uses(index, exception) });
    Listing::new(today(), 14, audit, records.collect())
}

#[test]
fn two_hundred_records_fit_into_eighty_columns() {
    let exceptions = exceptions(200);
    let text = listing(&exceptions, true).write("human", 80).unwrap();
    assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    insta::assert_snapshot!("audit_80", text);
    let list = listing(&exceptions, false).write("human", 80).unwrap();
    assert!(list.lines().all(|line| line.width() <= 80), "{list}");
}

#[test]
fn totals_fit_whatever_they_count() {
    let exceptions = exceptions(200);
    let shown = |today: i32, warn_before_days: i32, width: usize| {
        let records = exceptions.iter().enumerate().map(|(index, exception)| Record {
            exception,
            uses: if index == 0 { Uses::Unknown } else { Uses::Count(0) },
        });
        let today = self::today().checked_add_days(today).unwrap();
        Listing::new(today, warn_before_days, true, records.collect()).write("human", width).unwrap()
    };
    for (today, warn, width) in [(100, 365, 80), (100, 100, 80), (0, 0, 60), (400, 14, 60)] {
        let text = shown(today, warn, width);
        assert!(text.lines().all(|line| line.width() <= width.max(76)), "{text}");
    }
    let text = shown(100, 100, 80);
    let totals = text.split("\n\n").last().unwrap();
    insta::assert_snapshot!(totals);
}

#[test]
fn two_hundred_records_as_markdown() {
    let exceptions = exceptions(200);
    let text = listing(&exceptions, true).write("markdown", 80).unwrap();
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| EX-")).collect();
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|row| columns(row) == 12), "{text}");
    insta::assert_snapshot!("audit_markdown", text);
}

#[test]
fn few_records_in_every_format() {
    let few = exceptions(5);
    for format in formats() {
        let text = listing(&few, true).write(format, 80).unwrap();
        insta::assert_snapshot!(format!("few_{format}"), text);
    }
    insta::assert_snapshot!("few_list", listing(&few, false).write("human", 60).unwrap());
    assert!(listing(&few, true).write("xml", 80).is_none());
}

#[test]
fn none_is_said() {
    assert_eq!(listing(&[], true).write("human", 80).unwrap(), "no exceptions\n");
    assert!(listing(&[], true).write("markdown", 80).unwrap().contains("no exceptions"));
    let json: serde_json::Value =
        serde_json::from_str(&listing(&[], true).write("json", 80).unwrap()).unwrap();
    assert_eq!(json["totals"]["exceptions"], 0);
    assert_eq!(listing(&[], true).write("csv", 80).unwrap().lines().count(), 1);
}

#[test]
fn nobody_looked_for_uses() {
    let exceptions = exceptions(2);
    let records = exceptions.iter().map(|exception| Record { exception, uses: Uses::Unknown }).collect();
    let listing = Listing::new(today(), 14, true, records);
    let text = listing.write("human", 80).unwrap();
    assert!(text.contains("A ? in USES: nobody looked.") && !text.contains("for nothing"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&listing.write("json", 80).unwrap()).unwrap();
    assert!(json["totals"]["unused"].is_null() && json["exceptions"][0]["uses"].is_null());
}
