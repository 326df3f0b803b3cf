//! A personal field of a model.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::ser::{Error as _, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::Kind;
use super::plain::Plain;
use super::{InRequest, Revealed, cipher};

/// A personal field: what the platform shows of it, its ciphertext, or a text in the clear that is to be sent.
///
/// In answers it is `{"masked": "138****5678", "ciphertext": "~1~…~"}` and in requests `{"ciphertext": "~1~…~"}`; `K` says which
/// [`kind`](super::kind) of field it is, so that a telephone number can't stand where a name belongs. It is in one of four
/// [states](SensitiveState), and each can do less than the one who guesses would like:
///
/// | state | comes from | shown | stored | sent in a request |
/// |---|---|---|---|---|
/// | withheld | an answer without anything in the field | `****` | `{}` | refused |
/// | masked | an answer with a mask alone | its mask | its mask | refused: `138****5678` is nobody's number |
/// | encrypted | an answer, [`from_ciphertext`](Self::from_ciphertext) | its mask | mask and ciphertext | its ciphertext, as it is |
/// | plain | [`plain`](Self::plain) | a mask of its kind | refused | encrypted; refused while there are no [data keys](super::DataKeys) |
///
/// `Debug` and `Display` show the mask at most.
///
/// ```
/// use ecloud_core::Sensitive;
/// use ecloud_core::sensitive::{SensitiveState, kind::Phone};
///
/// let phone = Sensitive::<Phone>::plain("13800138000");
/// assert_eq!(phone.state(), SensitiveState::Plain);
/// assert_eq!(phone.to_string(), "138****8000");
/// assert!(serde_json::to_string(&phone).is_err(), "no model is stored with a text in the clear");
/// ```
pub struct Sensitive<K> {
    masked: Option<Box<str>>,
    content: Content,
    kind: PhantomData<fn() -> K>,
}

#[derive(Clone, PartialEq, Eq)]
enum Content {
    None,
    Ciphertext(Box<str>),
    Plain(Arc<Plain>),
}

/// What is known of a personal field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SensitiveState {
    /// Only its mask: to be shown, not to be sent.
    Masked,
    /// Its ciphertext, with or without a mask: to be sent back as it is, or to be opened.
    Encrypted,
    /// A text in the clear: to be encrypted and sent, not to be stored.
    Plain,
    /// Nothing: the platform keeps it to itself. That is not the same as a text that is empty.
    Withheld,
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
        if cipher::parse(&ciphertext).is_none() {
            return Err(InvalidCiphertext);
        }
        Ok(Self::new(None, Content::Ciphertext(ciphertext.into())))
    }

    /// A field from a text in the clear, to be encrypted when it is sent; the shop's [data keys](super::DataKeys) have to be loaded by then.
    ///
    /// The text is kept in memory that is overwritten when the last clone is dropped. It is encrypted once: the same value sent again to the
    /// same shop is the same ciphertext, so that a write may be repeated under its idempotency key.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(None, Content::Plain(Arc::new(Plain::new(text.into()))))
    }

    fn new(masked: Option<Box<str>>, content: Content) -> Self {
        Self { masked, content, kind: PhantomData }
    }

    /// What the platform shows of it: `138****5678`. A plain field has [its own mask](fmt::Display) only.
    pub fn masked(&self) -> Option<&str> {
        self.masked.as_deref()
    }

    /// Its ciphertext.
    pub fn ciphertext(&self) -> Option<&str> {
        match &self.content {
            Content::Ciphertext(ciphertext) => Some(ciphertext),
            Content::Plain(_) | Content::None => None,
        }
    }

    /// The text of a plain field. Whoever asks for it takes care of it.
    pub fn expose(&self) -> Option<&str> {
        match &self.content {
            Content::Plain(plain) => Some(plain.text()),
            Content::Ciphertext(_) | Content::None => None,
        }
    }

    /// What is known of it.
    pub fn state(&self) -> SensitiveState {
        match (&self.content, &self.masked) {
            (Content::Plain(_), _) => SensitiveState::Plain,
            (Content::Ciphertext(_), _) => SensitiveState::Encrypted,
            (Content::None, Some(_)) => SensitiveState::Masked,
            (Content::None, None) => SensitiveState::Withheld,
        }
    }

    /// A plain field as an encrypted one, by the sealer that was entered.
    pub(super) fn sealed(&self) -> Result<Self, String> {
        match &self.content {
            Content::Plain(plain) => {
                let ciphertext = plain.seal(K::KIND)?;
                Ok(Self::new(Some(self.shown().into()), Content::Ciphertext(ciphertext)))
            }
            Content::Ciphertext(_) | Content::None => Ok(self.clone()),
        }
    }

    /// What may be shown of it.
    fn shown(&self) -> String {
        match &self.content {
            Content::Plain(plain) => K::KIND.mask(plain.text()),
            // A "mask" that hides nothing is not shown, whoever sent it.
            _ => self.masked().filter(|masked| is_mask(masked)).unwrap_or("****").to_owned(),
        }
    }
}

impl<K: Kind> From<&Revealed> for Sensitive<K> {
    /// A plain field of the same text, to be sent elsewhere: to another shop, say, which can't open this one's ciphertext.
    fn from(revealed: &Revealed) -> Self {
        Self::plain(revealed.expose())
    }
}

/// Whether a text hides something, and no long number stands in it.
fn is_mask(text: &str) -> bool {
    text.contains('*') && !text.split(|c: char| !c.is_numeric()).any(|digits| digits.len() >= 7)
}

impl<K> Clone for Sensitive<K> {
    fn clone(&self) -> Self {
        Self { masked: self.masked.clone(), content: self.content.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Sensitive<K> {
    fn eq(&self, other: &Self) -> bool {
        self.masked == other.masked && self.content == other.content
    }
}

impl<K> Eq for Sensitive<K> {}

impl<K: Kind> fmt::Debug for Sensitive<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sensitive({}: {})", K::NAME, self.shown())
    }
}

impl<K: Kind> fmt::Display for Sensitive<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
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
    /// Some platforms withhold a field by null or by empty texts, and keep its place.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (masked, ciphertext) = match Option::<Wire>::deserialize(deserializer)? {
            Some(Wire { masked, ciphertext }) => (masked, ciphertext.filter(|text| !text.is_empty())),
            None => (None, None),
        };
        let content = ciphertext.map_or(Content::None, Content::Ciphertext);
        Ok(Self { masked: masked.filter(|text| !text.is_empty()), content, kind: PhantomData })
    }
}

impl<K: Kind> Serialize for Sensitive<K> {
    /// Everything that is known, so that a stored model is whole; in a request's body the ciphertext alone, and never a mere mask. A text in
    /// the clear is never written: in a request's body it becomes ciphertext, elsewhere it is an error.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sealed;
        let (masked, ciphertext) = match (&self.content, InRequest::is_entered()) {
            (Content::Ciphertext(ciphertext), true) => (None, Some(&**ciphertext)),
            (Content::Ciphertext(ciphertext), false) => (self.masked(), Some(&**ciphertext)),
            (Content::Plain(plain), true) => {
                sealed = plain.seal(K::KIND).map_err(S::Error::custom)?;
                (None, Some(&*sealed))
            }
            (Content::Plain(_), false) => return Err(not_stored(K::NAME)),
            (Content::None, true) => return Err(not_sent(K::NAME, self.masked.is_some())),
            (Content::None, false) => (self.masked(), None),
        };
        let length = usize::from(masked.is_some()) + usize::from(ciphertext.is_some());
        let mut fields = serializer.serialize_struct("Sensitive", length)?;
        if let Some(masked) = masked {
            fields.serialize_field("masked", masked)?;
        }
        if let Some(ciphertext) = ciphertext {
            fields.serialize_field("ciphertext", ciphertext)?;
        }
        fields.end()
    }
}

fn not_stored<E: serde::ser::Error>(kind: &str) -> E {
    E::custom(format_args!("a plain {kind} isn't written: seal it first, or write what `expose` gives"))
}

fn not_sent<E: serde::ser::Error>(kind: &str, is_masked: bool) -> E {
    let state = if is_masked { "masked" } else { "withheld" };
    E::custom(format_args!("a {state} {kind} can't be sent: its ciphertext is missing"))
}

#[cfg(test)]
mod tests {
    use super::super::kind::{Name, Phone};
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
    fn what_is_withheld_is_neither_empty_nor_sent() {
        for answer in ["{}", "null", r#"{"masked":null}"#, r#"{"masked":"","ciphertext":""}"#] {
            let name: Sensitive<Name> = serde_json::from_str(answer).unwrap();
            assert_eq!(name.state(), SensitiveState::Withheld, "{answer}");
            assert_eq!((name.to_string().as_str(), name.masked(), name.ciphertext()), ("****", None, None));
            assert_ne!(name, Sensitive::plain(""));
            assert_eq!(serde_json::to_string(&name).unwrap(), "{}");
            let _request = InRequest::enter();
            let refused = serde_json::to_string(&name).unwrap_err().to_string();
            assert!(refused.contains("withheld name"), "{refused}");
        }
    }

    #[test]
    fn a_plain_text_is_neither_stored_nor_sent_without_keys() {
        let phone = Sensitive::<Phone>::plain("13800138000");
        assert_eq!((phone.state(), phone.expose()), (SensitiveState::Plain, Some("13800138000")));
        let stored = serde_json::to_string(&phone).unwrap_err().to_string();
        let _request = InRequest::enter();
        let sent = serde_json::to_string(&phone).unwrap_err().to_string();
        assert!(sent.contains("data_keys().load()"), "{sent}");
        for shown in [stored, sent, format!("{phone:?} {phone} {phone:#?}")] {
            assert!(!shown.contains("13800138000"), "{shown}");
        }
    }

    #[test]
    fn debug_shows_the_mask_and_nothing_that_is_none() {
        assert_eq!(format!("{:?}", from_answer()), "Sensitive(phone: 138****8000)");
        assert_eq!(format!("{:?}", Sensitive::<Name>::plain("欧阳修")), "Sensitive(name: 欧阳*)");
        for mask in ["13800138000", "*13800138000"] {
            let unmasked: Sensitive<Phone> = serde_json::from_str(&format!(r#"{{"masked":"{mask}"}}"#)).unwrap();
            assert_eq!(format!("{unmasked:?} {unmasked}"), "Sensitive(phone: ****) ****");
        }
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
