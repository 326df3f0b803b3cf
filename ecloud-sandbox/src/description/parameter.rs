//! Path and query parameters: read as the description says, refused otherwise.

use std::fmt;
use std::sync::OnceLock;

use ecloud_core::Timestamp;
use jsonschema::Validator;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::Operation;
use super::body::Shapes;
use super::fields::reason_of;
use crate::platform::Refusal;

/// One parameter of an operation.
#[derive(Deserialize)]
pub(crate) struct Parameter {
    name: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    repeated: bool,
    schema: Value,
    #[serde(skip)]
    shapes: Option<Shapes>,
    #[serde(skip)]
    validator: OnceLock<Validator>,
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Parameter {
    pub(super) fn tie(&mut self, shapes: &Shapes) {
        self.shapes = Some(shapes.clone());
    }

    fn check(&self, text: &str) -> Result<(), Refusal> {
        let shapes = self.shapes.as_ref().expect("tied when the descriptions were read");
        let refused = |reason: &str| Refusal::invalid_field(&self.name, reason);
        let value = match shapes.type_of(&self.schema).as_str() {
            "integer" => Value::Number(whole_number(text).ok_or_else(|| refused("must be a whole number"))?),
            "boolean" => Value::Bool(text.parse().map_err(|_| refused("must be true or false"))?),
            _ => Value::String(text.to_owned()),
        };
        let validator = self.validator.get_or_init(|| shapes.validator(&self.schema));
        match validator.iter_errors(&value).next() {
            Some(error) => Err(refused(&reason_of(&error))),
            None => Ok(()),
        }
    }
}

/// Digits with at most a minus before them, as JSON writes a whole number.
fn whole_number(text: &str) -> Option<Number> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then(|| number.into())
}

/// The query pairs of a request, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// The value of a parameter that may stand once.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may be repeated.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether `value` is among those asked for: it is, too, where none are.
    pub(crate) fn wants(&self, name: &str, value: &str) -> bool {
        let mut asked = self.all(name).peekable();
        asked.peek().is_none() || asked.any(|asked| asked == value)
    }

    /// The value of a parameter that is a time.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.one(name) else { return Ok(None) };
        match text.parse() {
            Ok(time) => Ok(Some(time)),
            Err(_) => Err(Refusal::invalid_field(name, "must be a time like 2026-11-22T08:30:00.000Z")),
        }
    }

    /// All pairs but those that only say which part of the list is meant.
    pub(crate) fn filters(&self) -> Vec<(String, String)> {
        self.pairs.iter().filter(|(name, _)| name != "cursor" && name != "limit").cloned().collect()
    }
}

impl Operation {
    /// Checks a request's parameters against the description: nothing missing, nothing unknown, nothing of another form.
    pub(crate) fn check_parameters(&self, path: &[(&str, String)], query: &Query) -> Result<(), Refusal> {
        for (name, value) in path {
            if let Some(parameter) = self.path_params.iter().find(|parameter| parameter.name == *name) {
                parameter.check(value)?;
            }
        }
        for (name, value) in &query.pairs {
            let Some(parameter) = self.query.iter().find(|parameter| parameter.name == *name) else {
                return Err(Refusal::invalid_field(name, "is no parameter of this operation"));
            };
            if !parameter.repeated && query.all(name).count() > 1 {
                return Err(Refusal::invalid_field(name, "may stand only once"));
            }
            parameter.check(value)?;
        }
        for parameter in self.query.iter().filter(|parameter| parameter.required) {
            if query.one(&parameter.name).is_none() {
                return Err(Refusal::invalid_field(&parameter.name, "is required"));
            }
        }
        Ok(())
    }
}
