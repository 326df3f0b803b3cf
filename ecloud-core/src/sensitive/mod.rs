//! Personal data: fields that are masked or encrypted, and stay so.

pub mod kind;

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::ser::{Error as _, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use kind::Kind;

/// A personal field: what the platform shows of it, and its ciphertext.
///
/// In answers it is `{"masked": "138****5678", "ciphertext": "~1~…~"}` and in requests `{"ciphertext": "~1~…~"}`; `K` says which
/// [`kind`] of field it is, so that a telephone number can't stand where a name belongs. A field that came with nothing but its mask can
/// be read, stored and shown, but a request that holds it is refused before it is sent: `138****5678` is nobody's number.
///
/// `Debug` shows the mask at most.
pub struct Sensitive<K> {
    masked: Option<Box<str>>,
    ciphertext: Option<Box<str>>,
    kind: PhantomData<fn() -> K>,
}

/// What is known of a personal field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SensitiveState {
    /// Only its mask: to be shown, not to be sent.
    Masked,
    /// Its ciphertext, with or without a mask: to be sent back as it is, or to be opened.
    Encrypted,
}

/// A text that is not a ciphertext of the form `~1~<key id>~<base64url>~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a ciphertext of the form ~1~<key id>~<base64url>~")]
pub struct InvalidCiphertext;

impl<K: Kind> Sensitive<K> {
    /// A field from its ciphertext, to be sent.
    ///
    /// # Errors
    ///
    /// [`InvalidCiphertext`] where the text doesn't have the form of protocol section 9; clear text is never taken for one.
    pub fn from_ciphertext(ciphertext: impl Into<String>) -> Result<Self, InvalidCiphertext> {
        let ciphertext = ciphertext.into();
        if !is_ciphertext(&ciphertext) {
            return Err(InvalidCiphertext);
        }
        Ok(Self { masked: None, ciphertext: Some(ciphertext.into()), kind: PhantomData })
    }

    /// What the platform shows of it: `138****5678`.
    pub fn masked(&self) -> Option<&str> {
        self.masked.as_deref()
    }

    /// Its ciphertext.
    pub fn ciphertext(&self) -> Option<&str> {
        self.ciphertext.as_deref()
    }

    /// What is known of it.
    pub fn state(&self) -> SensitiveState {
        if self.ciphertext.is_some() { SensitiveState::Encrypted } else { SensitiveState::Masked }
    }
}

/// `~1~<key id>~<unpadded base64url>~`, the key id 1 to 32 of `[0-9a-zA-Z-]`, the rest at least a nonce and a tag long.
fn is_ciphertext(text: &str) -> bool {
    let parts = text.strip_prefix("~1~").and_then(|rest| rest.strip_suffix('~')).and_then(|rest| rest.split_once('~'));
    let Some((key_id, sealed)) = parts else {
        return false;
    };
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_base64 = |byte: u8| is_id(byte) || byte == b'_';
    (1..=32).contains(&key_id.len()) && key_id.bytes().all(is_id) && sealed.len() >= 38 && sealed.bytes().all(is_base64)
}

impl<K> Clone for Sensitive<K> {
    fn clone(&self) -> Self {
        Self { masked: self.masked.clone(), ciphertext: self.ciphertext.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Sensitive<K> {
    fn eq(&self, other: &Self) -> bool {
        self.masked == other.masked && self.ciphertext == other.ciphertext
    }
}

impl<K> Eq for Sensitive<K> {}

impl<K: Kind> fmt::Debug for Sensitive<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A "mask" that hides nothing is not shown, whoever sent it.
        let shown = self.masked().filter(|masked| masked.contains('*')).unwrap_or("***");
        write!(f, "Sensitive({}: {shown})", K::NAME)
    }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    masked: Option<Box<str>>,
    #[serde(default)]
    ciphertext: Option<Box<str>>,
}

impl<'de, K> Deserialize<'de> for Sensitive<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { masked, ciphertext } = Wire::deserialize(deserializer)?;
        Ok(Self { masked, ciphertext, kind: PhantomData })
    }
}

impl<K: Kind> Serialize for Sensitive<K> {
    /// Everything that is known, so that a stored model is whole; in a request's body the ciphertext alone, and never a mere mask.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let masked = self.masked.as_deref().filter(|_| !InRequest::is_entered());
        if masked.is_none() && self.ciphertext.is_none() && InRequest::is_entered() {
            return Err(S::Error::custom(format_args!(
                "a masked {} can't be sent: its ciphertext is missing",
                K::NAME
            )));
        }
        let length = usize::from(masked.is_some()) + usize::from(self.ciphertext.is_some());
        let mut fields = serializer.serialize_struct("Sensitive", length)?;
        if let Some(masked) = masked {
            fields.serialize_field("masked", masked)?;
        }
        if let Some(ciphertext) = &self.ciphertext {
            fields.serialize_field("ciphertext", ciphertext)?;
        }
        fields.end()
    }
}

thread_local! {
    static IN_REQUEST: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, what this thread serializes is the body of a request.
///
/// Serializing is synchronous, so the mark can't leak into another call; serde offers no other way to tell a value where it is going.
pub(crate) struct InRequest {
    before: bool,
}

impl InRequest {
    pub(crate) fn enter() -> Self {
        Self { before: IN_REQUEST.replace(true) }
    }

    fn is_entered() -> bool {
        IN_REQUEST.get()
    }
}

impl Drop for InRequest {
    fn drop(&mut self) {
        IN_REQUEST.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::kind::{Name, Phone};
    use super::*;

    const SEALED: &str = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";

    fn from_answer() -> Sensitive<Phone> {
        serde_json::from_str(&format!(r#"{{"masked":"138****8000","ciphertext":"{SEALED}"}}"#)).unwrap()
    }

    #[test]
    fn an_answer_is_stored_whole_and_sent_back_as_ciphertext_alone() {
        let phone = from_answer();
        assert_eq!(phone.state(), SensitiveState::Encrypted);
        let stored = serde_json::to_string(&phone).unwrap();
        assert_eq!(stored, format!(r#"{{"masked":"138****8000","ciphertext":"{SEALED}"}}"#));
        let _request = InRequest::enter();
        assert_eq!(serde_json::to_string(&phone).unwrap(), format!(r#"{{"ciphertext":"{SEALED}"}}"#));
    }

    #[test]
    fn a_mere_mask_is_stored_but_never_sent() {
        let name: Sensitive<Name> = serde_json::from_str(r#"{"masked":"张*"}"#).unwrap();
        assert_eq!(name.state(), SensitiveState::Masked);
        assert_eq!(serde_json::to_string(&name).unwrap(), r#"{"masked":"张*"}"#);
        let _request = InRequest::enter();
        let refused = serde_json::to_string(&name).unwrap_err().to_string();
        assert!(refused.contains("masked name") && !refused.contains('张'), "{refused}");
    }

    #[test]
    fn debug_shows_the_mask_and_nothing_that_is_none() {
        assert_eq!(format!("{:?}", from_answer()), "Sensitive(phone: 138****8000)");
        let unmasked: Sensitive<Phone> = serde_json::from_str(r#"{"masked":"13800138000"}"#).unwrap();
        assert_eq!(format!("{unmasked:?}"), "Sensitive(phone: ***)");
    }

    #[test]
    fn clear_text_is_no_ciphertext() {
        for text in [
            "13800138000",
            "~1~~abc~",
            "~1~k1~short~",
            "~2~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~",
            "",
        ] {
            assert_eq!(Sensitive::<Phone>::from_ciphertext(text), Err(InvalidCiphertext), "{text}");
        }
        assert!(Sensitive::<Phone>::from_ciphertext(SEALED).is_ok());
    }
}
