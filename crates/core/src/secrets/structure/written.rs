//! How a rule asks for a structure check: `structure = { kind = "crc32-base62", prefix = 4, fails = "lower" }`.
//!
//! Whatever is wrong is answered with the names that are right, so that nobody has to look them up.

use super::STRUCTURES;
use crate::secrets::rule::{Fails, Structure};
use crate::text::nearest;
use std::fmt;

/// Reads the table of a rule. The errors say what is wrong and what is known.
pub(in crate::secrets) fn parse(table: &toml::Table) -> Result<Structure, String> {
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(toml::Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("`structure.{key}` is a word in quotes")),
    };
    let kind = text("kind")?.ok_or_else(|| format!("`structure` needs a `kind`, one of {}", kinds()))?;
    let fails = match text("fails")? {
        None | Some("lower") => Fails::Lower,
        Some("drop") => Fails::Drop,
        Some(other) => {
            return Err(format!("`structure.fails` is \"lower\" or \"drop\", not \"{other}\""));
        }
    };
    let mut params = Vec::new();
    for (name, value) in table.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "fails")) {
        let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
        let number = number.ok_or_else(|| format!("`structure.{name}` is a whole number, 0 or more"))?;
        params.push((name.clone().into(), number));
    }
    let structure = Structure { kind: kind.to_owned().into(), params: params.into(), fails };
    validate(&structure).map(|()| structure)
}

/// Whether there is such a check, and whether it takes such parameters.
pub(in crate::secrets) fn validate(structure: &Structure) -> Result<(), String> {
    let Some(check) = structure.check() else {
        let kind = &structure.kind;
        let meant = nearest(kind, STRUCTURES.iter().map(|check| check.name));
        let meant = meant.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
        return Err(format!("`structure.kind` `{kind}` is unknown{meant}; there are {}", kinds()));
    };
    for (name, value) in structure.params.iter() {
        let Some(param) = check.params.iter().find(|param| param.name == name) else {
            let known: Vec<String> = check.params.iter().map(|param| format!("`{}`", param.name)).collect();
            let known = if known.is_empty() { "no parameters".to_owned() } else { known.join(", ") };
            return Err(format!("`structure.{name}`: the check `{}` takes {known}", check.name));
        };
        if *value > param.most {
            return Err(format!("`structure.{name}` is at most {}", param.most));
        }
    }
    let given = |name: &str| structure.params.iter().any(|(given, _)| given == name);
    match check.params.iter().find(|param| param.default.is_none() && !given(param.name)) {
        Some(missing) => {
            Err(format!("`structure` of kind `{}` needs `{}`: {}", check.name, missing.name, missing.about))
        }
        None => Ok(()),
    }
}

fn kinds() -> String {
    let names: Vec<String> = STRUCTURES.iter().map(|check| format!("`{}`", check.name)).collect();
    names.join(", ")
}

/// As a person reads it, and as the ruleset's digest takes it in: `crc32-base62, prefix 4`.
impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        for (name, value) in self.params.iter() {
            write!(f, ", {name} {value}")?;
        }
        match self.fails {
            Fails::Lower => Ok(()),
            Fails::Drop => f.write_str(", drop"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Structure, String> {
        parse(&text.parse().unwrap())
    }

    #[test]
    fn a_structure_is_read() {
        let structure = read("kind = \"crc32-base62\"\nprefix = 4\nfails = \"drop\"").unwrap();
        assert_eq!(structure.to_string(), "crc32-base62, prefix 4, drop");
        assert_eq!(structure.check().unwrap().name, "crc32-base62");
        assert_eq!(read("kind = \"jwt\"").unwrap().fails, Fails::Lower);
    }

    #[test]
    fn errors_name_what_is_known() {
        let error = |text| read(text).unwrap_err();
        let unknown = error("kind = \"crc32-base63\"");
        assert!(unknown.contains("did you mean `crc32-base62`?"), "{unknown}");
        assert!(STRUCTURES.iter().all(|check| unknown.contains(check.name)), "{unknown}");
        assert!(error("").starts_with("`structure` needs a `kind`, one of `age`"));
        assert_eq!(
            error("kind = \"crc32-base62\"\nprefx = 4"),
            "`structure.prefx`: the check `crc32-base62` takes `prefix`"
        );
        assert_eq!(error("kind = \"jwt\"\nx = 1"), "`structure.x`: the check `jwt` takes no parameters");
        assert_eq!(
            error("kind = \"jwt\"\nfails = \"die\""),
            "`structure.fails` is \"lower\" or \"drop\", not \"die\""
        );
        assert_eq!(error("kind = \"jwt\"\nfails = 1"), "`structure.fails` is a word in quotes");
        assert_eq!(
            error("kind = \"base64\""),
            "`structure` of kind `base64` needs `bytes`: how many bytes the text stands for"
        );
        assert_eq!(error("kind = \"base64\"\nbytes = -1"), "`structure.bytes` is a whole number, 0 or more");
        assert_eq!(error("kind = \"base64\"\nbytes = 99999"), "`structure.bytes` is at most 4096");
    }
}
