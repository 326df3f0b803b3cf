//! Null where a list or map was promised.

use serde::{Deserialize, Deserializer};

/// Reads null as the empty value: for required lists and maps, which some platforms leave null when there is nothing in them.
///
/// # Errors
///
/// Those of the value's `Deserialize`.
pub fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Basket {
        #[serde(deserialize_with = "null_as_empty")]
        lines: Vec<u32>,
        #[serde(deserialize_with = "null_as_empty")]
        notes: BTreeMap<String, String>,
    }

    #[test]
    fn null_is_an_empty_list_or_map_and_what_is_there_stays() {
        let basket: Basket = serde_json::from_str(r#"{"lines":null,"notes":null}"#).unwrap();
        assert!(basket.lines.is_empty() && basket.notes.is_empty());
        let basket: Basket = serde_json::from_str(r#"{"lines":[1],"notes":{"a":"b"}}"#).unwrap();
        assert_eq!((basket.lines, basket.notes["a"].as_str()), (vec![1], "b"));
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_still_an_error() {
        for text in [r#"{"notes":null}"#, r#"{"lines":{},"notes":null}"#, r#"{"lines":[null],"notes":null}"#] {
            assert!(serde_json::from_str::<Basket>(text).is_err(), "{text}");
        }
    }
}
