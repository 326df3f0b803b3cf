//! One public key.

use std::fmt;

use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use super::Algorithm;
use super::compact::decode;

/// The shortest RSA key that is used, in bits.
const SHORTEST_RSA: usize = 2048;
/// The longest RSA key that is used, in bits: a longer one costs the one who verifies, not the one who signs.
const LONGEST_RSA: usize = 8192;

/// A key that verifies signatures of one algorithm.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    Ed25519([u8; 32]),
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl PublicKey {
    /// Reads a JSON Web Key (RFC 7517), or says why it isn't used.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, String> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let refused = |reason: &str| Err(reason.to_owned());
        if text("kty") == Some("oct") || members.contains_key("k") {
            return refused("it is a symmetric key: who can verify with it can sign with it");
        }
        if members.contains_key("d") {
            return refused("it holds its private half: whoever reads the key set can sign with it");
        }
        if members.get("use").is_some_and(|purpose| purpose != "sig") {
            return refused("it isn't there for signatures (`use`)");
        }
        let may_verify = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|one| one == "verify"));
        if members.get("key_ops").is_some_and(|list| !may_verify(list)) {
            return refused("it isn't there to verify signatures (`key_ops`)");
        }
        let key = match (text("kty"), text("crv")) {
            (Some("OKP"), Some("Ed25519")) => read_ed25519(text("x"))?,
            (Some("RSA"), _) => read_rsa(text("n"), text("e"))?,
            _ => return refused("it is neither of Ed25519 nor of RSA"),
        };
        match members.get("alg") {
            Some(named) if named != key.algorithm().as_str() => {
                Err(format!("its `alg` isn't {}, the only one for keys of its kind", key.algorithm()))
            }
            _ => Ok(key),
        }
    }

    /// The one algorithm that it is for.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// Whether the signature over these bytes is this key's.
    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(signed, signature).is_ok(),
            Self::Rsa { modulus: n, exponent: e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
        }
    }
}

fn read_ed25519(x: Option<&str>) -> Result<PublicKey, String> {
    let bytes = x.and_then(decode).and_then(|bytes| bytes.try_into().ok());
    bytes.map(PublicKey::Ed25519).ok_or_else(|| "its `x` isn't 32 bytes in base64url".to_owned())
}

fn read_rsa(n: Option<&str>, e: Option<&str>) -> Result<PublicKey, String> {
    let number = |text: Option<&str>, name: &str| {
        let bytes = text.and_then(decode).filter(|bytes| bytes.first().is_some_and(|first| *first != 0));
        bytes.ok_or_else(|| format!("its `{name}` is no number in base64url without leading zeros"))
    };
    let (modulus, exponent) = (number(n, "n")?, number(e, "e")?);
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    if bits < SHORTEST_RSA {
        return Err(format!("it is weak: RSA of {bits} bits, where {SHORTEST_RSA} is the least"));
    }
    if bits > LONGEST_RSA {
        return Err(format!("it is RSA of {bits} bits, where {LONGEST_RSA} is the most"));
    }
    // NIST SP 800-56B: 65,537 or more; the most that ring takes is 33 bits.
    let value = exponent.iter().fold(0_u64, |value, byte| value.saturating_mul(256).saturating_add((*byte).into()));
    if !(65_537..1 << 33).contains(&value) || value.is_multiple_of(2) {
        return Err("it is weak: its exponent isn't an odd number from 65,537 to 33 bits".to_owned());
    }
    Ok(PublicKey::Rsa { modulus, exponent })
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn key(jwk: Value) -> Result<PublicKey, String> {
        PublicKey::read(jwk.as_object().unwrap())
    }

    #[test]
    fn it_verifies_the_example_of_rfc_8037() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = key(json!({"kty": "OKP", "crv": "Ed25519", "x": x})).unwrap();
        let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature =
            decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg").unwrap();
        assert!(key.verifies(signed, &signature));
        assert!(!key.verifies(&signed[1..], &signature));
        assert!(!key.verifies(signed, &signature[1..]));
        assert!(!key.verifies(signed, b""));
        for at in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[at] ^= 1;
            assert!(!key.verifies(signed, &flipped), "byte {at}");
        }
    }

    const N: &str = concat!(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ",
        "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2",
        "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD",
        "TW9gb54h4FRWyuXpoQ",
    );

    #[test]
    fn it_verifies_the_example_of_rfc_7515_a_2() {
        let key = key(json!({"kty": "RSA", "n": N, "e": "AQAB"})).unwrap();
        let signed = concat!(
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290",
            "Ijp0cnVlfQ",
        );
        let signature = decode(concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb",
            "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383",
            "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy",
            "wlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ))
        .unwrap();
        assert!(key.verifies(signed.as_bytes(), &signature));
        assert!(!key.verifies(&signed.as_bytes()[1..], &signature));
        assert!(!key.verifies(signed.as_bytes(), &signature[1..]));
    }

    #[test]
    fn a_key_that_is_not_fit_says_why() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let ed = |name: &str, value: Value| {
            let mut jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
            jwk[name] = value;
            key(jwk)
        };
        let rsa = |n: &str, e: &str| key(json!({"kty": "RSA", "n": n, "e": e}));
        let weak = &N[..168];
        for (refused, reason) in [
            (key(json!({"kty": "oct", "k": "c2VjcmV0"})), "symmetric"),
            (key(json!({"kty": "OKP", "crv": "Ed25519", "x": x, "k": ""})), "symmetric"),
            (ed("d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")), "private half"),
            (ed("use", json!("enc")), "`use`"),
            (ed("key_ops", json!(["sign"])), "`key_ops`"),
            (ed("key_ops", json!("verify")), "`key_ops`"),
            (ed("alg", json!("RS256")), "`alg`"),
            (ed("alg", json!("HS256")), "`alg`"),
            (ed("alg", Value::Null), "`alg`"),
            (ed("crv", json!("X25519")), "neither"),
            (ed("x", json!("AAAA")), "32 bytes"),
            (ed("x", json!(format!("{x}="))), "32 bytes"),
            (ed("x", json!(7)), "32 bytes"),
            (key(json!({"kty": "EC", "crv": "P-256", "x": x, "y": x})), "neither"),
            (key(json!({})), "neither"),
            (key(json!({"kty": "RSA", "n": N, "e": "AQAB", "alg": "PS256"})), "`alg`"),
            (rsa(weak, "AQAB"), "RSA of 1008 bits"),
            (rsa(&N[..340], "AQAB"), "RSA of 2040 bits"),
            (rsa(&N.repeat(5), "AQAB"), "is the most"),
            (rsa(N, "Aw"), "exponent"),
            (rsa(N, "AQAA"), "exponent"),
            (rsa(N, "AgAAAAE"), "exponent"),
            (rsa(N, "____________"), "exponent"),
            (rsa(N, "AAEAAQ"), "leading zeros"),
            (rsa(N, ""), "`e`"),
            (rsa(&format!("AAAA{N}"), "AQAB"), "leading zeros"),
            (rsa("!", "AQAB"), "`n`"),
        ] {
            let said = refused.unwrap_err();
            assert!(said.contains(reason), "{reason}: {said}");
        }
        assert!(ed("key_ops", json!(["verify"])).is_ok() && ed("use", json!("sig")).is_ok());
        assert!(ed("alg", json!("EdDSA")).is_ok());
    }
}
