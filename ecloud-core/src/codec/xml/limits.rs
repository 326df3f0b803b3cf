//! How much a document may hold. Real answers stay far below; what is above is an attack or a mistake.

/// How deep elements may be nested, the root included: reading and writing are recursive.
pub(super) const DEPTH: usize = 64;

/// How many elements a document may have: each costs about 50 bytes of memory besides its text.
pub(super) const ELEMENTS: usize = 1_000_000;

/// How many attributes an element may have. Data has none, but those of a namespace are passed over.
pub(super) const ATTRIBUTES: usize = 32;
