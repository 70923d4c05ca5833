//! Labels with one of several values: `risk:{low,medium,high}`.

/// A label that has a value, and the values there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LabelForm {
    /// As it was written.
    pub(super) source: String,
    /// What stands before the value.
    pub(super) before: String,
    /// What stands behind it.
    pub(super) after: String,
    pub(super) values: Vec<String>,
}

impl LabelForm {
    /// Reads a form; `None` where it has no values, or nothing beside them by which such a label is known.
    pub(super) fn new(source: &str) -> Option<Self> {
        let (before, rest) = source.split_once('{')?;
        let (values, after) = rest.split_once('}')?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        let is_plain = |text: &str| !text.contains(['{', '}', '*']);
        let is_sound = values.iter().all(|value| !value.is_empty() && is_plain(value))
            && is_plain(before)
            && is_plain(after)
            && !(before.is_empty() && after.is_empty());
        is_sound.then(|| Self {
            source: source.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            values,
        })
    }

    /// The value of a label of this form. Forms are told from one another by case as little as people do it.
    pub(super) fn value<'l>(&self, label: &'l str) -> Option<&'l str> {
        let start = label.get(..self.before.len())?;
        let rest = label.get(self.before.len()..)?;
        let end = rest.len().checked_sub(self.after.len())?;
        let is_form =
            start.eq_ignore_ascii_case(&self.before) && rest.get(end..)?.eq_ignore_ascii_case(&self.after);
        // `Risk:high` is meant for this form, and is not the label that there is.
        match (is_form, start == self.before && rest.get(end..)? == self.after) {
            (true, true) => rest.get(..end),
            (true, false) => Some(label),
            (false, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LabelForm;

    #[test]
    fn a_value_stands_between_what_is_always_there() {
        let risk = LabelForm::new("risk:{low, high}").unwrap();
        assert_eq!(risk.values, ["low", "high"]);
        for (label, value) in [
            ("risk:low", Some("low")),
            ("risk:", Some("")),
            ("risk:très", Some("très")),
            ("Risk:low", Some("Risk:low")),
            ("risky", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(risk.value(label), value, "{label}");
        }
        let size = LabelForm::new("{s,m}-size").unwrap();
        assert_eq!((size.value("xl-size"), size.value("size")), (Some("xl"), None));
        for broken in ["risk:*", "risk:{}", "risk:{low,}", "{low,high}", "risk:{low", "{a}{b}:", "r*:{a}"] {
            assert_eq!(LabelForm::new(broken), None, "{broken}");
        }
    }
}
