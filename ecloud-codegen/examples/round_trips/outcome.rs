//! What came of a document's cases: counts, failures, and how both are written.

use std::collections::BTreeMap;
use std::fmt;

use ecloud_codegen::json::Json;

use crate::cases::{Case, Origin};
use crate::difference::Difference;

/// How many values of one origin there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// How many values.
    pub(crate) cases: u32,
    /// How many of them are valid under their schema; of those that needn't be valid, all.
    pub(crate) valid: u32,
    /// How many of the valid ones came out as they went in.
    pub(crate) survived: u32,
}

impl Count {
    /// The share that survived, from 0 to 100.
    pub(crate) fn percent(self) -> f64 {
        if self.valid == 0 { 100.0 } else { f64::from(self.survived) * 100.0 / f64::from(self.valid) }
    }
}

/// A value that didn't survive.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    origin: Origin,
    pointer: String,
    rust: String,
    difference: Difference,
    value: String,
}

/// What came of a document's cases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) counts: BTreeMap<Origin, Count>,
    failures: Vec<Failure>,
    invalid: Vec<(String, String)>,
}

impl Outcome {
    /// Counts a value that is invalid under its own schema for a reason, so that nothing is asked of it.
    pub(crate) fn invalid(&mut self, case: &Case, reason: String) {
        self.counts.entry(case.origin).or_default().cases += 1;
        self.invalid.push((case.pointer.clone(), reason));
    }

    /// Counts a value that was tried.
    pub(crate) fn tried(&mut self, case: &Case, rust: &str, difference: Option<Difference>) {
        let count = self.counts.entry(case.origin).or_default();
        count.cases += 1;
        count.valid += 1;
        let Some(difference) = difference else {
            count.survived += 1;
            return;
        };
        self.failures.push(Failure {
            origin: case.origin,
            pointer: case.pointer.clone(),
            rust: rust.to_owned(),
            difference,
            value: case.value.to_string(),
        });
    }

    /// The examples of all kinds together.
    pub(crate) fn examples(&self) -> Count {
        let mut sum = Count::default();
        for origin in [Origin::Example, Origin::Part] {
            let count = self.counts.get(&origin).copied().unwrap_or_default();
            sum.cases += count.cases;
            sum.valid += count.valid;
            sum.survived += count.survived;
        }
        sum
    }

    /// The failures in a few lines each (origin, pointer, type, difference, value), then the invalid values in one line each.
    pub(crate) fn details(&self) -> String {
        let line = |failure: &Failure| {
            let Failure { origin, pointer, rust, difference, value } = failure;
            let value: String = value.chars().take(2_000).collect();
            let Difference { pointer: at, how } = difference;
            format!("{} #{pointer}\n  as {rust}\n  at {at:?}: {how}\n  in {value}\n", origin.name())
        };
        let invalid = self.invalid.iter().map(|(pointer, reason)| format!("invalid #{pointer} at {reason}\n"));
        self.failures.iter().map(line).chain(invalid).collect()
    }

    /// The counts as they stand in a report.
    pub(crate) fn json(&self) -> Json {
        let one = |origin: Origin| {
            let count = self.counts.get(&origin).copied().unwrap_or_default();
            let pairs = [("cases", count.cases), ("valid", count.valid), ("survived", count.survived)];
            let mut pairs: Vec<(String, Json)> = pairs.map(|(name, count)| (name.to_owned(), count.into())).into();
            pairs.push(("percent".to_owned(), Json::Number(format!("{:.2}", count.percent()))));
            (origin.name().to_owned(), Json::Map(pairs))
        };
        Json::Map(Origin::ALL.map(one).into())
    }
}

impl fmt::Display for Outcome {
    /// One line: for each origin what survived, of what is valid, of all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, origin) in Origin::ALL.into_iter().enumerate() {
            let count = self.counts.get(&origin).copied().unwrap_or_default();
            let gap = if index == 0 { "" } else { " | " };
            let name = origin.name().replace('_', " ");
            let Count { cases, valid, survived } = count;
            write!(f, "{gap}{name} {survived}/{valid} of {cases}")?;
            if valid > 0 {
                write!(f, " ({:.2} %)", count.percent())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shares_are_of_the_valid_ones() {
        let case = Case { origin: Origin::Example, pointer: "/a".to_owned(), schema: 0, rust: 0, value: json!(1) };
        let mut outcome = Outcome::default();
        outcome.invalid(&case, "/c: no".to_owned());
        outcome.tried(&case, "a::A", None);
        outcome.tried(&case, "a::A", Some(Difference { pointer: "/b".to_owned(), how: "1 is gone".to_owned() }));
        assert_eq!(outcome.examples(), Count { cases: 3, valid: 2, survived: 1 });
        assert!(outcome.to_string().starts_with("examples 1/2 of 3 (50.00 %) | examples of parts 0/0 of 0 |"));
        let details = "examples #/a\n  as a::A\n  at \"/b\": 1 is gone\n  in 1\ninvalid #/a at /c: no\n";
        assert_eq!(outcome.details(), details);
    }
}
