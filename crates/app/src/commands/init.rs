//! `gatepost init`: a commented policy that passes at once.

use gatepost_core::policy::{PRESETS, Preset, Schema, nearest, render_template};

/// The text of the policy that a preset makes, with a key for its fingerprints.
///
/// # Errors
///
/// A preset that is not known, with the nearest that is.
pub(crate) fn text(schema: &Schema, preset: &str, fingerprint_key: &str) -> Result<String, String> {
    let key = toml::Value::String(fingerprint_key.to_owned());
    find(preset).map(|preset| render_template(schema, preset, &[("secrets.fingerprint-key", key)]))
}

/// A preset by its name.
///
/// # Errors
///
/// A name that is not known, with the nearest that is.
pub(crate) fn find(preset: &str) -> Result<&'static Preset, String> {
    Preset::find(preset).ok_or_else(|| {
        let known = || PRESETS.iter().map(|preset| preset.name);
        let help = match nearest(preset, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the presets are {}", known().collect::<Vec<_>>().join(", ")),
        };
        format!("there is no preset `{}`; {help}", preset.escape_debug())
    })
}
