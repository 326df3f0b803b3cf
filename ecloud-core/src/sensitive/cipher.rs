//! AES-256-GCM as protocol section 9 says: `~1~<key id>~<unpadded base64url(nonce ‖ ciphertext ‖ tag)>~`.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

use super::{FieldKind, Revealed};
use crate::random::Random;

const NONCE: usize = 12;
const TAG: usize = 16;

/// One key for personal fields, under its id. Its bytes are overwritten when it is dropped, and `Debug` shows none of them.
///
/// Keys of a platform come by [`DataKeys`](super::DataKeys); one made by hand is for tests, and for platforms that hand theirs out otherwise.
pub struct DataKey {
    id: Box<str>,
    cipher: Aes256Gcm,
}

/// What is no data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDataKey {
    /// The id is not 1 to 32 of `[0-9a-zA-Z-]`.
    #[error("the id of a data key is not 1 to 32 of [0-9a-zA-Z-]")]
    Id,
    /// The key is not the base64 of 32 bytes.
    #[error("a data key is not the base64 of 32 bytes")]
    Key,
}

/// Why a ciphertext doesn't open. Which part of it is wrong nobody can tell: it was altered, or made for another key, kind or shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text doesn't have the form of a ciphertext.
    #[error("not a ciphertext of the form ~1~<key id>~<base64url>~")]
    Malformed,
    /// It was made under another key.
    #[error("the ciphertext was made under another key")]
    UnknownKey,
    /// It was altered, or made for another kind of field or another shop.
    #[error("the ciphertext was altered, or made for another kind of field or another shop")]
    Refused,
}

impl DataKey {
    /// A key from its id and the base64 of its 32 bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidDataKey`] says which of the two is wrong.
    pub fn from_base64(id: &str, key: &str) -> Result<Self, InvalidDataKey> {
        if !is_key_id(id) {
            return Err(InvalidDataKey::Id);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        // A buffer larger than the key, since the decoder reckons in whole groups.
        let mut decoded = Zeroizing::new([0; 36]);
        match BASE64_STANDARD.decode_slice(key, &mut *decoded) {
            Ok(32) => bytes.copy_from_slice(&decoded[..32]),
            _ => return Err(InvalidDataKey::Key),
        }
        Ok(Self { id: id.into(), cipher: Aes256Gcm::new((&*bytes).into()) })
    }

    /// The key's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts a text for one kind of field of one shop, under a fresh nonce. A key is good for 2³² texts.
    ///
    /// # Errors
    ///
    /// Those of the operating system, which has no randomness to give.
    pub(super) fn seal(
        &self,
        kind: FieldKind,
        shop: &str,
        text: &str,
        random: &Random,
    ) -> Result<String, getrandom::Error> {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&random.bytes()?[..NONCE]);
        Ok(self.seal_with_nonce(kind, shop, text, nonce))
    }

    fn seal_with_nonce(&self, kind: FieldKind, shop: &str, text: &str, nonce: [u8; NONCE]) -> String {
        let payload = Payload { msg: text.as_bytes(), aad: &self.bound_to(kind, shop) };
        // AES-GCM refuses texts of 64 GiB and more, and nothing else.
        let sealed =
            self.cipher.encrypt(&Nonce::from(nonce), payload).expect("a field is far below the cipher's limit");
        let bytes: Vec<u8> = nonce.into_iter().chain(sealed).collect();
        format!("~1~{}~{}~", self.id, BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Opens a ciphertext of this kind of field and this shop.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: nothing of the text is known then.
    pub fn open(&self, kind: FieldKind, shop: &str, ciphertext: &str) -> Result<Revealed, OpenError> {
        let (key_id, sealed) = parse(ciphertext).ok_or(OpenError::Malformed)?;
        if key_id != &*self.id {
            return Err(OpenError::UnknownKey);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| OpenError::Malformed)?;
        let (nonce, message) = bytes.split_first_chunk::<NONCE>().ok_or(OpenError::Malformed)?;
        let payload = Payload { msg: message, aad: &self.bound_to(kind, shop) };
        let text = self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| OpenError::Refused)?;
        match String::from_utf8(text) {
            Ok(text) => Ok(Revealed::new(kind, Zeroizing::new(text))),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(OpenError::Refused)
            }
        }
    }

    fn bound_to(&self, kind: FieldKind, shop: &str) -> Vec<u8> {
        [&*self.id, "|", kind.as_str(), "|", shop].concat().into_bytes()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Key id and base64 of `~1~<key id>~<unpadded base64url>~`, the latter at least a nonce and a tag long.
pub(super) fn parse(text: &str) -> Option<(&str, &str)> {
    let (key_id, sealed) = text.strip_prefix("~1~")?.strip_suffix('~')?.split_once('~')?;
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_long_enough = sealed.len() * 3 / 4 >= NONCE + TAG;
    (is_key_id(key_id) && is_long_enough && sealed.bytes().all(is_base64)).then_some((key_id, sealed))
}

fn is_key_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vectors {
        valid: Vec<Vector>,
        invalid: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        key_id: String,
        key_base64: String,
        kind: String,
        shop: String,
        nonce_hex: String,
        plaintext: String,
        ciphertext: String,
        #[serde(default)]
        why: String,
    }

    impl Vector {
        fn key(&self) -> DataKey {
            DataKey::from_base64(&self.key_id, &self.key_base64).unwrap()
        }

        fn kind(&self) -> FieldKind {
            *FieldKind::ALL.iter().find(|kind| kind.as_str() == self.kind).unwrap()
        }

        fn nonce(&self) -> [u8; NONCE] {
            std::array::from_fn(|at| u8::from_str_radix(&self.nonce_hex[2 * at..2 * at + 2], 16).unwrap())
        }

        fn open(&self, ciphertext: &str) -> Result<Revealed, OpenError> {
            self.key().open(self.kind(), &self.shop, ciphertext)
        }
    }

    fn vectors() -> Vectors {
        serde_json::from_str(include_str!("../../tests/sensitive_vectors.json")).unwrap()
    }

    #[test]
    fn every_valid_vector_is_written_byte_for_byte_and_opens() {
        let valid = vectors().valid;
        assert_eq!(valid.len(), 6);
        for vector in valid {
            let sealed = vector.key().seal_with_nonce(vector.kind(), &vector.shop, &vector.plaintext, vector.nonce());
            assert_eq!(sealed, vector.ciphertext);
            assert_eq!(vector.open(&sealed).unwrap().expose(), vector.plaintext);
        }
    }

    #[test]
    fn every_invalid_vector_is_refused() {
        let invalid = vectors().invalid;
        assert_eq!(invalid.len(), 5);
        for vector in invalid {
            let refused = vector.open(&vector.ciphertext).unwrap_err();
            let malformed = ["truncated", "unknown version"].contains(&&*vector.why);
            assert_eq!(refused == OpenError::Malformed, malformed, "{}: {refused}", vector.why);
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        for vector in vectors().valid {
            let sealed = vector.ciphertext.strip_suffix('~').and_then(|text| text.rsplit_once('~')).unwrap().1;
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut altered = bytes.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                let text = format!("~1~{}~{}~", vector.key_id, BASE64_URL_SAFE_NO_PAD.encode(altered));
                assert_eq!(vector.open(&text).unwrap_err(), OpenError::Refused, "bit {bit}");
            }
            // Of the text, too: unused bits of the last digit, the key id, the frame.
            for at in 0..vector.ciphertext.len() {
                for flip in 0..7 {
                    let mut altered = vector.ciphertext.clone().into_bytes();
                    altered[at] ^= 1 << flip;
                    let altered = String::from_utf8(altered).unwrap();
                    assert!(vector.open(&altered).is_err(), "{altered}");
                }
                assert!(vector.open(&vector.ciphertext[..at]).is_err());
            }
        }
    }

    #[test]
    fn another_kind_shop_or_key_is_refused() {
        let vector = &vectors().valid[0];
        for kind in FieldKind::ALL.iter().filter(|kind| **kind != vector.kind()) {
            let refused = vector.key().open(*kind, &vector.shop, &vector.ciphertext).unwrap_err();
            assert_eq!(refused, OpenError::Refused);
        }
        for shop in ["shop-2", "", "shop-1 ", "Shop-1", "shop-1|"] {
            assert_eq!(vector.key().open(vector.kind(), shop, &vector.ciphertext).unwrap_err(), OpenError::Refused);
        }
        let renamed = DataKey::from_base64("k9", &vector.key_base64).unwrap();
        assert_eq!(renamed.open(vector.kind(), &vector.shop, &vector.ciphertext).unwrap_err(), OpenError::UnknownKey);
        let moved = vector.ciphertext.replace("~k1~", "~k9~");
        assert_eq!(renamed.open(vector.kind(), &vector.shop, &moved).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn keys_of_another_form_are_refused_and_none_is_shown() {
        let key = &vectors().valid[0].key_base64;
        for id in ["", "a b", "ключ", "k1~", &"a".repeat(33)] {
            assert_eq!(DataKey::from_base64(id, key).unwrap_err(), InvalidDataKey::Id);
        }
        let short = BASE64_STANDARD.encode([7; 31]);
        let long = BASE64_STANDARD.encode([7; 33]);
        for key in ["", "***", &short, &long, &"A".repeat(10_000)] {
            assert_eq!(DataKey::from_base64("k1", key).unwrap_err(), InvalidDataKey::Key);
        }
        assert_eq!(format!("{:?}", vectors().valid[0].key()), r#"DataKey { id: "k1", .. }"#);
    }

    #[test]
    fn one_text_sealed_twice_is_two_ciphertexts() {
        let (key, random) = (vectors().valid[0].key(), Random::seeded(1));
        let seal = || key.seal(FieldKind::Name, "shop-1", "张伟", &random).unwrap();
        assert_ne!(seal(), seal());
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(text in any::<String>(), shop in any::<String>(), seed in any::<u64>()) {
            let key = vectors().valid[0].key();
            for kind in FieldKind::ALL {
                let sealed = key.seal(*kind, &shop, &text, &Random::seeded(seed)).unwrap();
                let opened = key.open(*kind, &shop, &sealed).unwrap();
                prop_assert_eq!(opened.expose(), &text);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), middle in "[~0-9a-zA-Z_=-]{0,80}") {
            let key = vectors().valid[0].key();
            prop_assert!(key.open(FieldKind::Name, "shop-1", &text).is_err());
            let framed = format!("~1~k1~{middle}~");
            prop_assert!(key.open(FieldKind::Name, "shop-1", &framed).is_err());
        }
    }
}
