//! Bytes as base64: `#[serde(with = "crate::snapshot::base64")]`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: From<Bytes>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| D::Error::custom("the bytes are no base64"))?;
    Ok(Bytes::from(bytes).into())
}

/// Pieces of bytes by their number.
pub(crate) mod numbered {
    use std::collections::BTreeMap;

    use super::{BASE64_STANDARD, Bytes, Deserialize, Deserializer, Serializer};
    use base64::Engine as _;
    use serde::de::Error as _;

    pub(crate) fn serialize<S: Serializer>(pieces: &BTreeMap<u64, Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(pieces.iter().map(|(number, bytes)| (number, BASE64_STANDARD.encode(bytes))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u64, Bytes>, D::Error> {
        let decoded = |(number, text): (u64, String)| match BASE64_STANDARD.decode(text) {
            Ok(bytes) => Ok((number, bytes.into())),
            Err(_) => Err(D::Error::custom("the bytes are no base64")),
        };
        BTreeMap::<u64, String>::deserialize(deserializer)?.into_iter().map(decoded).collect()
    }
}
