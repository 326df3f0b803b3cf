//! The kinds of personal fields.

use std::fmt;

mod sealed {
    pub trait Sealed {}
}

/// A kind of personal field.
pub trait Kind: sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    /// The kind's name in the API descriptions and in the ciphertext's additional data.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $kind;

        impl sealed::Sealed for $kind {}

        impl Kind for $kind {
            const NAME: &'static str = $name;
        }
    )*};
}

kinds! {
    /// A person's name.
    Name = "name";
    /// A telephone number, with an extension perhaps.
    Phone = "phone";
    /// A postal address below the district.
    Address = "address";
    /// An e-mail address.
    Email = "email";
    /// The number of an identity document.
    IdNumber = "id_number";
    /// A bank account or card number.
    BankAccount = "bank_account";
}
