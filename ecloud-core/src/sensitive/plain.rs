//! A text in the clear that waits to be sent.

use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use super::FieldKind;
use super::in_request::Sealer;

/// A text in the clear, and what it was sealed to first.
pub(super) struct Plain {
    text: Zeroizing<String>,
    sealed: OnceLock<Sealed>,
}

struct Sealed {
    kind: FieldKind,
    shop: Arc<str>,
    key_id: Box<str>,
    ciphertext: Box<str>,
}

impl Plain {
    pub(super) fn new(text: String) -> Self {
        Self { text: Zeroizing::new(text), sealed: OnceLock::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its ciphertext for the shop of the request that is being written.
    ///
    /// It is kept: a write that is repeated under its idempotency key must be the same to the byte, and each sealing has a fresh nonce.
    pub(super) fn seal(&self, kind: FieldKind) -> Result<Box<str>, String> {
        Sealer::with(|sealer| {
            let Some(sealer) = sealer else {
                return Err(format!(
                    "a plain {kind} can't be sent without data keys: call `shop.data_keys().load()` first"
                ));
            };
            let Some(shop) = &sealer.shop else {
                return Err(format!("a plain {kind} is encrypted for one shop: name it by `client.for_shop(id)`"));
            };
            let fits = |sealed: &&Sealed| {
                sealed.kind == kind && sealed.shop == *shop && sealer.ring.get(&sealed.key_id).is_some()
            };
            if let Some(sealed) = self.sealed.get().filter(fits) {
                return Ok(sealed.ciphertext.clone());
            }
            let key = sealer.ring.active();
            let ciphertext = key
                .seal(kind, shop, &self.text, &sealer.random)
                .map_err(|_| "the operating system gives no randomness".to_owned())?;
            let ciphertext: Box<str> = ciphertext.into();
            // Of two threads that seal the same text at once one wins, and both send that.
            let kept = self.sealed.get_or_init(|| Sealed {
                kind,
                shop: Arc::clone(shop),
                key_id: key.id().into(),
                ciphertext: ciphertext.clone(),
            });
            Ok(if fits(&kept) { kept.ciphertext.clone() } else { ciphertext })
        })
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Plain {}
