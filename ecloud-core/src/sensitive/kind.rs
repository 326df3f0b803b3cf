//! The kinds of personal fields.

use std::fmt;

use super::mask;

mod sealed {
    pub trait Sealed {}
}

/// A kind of personal field, as a type.
pub trait Kind: sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    /// The kind's name in the API descriptions and in the ciphertext's additional data.
    const NAME: &'static str;
    /// The kind as a value.
    const KIND: FieldKind;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $mask:path;)*) => {
        /// A kind of personal field, as a value: where fields of several kinds go the same way.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FieldKind {
            $($(#[$doc])* $kind,)*
        }

        impl FieldKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The kind's name in the API descriptions and in the ciphertext's additional data: `id_number`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// What may be shown of a text of this kind, by the rules of [`mask`](super::mask): `138****8000`.
            pub fn mask(self, text: &str) -> String {
                match self {
                    $(Self::$kind => $mask(text),)*
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub struct $kind;

            impl sealed::Sealed for $kind {}

            impl Kind for $kind {
                const NAME: &'static str = $name;
                const KIND: FieldKind = FieldKind::$kind;
            }
        )*
    };
}

kinds! {
    /// A person's name.
    Name = "name", mask::name;
    /// A telephone number, with an extension perhaps.
    Phone = "phone", mask::phone;
    /// A postal address below the district.
    Address = "address", mask::address;
    /// An e-mail address.
    Email = "email", mask::email;
    /// The number of an identity document.
    IdNumber = "id_number", mask::id_number;
    /// A bank account or card number.
    BankAccount = "bank_account", mask::bank_account;
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
