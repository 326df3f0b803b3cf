//! Why a value can't be written or read, and where.

use std::borrow::Cow;
use std::fmt;

use serde::{de, ser};

use crate::codec::json::without_values;

/// Why a value can't be written or read. It tells where, but not what stood there, which may be personal.
pub(crate) struct Error {
    inner: Box<Inner>,
}

struct Inner {
    reason: Reason,
    /// From the value to the root.
    steps: Vec<Step>,
}

enum Reason {
    Said(Cow<'static, str>),
    /// A field without an element; null and an empty list have none either.
    Missing {
        field: &'static str,
        of: Option<Fields>,
    },
    /// The text itself is refused, from this byte on.
    Text {
        said: Cow<'static, str>,
        offset: usize,
    },
}

enum Step {
    Member(String),
    Item(usize),
}

/// The fields of a struct, as it names them when it is read.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Fields {
    pub(super) name: &'static str,
    pub(super) names: &'static [&'static str],
}

impl Error {
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Reason::Said(reason.into()))
    }

    /// A text that is refused from this byte on.
    pub(super) fn text(offset: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Reason::Text { said: reason.into(), offset })
    }

    fn of(reason: Reason) -> Self {
        Self { inner: Box::new(Inner { reason, steps: Vec::new() }) }
    }

    /// The same, inside of a member.
    pub(super) fn within(mut self, member: &str) -> Self {
        self.inner.steps.push(Step::Member(member.to_owned()));
        self
    }

    /// The same, inside of a list's item.
    pub(super) fn within_item(mut self, index: usize) -> Self {
        self.inner.steps.push(Step::Item(index));
        self
    }

    /// Says whose field it is that is missing, where that isn't known.
    pub(super) fn missing_of(mut self, fields: Fields) -> Self {
        if let Reason::Missing { of: of @ None, .. } = &mut self.inner.reason
            && self.inner.steps.is_empty()
        {
            *of = Some(fields);
        }
        self
    }

    /// Which field of which struct is missing, if that is what is wrong.
    pub(super) fn missing(&self) -> Option<(Fields, &'static str)> {
        match self.inner.reason {
            Reason::Missing { field, of } => Some((of?, field)),
            _ => None,
        }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in self.inner.steps.iter().rev() {
            match step {
                Step::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        if path.is_empty() { "the whole body".to_owned() } else { crate::error::redact(&path) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.reason {
            Reason::Text { said, offset } => write!(f, "{said}, at byte {offset}"),
            Reason::Said(said) => write!(f, "`{}`: {said}", self.path()),
            Reason::Missing { field, .. } => write!(f, "`{}`: missing field `{field}`", self.path()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(without_values(&message.to_string()))
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(without_values(&message.to_string()))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("another value than {expected}"))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("something else than {expected}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("a value that isn't known")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(Reason::Missing { field, of: None })
    }
}
