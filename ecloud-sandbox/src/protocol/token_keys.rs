//! The keys that access tokens are signed with, and the set in which they are published (section 5).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecloud_core::jwt::{Algorithm, KeySet};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rsa_test_key;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// The `kid` of the RSA key, which never changes.
const RSA_ID: &str = "sandbox-rsa";

/// The platform's keys. They follow from the seed: the same rotation gives the same key.
pub(crate) struct TokenKeys {
    secret: [u8; 32],
    /// The keys that are still taken, by their number; the last one signs.
    numbers: Vec<u32>,
    /// Whether the key that signs is left out of the published set.
    hidden: bool,
    /// What the platform itself goes by.
    taken: KeySet,
}

impl TokenKeys {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        let mut keys = Self { secret, numbers: vec![1], hidden: false, taken: KeySet::default() };
        keys.changed();
        keys
    }

    /// Signs with a new key from now on; the old ones are still published and taken.
    pub(crate) fn rotate(&mut self) {
        self.numbers.push(self.current() + 1);
        self.changed();
    }

    /// Takes back all keys but the one that signs.
    pub(crate) fn withdraw_old(&mut self) {
        self.numbers = vec![self.current()];
        self.changed();
    }

    /// Whether the key that signs is left out of the published set.
    pub(crate) fn hide(&mut self, hidden: bool) {
        self.hidden = hidden;
    }

    /// The keys whose tokens the platform takes.
    pub(crate) fn taken(&self) -> &KeySet {
        &self.taken
    }

    /// The key set as it is published.
    pub(crate) fn published(&self) -> Value {
        let shown = self.numbers.iter().filter(|number| !self.hidden || **number != self.current());
        let mut keys: Vec<Value> = shown.map(|number| self.jwk(*number)).collect();
        keys.push(rsa_jwk());
        json!({ "keys": keys })
    }

    /// A token with this payload.
    pub(crate) fn sign(&self, algorithm: Algorithm, payload: &Value) -> String {
        let id = if algorithm == Algorithm::Rs256 { RSA_ID.to_owned() } else { key_id(self.current()) };
        let header = json!({"alg": algorithm.as_str(), "typ": "JWT", "kid": id});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(payload));
        let signature = match algorithm {
            Algorithm::Rs256 => sign_rsa(signed.as_bytes()),
            _ => self.pair(self.current()).sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn current(&self) -> u32 {
        self.numbers.last().copied().unwrap_or(1)
    }

    fn changed(&mut self) {
        self.taken = self.set_of(&self.numbers).expect("a hundred rotations are more than any test needs");
    }

    /// The set of the keys with these numbers, and of the RSA key; `None` where they are too many for one.
    fn set_of(&self, numbers: &[u32]) -> Option<KeySet> {
        let mut keys: Vec<Value> = numbers.iter().map(|number| self.jwk(*number)).collect();
        keys.push(rsa_jwk());
        KeySet::from_json(json!({ "keys": keys }).to_string().as_bytes()).ok()
    }

    fn pair(&self, number: u32) -> Ed25519KeyPair {
        let seed = Sha256::new().chain_update(self.secret).chain_update(number.to_be_bytes()).finalize();
        Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed is 32 bytes")
    }

    fn jwk(&self, number: u32) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair(number).public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key_id(number), "x": x})
    }
}

fn key_id(number: u32) -> String {
    format!("sandbox-{number}")
}

fn rsa_jwk() -> Value {
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": RSA_ID, "n": rsa_test_key::MODULUS, "e": "AQAB"})
}

fn sign_rsa(signed: &[u8]) -> Vec<u8> {
    let pair = rsa_test_key::pair();
    let mut signature = vec![0; pair.public().modulus_len()];
    // The randomness blinds the computation; the signature is the same each time.
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature).expect("the key is long enough");
    signature
}

/// The keys as a row of a saved platform: which ones, since all follow from the seed.
#[derive(Serialize, Deserialize)]
struct TokenKeysRow {
    numbers: Vec<u32>,
    hidden: bool,
}

impl Part for TokenKeys {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { secret: _, numbers, hidden, taken: _ } = self;
        writer.row("token_keys", &TokenKeysRow { numbers: numbers.clone(), hidden: *hidden })
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        if record.kind() != "token_keys" {
            return Ok(false);
        }
        let TokenKeysRow { numbers, hidden } = record.read()?;
        let taken = self.set_of(&numbers).filter(|_| !numbers.is_empty());
        self.taken = taken.ok_or_else(|| record.refused("there are no such token keys"))?;
        (self.numbers, self.hidden) = (numbers, hidden);
        Ok(true)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKeys").field("taken", &self.taken).field("hidden", &self.hidden).finish()
    }
}
