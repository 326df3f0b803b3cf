//! Texts that no log shows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that goes over the wire and nowhere else: a password, a token, the number of a card. `Debug` shows `***`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself. Whoever asks for it takes care of it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_over_the_wire_and_into_no_log() {
        let secret: Secret = serde_json::from_str("\"4111111111111111\"").unwrap();
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"4111111111111111\"");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
    }
}
