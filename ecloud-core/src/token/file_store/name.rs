//! Names of folders for whatever a shop is called.

use sha2::{Digest, Sha256};

use crate::codec::hex::write_lower;

/// File systems allow 255 bytes.
const LONGEST: usize = 120;

/// A name that is the same for no two texts, also where a file system doesn't tell cases apart: lower-case letters, digits, `_` and `-` stay, every
/// other byte becomes `%` and two digits; what is too long ends with its SHA-256.
pub(super) fn folder_name(prefix: &str, text: &str) -> String {
    let mut name = prefix.to_owned();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    if name.len() > LONGEST {
        let mut digest = [0; 64];
        write_lower(&Sha256::digest(text.as_bytes()), &mut digest);
        name.truncate(LONGEST);
        name.push('~');
        name.push_str(&String::from_utf8_lossy(&digest));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_plain_and_lead_nowhere_else() {
        assert_eq!(folder_name("shop-", "shop-42"), "shop-shop-42");
        assert_eq!(folder_name("shop-", "../A b"), "shop-%2e%2e%2f%41%20b");
        assert_eq!(folder_name("shop-", ""), "shop-");
        assert!(folder_name("shop-", &"店".repeat(1000)).len() < 200);
    }

    proptest! {
        #[test]
        fn different_texts_have_different_names(one in ".{0,80}", two in ".{0,80}") {
            let name = |text: &str| folder_name("s-", text).to_ascii_lowercase();
            prop_assert_eq!(one == two, name(&one) == name(&two));
        }
    }
}
