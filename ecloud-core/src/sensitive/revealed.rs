//! Texts in the clear.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::FieldKind;

/// A personal text in the clear, in memory that is overwritten when it is dropped.
///
/// `Debug` and `Display` show its mask, and there is no `Serialize`: who wants the text asks for it by [`expose`](Self::expose), and who
/// wants to write it by [`exposed`](Self::exposed).
///
/// ```compile_fail
/// fn store(name: &ecloud_core::sensitive::Revealed) -> String {
///     serde_json::to_string(name).unwrap()
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Revealed {
    kind: FieldKind,
    text: Zeroizing<String>,
}

impl Revealed {
    pub(super) fn new(kind: FieldKind, text: Zeroizing<String>) -> Self {
        Self { kind, text }
    }

    /// Which kind of field it is.
    pub fn kind(&self) -> FieldKind {
        self.kind
    }

    /// The text itself. Whoever asks for it takes care of it: what is copied from here is overwritten by nobody.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The text, to be serialized in the clear.
    pub fn exposed(&self) -> Exposed<'_> {
        Exposed(self)
    }

    /// What may be shown of it.
    pub fn masked(&self) -> String {
        self.kind.mask(&self.text)
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revealed({}: {})", self.kind, self.masked())
    }
}

impl fmt::Display for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A revealed text that serializes in the clear: the explicit choice to write it. `Debug` shows its mask all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exposed<'a>(&'a Revealed);

impl Serialize for Exposed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl fmt::Debug for Exposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_its_mask_and_gives_its_text_to_those_who_ask() {
        let phone = Revealed::new(FieldKind::Phone, Zeroizing::new("13800138000".to_owned()));
        assert_eq!(format!("{phone:?} {phone}"), "Revealed(phone: 138****8000) 138****8000");
        assert_eq!(format!("{:?}", phone.exposed()), "Revealed(phone: 138****8000)");
        assert_eq!(phone.expose(), "13800138000");
        assert_eq!(serde_json::to_string(&phone.exposed()).unwrap(), "\"13800138000\"");
    }
}
