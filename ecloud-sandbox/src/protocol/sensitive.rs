//! Section 9: personal fields, sealed under a key of the platform's or of an application's.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::snapshot;

/// The kinds of personal fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Name,
    Phone,
    Address,
    Email,
    IdNumber,
    BankAccount,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Name, Self::Phone, Self::Address, Self::Email, Self::IdNumber, Self::BankAccount];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Email => "email",
            Self::IdNumber => "id_number",
            Self::BankAccount => "bank_account",
        }
    }

    /// What may be shown of a field: enough for a person to recognise it, too little to use it.
    pub(crate) fn mask(self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let keep = |front: usize, back: usize| {
            if characters.len() <= front + back {
                return "****".to_owned();
            }
            let tail = &characters[characters.len() - back..];
            characters[..front].iter().copied().chain("****".chars()).chain(tail.iter().copied()).collect()
        };
        match self {
            Self::Name => characters.first().filter(|_| characters.len() > 1).into_iter().chain(&['*']).collect(),
            // The extension of a virtual number says who is meant.
            Self::Phone => match text.split_once('-') {
                Some((number, _)) if number.len() >= 11 => format!("{}-****", Self::Phone.mask(number)),
                _ => keep(3, 4),
            },
            Self::Address => keep(3.min(characters.len() / 2), 0),
            Self::Email => match text.rsplit_once('@') {
                Some((local, domain)) => format!("{}****@{domain}", local.chars().take(1).collect::<String>()),
                None => "****".to_owned(),
            },
            Self::IdNumber => keep(1, 1),
            Self::BankAccount => keep(0, 4),
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// One key for personal fields, the platform's own or an application's, and what is done with it.
pub(crate) struct Vault {
    cipher: Aes256Gcm,
    key_id: String,
    nonce_key: [u8; 32],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// A vault under a key that is derived from `secret`.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let derive =
            |label: &str| -> [u8; 32] { Sha256::new().chain_update(label).chain_update(secret).finalize().into() };
        Self::with_key("platform-1".to_owned(), derive("personal fields"), derive("nonces of personal fields"))
    }

    /// A vault under this very key.
    pub(super) fn with_key(key_id: String, key: [u8; 32], nonce_key: [u8; 32]) -> Self {
        Self { cipher: Aes256Gcm::new(&key.into()), key_id, nonce_key }
    }

    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Seals a text for one kind of field of one shop. The nonce follows from all of the message, so that one text has one
    /// ciphertext and no nonce ever serves two messages.
    pub(crate) fn seal(&self, kind: Kind, shop_id: &str, text: &str) -> String {
        let bound_to = self.bound_to(kind, shop_id);
        let digest = Sha256::new()
            .chain_update(self.nonce_key)
            .chain_update((bound_to.len() as u64).to_be_bytes())
            .chain_update(&bound_to)
            .chain_update(text)
            .finalize();
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&digest[..12]);
        let payload = Payload { msg: text.as_bytes(), aad: bound_to.as_bytes() };
        let sealed =
            self.cipher.encrypt(&Nonce::from(nonce), payload).expect("a field is far below the cipher's limit");
        let bytes: Vec<u8> = nonce.into_iter().chain(sealed).collect();
        format!("~1~{}~{}~", self.key_id, BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Opens what [`seal`](Self::seal) made for the same kind and shop; `None` for anything else.
    pub(crate) fn open(&self, kind: Kind, shop_id: &str, ciphertext: &str) -> Option<String> {
        let (key_id, sealed) = ciphertext.strip_prefix("~1~")?.strip_suffix('~')?.split_once('~')?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, message) = bytes.split_first_chunk::<12>()?;
        if key_id != self.key_id {
            return None;
        }
        let bound_to = self.bound_to(kind, shop_id);
        let payload = Payload { msg: message, aad: bound_to.as_bytes() };
        let text = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }

    fn bound_to(&self, kind: Kind, shop_id: &str) -> String {
        format!("{}|{}|{shop_id}", self.key_id, kind.as_str())
    }
}

/// The application whose call is being answered, as far as personal fields go: which keys of its own open what it sends, and which one
/// seals what it is told, if it has the data-key grant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) opens: Vec<Arc<Vault>>,
    pub(crate) seals: Option<Arc<Vault>>,
}

thread_local! {
    static CALLER: RefCell<Caller> = RefCell::default();
}

impl Caller {
    /// Runs `answer` for this caller. Answering is synchronous, and serde can't tell a value whom it is written for.
    pub(crate) fn scope<T>(self, answer: impl FnOnce() -> T) -> T {
        struct Before(Caller);
        impl Drop for Before {
            fn drop(&mut self) {
                CALLER.set(std::mem::take(&mut self.0));
            }
        }
        let _before = Before(CALLER.replace(self));
        answer()
    }
}

/// A personal field in the platform's state. It is written as mask and ciphertext, sealed when it is first asked for, and `Debug`
/// shows the mask alone.
#[derive(Clone)]
pub(crate) struct Personal {
    kind: Kind,
    text: Box<str>,
    safe: Arc<Safe>,
    ciphertext: OnceLock<Box<str>>,
}

/// Where the personal fields of one shop are sealed.
#[derive(Debug)]
pub(crate) struct Safe {
    pub(crate) vault: Arc<Vault>,
    pub(crate) shop_id: String,
}

impl Safe {
    /// Takes a clear text in.
    pub(crate) fn personal(self: &Arc<Self>, kind: Kind, text: &str) -> Personal {
        Personal { kind, text: text.into(), safe: Arc::clone(self), ciphertext: OnceLock::new() }
    }

    /// Takes a ciphertext in; `None` where it doesn't open as this kind of field of this shop.
    pub(crate) fn open(self: &Arc<Self>, kind: Kind, ciphertext: &str) -> Option<Personal> {
        let own = |caller: &Caller| caller.opens.iter().find_map(|vault| vault.open(kind, &self.shop_id, ciphertext));
        let text = self.vault.open(kind, &self.shop_id, ciphertext).or_else(|| CALLER.with_borrow(own))?;
        Some(self.personal(kind, &text))
    }
}

impl Personal {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn ciphertext(&self) -> &str {
        self.ciphertext.get_or_init(|| self.safe.vault.seal(self.kind, &self.safe.shop_id, &self.text).into())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal({}: {})", self.kind.as_str(), self.kind.mask(&self.text))
    }
}

impl Serialize for Personal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Sensitive", 2)?;
        if snapshot::is_kept() {
            fields.serialize_field("kind", self.kind.as_str())?;
            fields.serialize_field("ciphertext", self.ciphertext())?;
            return fields.end();
        }
        fields.serialize_field("masked", &self.kind.mask(&self.text))?;
        let own = CALLER.with_borrow(|caller| caller.seals.clone());
        match own.map(|vault| vault.seal(self.kind, &self.safe.shop_id, &self.text)) {
            Some(ciphertext) => fields.serialize_field("ciphertext", &ciphertext)?,
            None => fields.serialize_field("ciphertext", self.ciphertext())?,
        }
        fields.end()
    }
}

/// Read from a snapshot alone: nobody else may say what kind of field it is.
impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kept {
            kind: String,
            ciphertext: Box<str>,
        }
        let kept = Kept::deserialize(deserializer)?;
        let kind = kept.kind.parse().map_err(|()| D::Error::custom("there is no such kind of personal field"))?;
        let safe = snapshot::safe().ok_or_else(|| D::Error::custom("a personal field belongs to no shop"))?;
        let opened = safe.vault.open(kind, &safe.shop_id, &kept.ciphertext);
        let text = opened.ok_or_else(|| D::Error::custom("a personal field can't be opened"))?.into();
        Ok(Self { kind, text, safe, ciphertext: OnceLock::from(kept.ciphertext) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_for_its_kind_and_shop_only() {
        let vault = Vault::new(b"secret");
        let sealed = vault.seal(Kind::Phone, "shop-1", "13800138000");
        assert_eq!(vault.open(Kind::Phone, "shop-1", &sealed).as_deref(), Some("13800138000"));
        assert_eq!(vault.open(Kind::Name, "shop-1", &sealed), None);
        assert_eq!(vault.open(Kind::Phone, "shop-2", &sealed), None);
        assert_eq!(Vault::new(b"other").open(Kind::Phone, "shop-1", &sealed), None);
        assert_eq!(vault.open(Kind::Phone, "shop-1", "~1~platform-1~AAAA~"), None);
        assert_eq!(vault.open(Kind::Phone, "shop-1", "13800138000"), None);
    }

    #[test]
    fn masks_keep_what_a_person_recognises() {
        let masks = [
            (Kind::Phone, "13800138000", "138****8000"),
            (Kind::Phone, "110", "****"),
            (Kind::Phone, "18877771111-1234", "188****1111-****"),
            (Kind::Name, "张伟", "张*"),
            (Kind::Name, "张", "*"),
            (Kind::Address, "文一西路969号", "文一西****"),
            (Kind::Email, "ann@example.com", "a****@example.com"),
            (Kind::IdNumber, "11010519491231002X", "1****X"),
            (Kind::BankAccount, "6222020200112233445", "****3445"),
        ];
        for (kind, text, mask) in masks {
            assert_eq!(kind.mask(text), mask);
        }
    }

    #[test]
    fn a_personal_field_shows_its_mask_and_never_its_text() {
        let safe = Arc::new(Safe { vault: Arc::new(Vault::new(b"secret")), shop_id: "shop-1".into() });
        let phone = safe.personal(Kind::Phone, "13800138000");
        let written = serde_json::to_string(&phone).unwrap();
        assert!(written.starts_with(r#"{"masked":"138****8000","ciphertext":"~1~platform-1~"#), "{written}");
        assert!(!format!("{phone:?}{written}").contains("13800138000"));
    }
}
