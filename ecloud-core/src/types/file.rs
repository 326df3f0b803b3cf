//! Files as parts of forms.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A file to be sent as a part of a form. It is held in memory.
///
/// Where a model with a file is stored as JSON, the bytes are base64.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    name: String,
    content_type: String,
    bytes: Bytes,
}

impl File {
    /// A file by its name, its media type (`image/png`) and its bytes.
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), content_type: content_type.into(), bytes: bytes.into() }
    }

    /// The name that the platform is told.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The media type.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The content.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Debug for File {
    /// Its name and size, never its content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    name: String,
    content_type: String,
    base64: String,
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, content_type, bytes } = self.clone();
        Stored { name, content_type, base64: STANDARD.encode(bytes) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { name, content_type, base64 } = Stored::deserialize(deserializer)?;
        let bytes = STANDARD.decode(base64).map_err(|_| D::Error::custom("the file's content is not base64"))?;
        Ok(Self { name, content_type, bytes: bytes.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_file_comes_back_and_its_debug_shows_no_content() {
        let file = File::new("a.png", "image/png", &b"\x89PNG"[..]);
        let stored = serde_json::to_string(&file).unwrap();
        assert_eq!(stored, r#"{"name":"a.png","content_type":"image/png","base64":"iVBORw=="}"#);
        assert_eq!(serde_json::from_str::<File>(&stored).unwrap(), file);
        assert_eq!(format!("{file:?}"), r#"File { name: "a.png", bytes: 4 }"#);
        assert!(serde_json::from_str::<File>(&stored.replace("iVB", "!")).is_err());
    }
}
