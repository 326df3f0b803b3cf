//! Where a value is being written to, and what seals it on its way.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::key_ring::KeyRing;
use crate::Shop;
use crate::random::Random;

thread_local! {
    static IN_REQUEST: Cell<bool> = const { Cell::new(false) };
    static SEALER: RefCell<Option<Sealer>> = const { RefCell::new(None) };
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

    pub(super) fn is_entered() -> bool {
        IN_REQUEST.get()
    }
}

impl Drop for InRequest {
    fn drop(&mut self) {
        IN_REQUEST.set(self.before);
    }
}

/// What seals the plain fields of one shop's request.
pub(crate) struct Sealer {
    pub(super) ring: Arc<KeyRing>,
    pub(super) shop: Option<Arc<str>>,
    pub(super) random: Random,
}

impl Sealer {
    /// While what this returns lives, plain fields that this thread writes into a request are sealed for this shop, if its client has keys.
    pub(crate) fn enter(shop: &Shop) -> Sealing {
        let client = &shop.client().inner;
        let sealer =
            client.data_keys.ring().map(|ring| Self { ring, shop: shop.shared_id(), random: client.random.clone() });
        Sealing { before: SEALER.replace(sealer) }
    }

    /// Runs `seal` with the present sealer.
    pub(super) fn with<T>(seal: impl FnOnce(Option<&Self>) -> T) -> T {
        SEALER.with_borrow(|sealer| seal(sealer.as_ref()))
    }
}

/// See [`Sealer::enter`].
#[must_use = "the sealer leaves with it"]
pub(crate) struct Sealing {
    before: Option<Sealer>,
}

impl Drop for Sealing {
    fn drop(&mut self) {
        SEALER.set(self.before.take());
    }
}
