//! Tokens as anybody may write them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecloud_core::Timestamp;
use ecloud_core::jwt::{KeySet, Verifier};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

/// When the tokens are given out.
pub(crate) const START: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
pub(crate) const ISSUER: &str = "https://open.example.com";

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// One who signs.
pub(crate) struct Forge {
    pub(crate) id: String,
    pair: Ed25519KeyPair,
}

impl Forge {
    pub(crate) fn new(id: &str, seed: u8) -> Self {
        Self { id: id.to_owned(), pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap() }
    }

    pub(crate) fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(crate) fn jwk(&self) -> Value {
        let x = encoded(self.public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": x})
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.id})
    }

    /// A token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header(), claims)
    }

    /// A token with this header.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        self.token_of(header.to_string(), claims.to_string())
    }

    /// A token of these bytes, signed in any case.
    pub(crate) fn token_of(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.sealed(format!("{}.{}", encoded(header), encoded(payload)))
    }

    /// Whatever it is, with a signature behind it.
    pub(crate) fn sealed(&self, signed: String) -> String {
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", encoded(signature.as_ref()))
    }
}

/// What the tokens say: an hour from [`START`] on.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "demo-app", "sub": "shop-1", "exp": START.unix_seconds() + 3600,
        "iat": START.unix_seconds(), "jti": "t-1", "scope": "trade:read", "role": "business", "tier": "standard",
    })
}

pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

pub(crate) fn key_set(keys: &[Value]) -> KeySet {
    KeySet::from_json(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// What a platform says to a token: the code and the message, or nothing where it takes it.
pub(crate) fn verdict(keys: &KeySet, token: &str, now: Timestamp) -> Option<(&'static str, String)> {
    let outcome = Verifier::new(ISSUER).verify(keys, token, "demo-app", now);
    outcome.err().map(|rejection| (rejection.code(), rejection.message().to_owned()))
}

/// The modulus of an RSA key of 2048 bits that nobody keeps.
pub(crate) const RSA_N: &str = concat!(
    "srzc5a8BwjbLaKOuoyVT2mxPyGUF1pQpK8bXA6QWzVA6V1oceCvdM_fwuTTQ4Cu61V3nzEzk1vLpthboLsRehnzK23p0ULipicaL",
    "Dfz8Z41SjblAYhHgcpKTeiXcrkE9Vr8vEbB--7vKYFECGGJdowURQCEsz8SHOeK3dvwx42BMHkhqWvqbuS0SETHooTe629nZda7E",
    "CiXhnWC5CnsMp51EbJSJhjWR254QSe_FpIP10lUUsIUZAYozxP-",
    "wQncQclSJ5c0_s9osE7FPdnsq5izoz9SOfiroUX4ycmXS7f8JPd_0iT63miOMkTYFWvooi2bz_8jENfPgGWuLaIA6jw",
);

/// A token that the key signed once, with the claims of [`claims`], but for its `jti`.
pub(crate) const RSA_TOKEN: &str = concat!(
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYS0xIn0.eyJpc3MiOiJodHRwczovL29wZW4uZXhhbXBsZS5jb20i",
    "LCJhdWQiOiJkZW1vLWFwcCIsInN1YiI6InNob3AtMSIsImV4cCI6MTc2NzIyOTIwMCwiaWF0IjoxNzY3MjI1NjAwLCJqdGkiOiJ0",
    "LTIiLCJzY29wZSI6InRyYWRlOnJlYWQiLCJyb2xlIjoiYnVzaW5lc3MiLCJ0aWVyIjoic3RhbmRhcmQifQ.e-",
    "RKbZFL6dS04jrK5Kk6liXtZ5ML4tJ7Fcg6o6A6SmksWUFqN2U6-",
    "rYiyhNz0ooNvPrElWPWVM_ZOX8kjh40WKHO9iD80hRRdtLsuNHiM1-",
    "kB_8qb6uvxIsZ1jbVlrBij9KWqnllGLLh9JV36ESGhNNd_fpfUHmASaFiAVF94rjMblhtw--",
    "Pj9zPq2l1VSG7xSbd6IBTUyWNPYPjPJ-FE2Sv9LU4dIAPqVY0RTroAOTw-v-",
    "RRlX2Z6gCvNcnK4Lo4YXGuHdjR4chxplQQ2aoPLh893bCgSbCsh3AcCOGAKr6_zLbj6QS-rw86eA-",
    "fRQCnWbAeDOb2ZMWxe113o8sQQ",
);
