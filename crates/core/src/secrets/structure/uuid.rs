//! UUIDs (RFC 9562) as keys: version and variant must be such as generators write.

use super::{PREFIX, Param, StructureCheck, Subject, Verdict, fails, holds, open};

const VERSION: Param = Param {
    name: "version",
    about: "the version that it must be of; 0 for any that is defined, which then proves nothing",
    default: Some(0),
    most: 8,
};

pub(super) const CHECK: StructureCheck = StructureCheck {
    name: "uuid",
    about: "behind the prefix is a UUID of a version that is defined, of the usual variant, and not all zeros or all ones",
    params: &[PREFIX, VERSION],
    source: "https://www.rfc-editor.org/rfc/rfc9562#section-4",
    example: "{uuid}",
    check,
};

fn check(subject: &Subject<'_>) -> Verdict {
    let text = subject.unprefixed();
    let digits: Option<Vec<u32>> =
        text.iter().filter(|byte| **byte != b'-').map(|byte| char::from(*byte).to_digit(16)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 32 && matches!(text.len(), 32 | 36)) else {
        return fails("it is no UUID");
    };
    let (version, variant) = (digits.get(12).copied().unwrap_or(0), digits.get(16).copied().unwrap_or(0));
    let wanted = subject.param(&VERSION);
    if digits.iter().all(|digit| *digit == 0) || digits.iter().all(|digit| *digit == 15) {
        fails("it is the empty UUID")
    } else if !(1..=8).contains(&version) || !(8..=11).contains(&variant) {
        fails("it is no UUID that a generator makes: its version or its variant is none that is defined")
    } else if wanted != 0 && version as usize != wanted {
        fails(format!("it is a UUID of version {version}, and such keys are of version {wanted}"))
    } else if wanted == 0 {
        // Half of all that is random is such a UUID, and so are many ids that are no secret.
        open("")
    } else {
        holds(format!("it is a UUID of version {version}, as such keys are"))
    }
}

#[cfg(test)]
mod tests {
    use crate::secrets::structure::Outcome;
    use crate::secrets::structure::tests::{judge, template};

    #[test]
    fn version_and_variant_count() {
        let of = |params: &[(&'static str, u32)], text: &str| judge("uuid", params, text).outcome;
        let four = template("{uuid:4}", 7);
        assert_eq!(of(&[("version", 4)], &four), Outcome::Holds);
        assert_eq!(of(&[("version", 7)], &four), Outcome::Fails);
        assert_eq!(of(&[("prefix", 4)], &format!("sdk-{four}")), Outcome::Open);
        assert_eq!(of(&[], &four.replace('-', "")), Outcome::Open);
        for none in ["00000000-0000-0000-0000-000000000000", "12345678-1234-0234-1234-123456789012", "1234"] {
            assert_eq!(of(&[], none), Outcome::Fails, "{none}");
        }
    }
}
