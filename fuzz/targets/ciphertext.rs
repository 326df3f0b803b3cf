//! Personal fields from anywhere: nothing panics, nothing opens but what was sealed for this kind and shop, and masks hide.

#![no_main]

use ecloud_core::Sensitive;
use ecloud_core::sensitive::{DataKey, FieldKind, kind};
use libfuzzer_sys::fuzz_target;

/// The first of the protocol's vectors: the one text that opens.
const KEY: (&str, &str) = ("k1", "FqhLWl8fmBZyteARgAUxbvSZr2dPdECmb80A2kuCISQ=");
const SEALED: &str = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";

const KINDS: [FieldKind; 6] = [
    FieldKind::Name,
    FieldKind::Phone,
    FieldKind::Address,
    FieldKind::Email,
    FieldKind::IdNumber,
    FieldKind::BankAccount,
];

fuzz_target!(|text: &str| {
    let key = DataKey::from_base64(KEY.0, KEY.1).expect("a key");
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    for kind in KINDS {
        for shop in ["shop-1", rest] {
            let is_sealed = (kind, shop, first) == (FieldKind::Phone, "shop-1", SEALED);
            assert_eq!(key.open(kind, shop, first).is_ok(), is_sealed, "{kind:?} {shop}");
        }
        let mask = kind.mask(text);
        let hidden = text.chars().filter(|c| c.is_alphanumeric()).count();
        assert!(hidden < 7 || mask != text, "{kind:?} hides nothing");
        assert!(mask.chars().count() <= text.chars().count() + 16, "{kind:?}: a mask longer than the text");
    }
    let parsed = Sensitive::<kind::Phone>::from_ciphertext(first);
    if let Ok(field) = &parsed {
        assert_eq!(field.ciphertext(), Some(first));
        let stored = serde_json::to_string(field).expect("a ciphertext can be stored");
        assert_eq!(
            serde_json::from_str::<Sensitive<kind::Phone>>(&stored).expect("and read").ciphertext(),
            Some(first)
        );
    }
    _ = serde_json::from_str::<Sensitive<kind::Name>>(text);
    _ = DataKey::from_base64(first, rest);
});
