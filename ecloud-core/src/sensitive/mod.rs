//! Personal data: fields that are masked, encrypted, plain or withheld, and never taken for one another.
//!
//! | where | what |
//! |---|---|
//! | [`Sensitive`] | a personal field of a model, in one of four [states](SensitiveState) |
//! | [`kind`] | what kind of field it is: [`FieldKind`] as a value, a type of each as a parameter |
//! | [`mask`] | what may be shown of a text |
//! | [`DataKeys`] | the keys that encrypt what is sent, and open what comes |
//! | [`Revealer`] | opens fields, each with a purpose and on the record |
//! | [`audit`] | the record: who has seen what, and what for |
//! | [`Revealed`] | a text in the clear, and the explicit ways out of it |
//!
//! What is kept in the clear stands in memory that is overwritten when it is dropped. That can't be said of what comes before and after: the
//! text that a caller had read from a form, the body of an answer, a page that the operating system has swapped out.

pub mod audit;
mod cipher;
mod data_keys;
mod field;
mod in_request;
mod key_ring;
pub mod kind;
pub mod mask;
mod plain;
mod reveal;
mod revealed;

pub use cipher::{DataKey, InvalidDataKey, OpenError};
pub use data_keys::DataKeys;
pub(crate) use data_keys::KeyCache;
pub use field::{InvalidCiphertext, Sensitive, SensitiveState};
pub(crate) use in_request::{InRequest, Sealer};
pub use kind::FieldKind;
pub use reveal::{RevealItem, Revealer};
pub use revealed::{Exposed, Revealed};
