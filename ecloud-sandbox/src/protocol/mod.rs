//! The rules of the protocol that don't depend on what an operation does, a file each.

pub(crate) mod cursor;
pub(crate) mod data_keys;
pub(crate) mod event_faults;
pub(crate) mod event_signature;
pub(crate) mod idempotency;
pub(crate) mod media;
pub(crate) mod outbox;
pub(crate) mod page;
pub(crate) mod quota;
mod rsa_test_key;
pub(crate) mod sensitive;
pub(crate) mod token;
pub(crate) mod token_keys;
pub(crate) mod well_known;
