//! Unions: which of several types a JSON value is.
//!
//! Generated enums read a value once as [`Json`](crate::Json) and decide by its tag or by its shape, so that one variant is tried, not sixty,
//! and a value that none of them fits is kept as it came.

use serde::de::DeserializeOwned;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The value of a tag, if the value is an object that has it as text.
pub fn tag<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// Reads a value as a type; nothing where it doesn't fit.
pub fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// Writes the variant of a tagged union: what it holds, with the tag once, whatever the type itself says there.
///
/// # Errors
///
/// Those of the value's `Serialize`, and where it isn't an object.
pub fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    tag: &str,
    name: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let value = serde_json::to_value(value).map_err(S::Error::custom)?;
    let Value::Object(fields) = value else {
        return Err(S::Error::custom("a variant with a tag is an object"));
    };
    let has_tag = fields.contains_key(tag);
    let mut map = serializer.serialize_map(Some(fields.len() + usize::from(!has_tag)))?;
    // In the place where the type has it, else first.
    if !has_tag {
        map.serialize_entry(tag, name)?;
    }
    for (key, value) in &fields {
        if key == tag {
            map.serialize_entry(tag, name)?;
        } else {
            map.serialize_entry(key, value)?;
        }
    }
    map.end()
}

/// What the JSON of a type looks like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    kind: Kind,
    known: &'static [&'static str],
    required: &'static [&'static str],
    constants: &'static [(&'static str, &'static [&'static str])],
    texts: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Integer,
    Number,
    Bool,
    List,
    Object,
    Any,
}

impl Shape {
    /// A string.
    pub const TEXT: Self = Self::of(Kind::Text);
    /// A whole number.
    pub const INTEGER: Self = Self::of(Kind::Integer);
    /// A number.
    pub const NUMBER: Self = Self::of(Kind::Number);
    /// `true` or `false`.
    pub const BOOL: Self = Self::of(Kind::Bool);
    /// A list.
    pub const LIST: Self = Self::of(Kind::List);
    /// Anything; tried after all that says more.
    pub const ANY: Self = Self::of(Kind::Any);

    const fn of(kind: Kind) -> Self {
        Self { kind, known: &[], required: &[], constants: &[], texts: &[] }
    }

    /// One of these strings.
    pub const fn texts(texts: &'static [&'static str]) -> Self {
        Self { texts, ..Self::TEXT }
    }

    /// An object that may have these properties.
    pub const fn object(known: &'static [&'static str]) -> Self {
        Self { known, ..Self::of(Kind::Object) }
    }

    /// The properties that it always has.
    #[must_use]
    pub const fn required(mut self, required: &'static [&'static str]) -> Self {
        self.required = required;
        self
    }

    /// The properties that always have one of some values.
    #[must_use]
    pub const fn constants(mut self, constants: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.constants = constants;
        self
    }

    /// How well a value fits, or nothing where it can't be of this shape. Less is better.
    fn misfit(&self, value: &Value) -> Option<Misfit> {
        let fits = |kind| Some(Misfit { kind, ..Misfit::default() });
        match (self.kind, value) {
            (Kind::Any, _) => fits(2),
            (Kind::Text, Value::String(text)) if self.texts.contains(&text.as_str()) => fits(0),
            (Kind::Text, Value::String(_)) => fits(1),
            (Kind::Integer, Value::Number(number)) => (number.is_i64() || number.is_u64()).then(|| fits(0))?,
            (Kind::Number, Value::Number(_)) => fits(1),
            (Kind::Bool, Value::Bool(_)) | (Kind::List, Value::Array(_)) => fits(0),
            (Kind::Object, Value::Object(fields)) => {
                let mut misfit = Misfit::default();
                for (name, values) in self.constants {
                    match fields.get(*name) {
                        Some(found) if is_one_of(found, values) => misfit.unproven -= 1,
                        // Null and nothing are no other value.
                        None | Some(Value::Null) => {}
                        Some(_) => return None,
                    }
                }
                misfit.lacking = self.required.iter().filter(|name| !fields.contains_key(**name)).count();
                misfit.unknown = fields.keys().filter(|name| !self.known.contains(&name.as_str())).count();
                misfit.unsaid = self.required.len();
                Some(misfit)
            }
            _ => None,
        }
    }
}

/// Whether a plain value is one of these, by its text.
fn is_one_of(value: &Value, texts: &[&str]) -> bool {
    match value {
        Value::String(text) => texts.contains(&text.as_str()),
        Value::Number(_) | Value::Bool(_) => texts.contains(&value.to_string().as_str()),
        _ => false,
    }
}

/// How badly a value fits, the weightiest reason first; less is better, but for the last.
#[derive(Clone, Copy, Debug, Default)]
struct Misfit {
    /// How little the kind says.
    kind: u8,
    /// Required properties that aren't there.
    lacking: usize,
    /// Less for each property that has one of its constant values.
    unproven: isize,
    /// Properties that are there and that the shape doesn't know.
    unknown: usize,
    /// How many properties the shape requires; turned around when compared.
    unsaid: usize,
}

/// The shapes that a value can be of, by their place among `shapes`, the best first: constant values that are there decide, then what is
/// required and there, then how many of the value's properties are known. Equals come in the order of `shapes`.
pub fn ranked(value: &Value, shapes: &[Shape]) -> impl Iterator<Item = usize> + use<> {
    let misfits = shapes.iter().enumerate().filter_map(|(index, shape)| Some((shape.misfit(value)?, index)));
    let mut ranked: Vec<(Misfit, usize)> = misfits.collect();
    ranked.sort_by_key(|(misfit, _)| {
        (misfit.kind, misfit.lacking, misfit.unproven, misfit.unknown, std::cmp::Reverse(misfit.unsaid))
    });
    ranked.into_iter().map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Deserializer};
    use serde_json::json;

    use super::*;

    const SHAPES: &[Shape] = &[
        Shape::object(&["type", "number", "cvc"]).required(&["number"]).constants(&[("type", &["card", "scheme"])]),
        Shape::object(&["type", "iban"]).required(&["iban"]).constants(&[("type", &["sepa"])]),
        Shape::object(&["id"]).required(&["id"]),
        Shape::object(&["id", "name"]).required(&["id", "name"]),
        Shape::NUMBER,
        Shape::INTEGER,
        Shape::TEXT,
        Shape::LIST,
    ];

    fn best(value: Value) -> Option<usize> {
        ranked(&value, SHAPES).next()
    }

    #[test]
    fn constants_decide_before_anything_else() {
        assert_eq!(best(json!({"type": "sepa", "number": "1", "iban": "DE1"})), Some(1));
        assert_eq!(best(json!({"type": "scheme", "number": "1"})), Some(0));
        let other: Vec<usize> = ranked(&json!({"type": "other", "number": "1"}), SHAPES).collect();
        assert!(!other.contains(&0) && !other.contains(&1), "{other:?}");
    }

    #[test]
    fn among_shapes_that_have_what_they_require_the_one_that_knows_more_wins() {
        assert_eq!(best(json!({"id": 1, "name": "x"})), Some(3));
        assert_eq!(best(json!({"id": 1})), Some(2));
        assert_eq!(best(json!({"id": 1, "more": 2})), Some(2));
    }

    #[test]
    fn a_shape_that_has_what_it_requires_and_knows_more_comes_first() {
        let order: Vec<usize> = ranked(&json!({"iban": "DE1", "id": 3}), SHAPES).collect();
        assert_eq!(order[..2], [1, 2]);
    }

    #[test]
    fn whole_numbers_are_integers_and_others_numbers() {
        assert_eq!(best(json!(1)), Some(5));
        assert_eq!(best(json!(1.5)), Some(4));
        assert_eq!(best(json!("x")), Some(6));
        assert_eq!(best(json!([1])), Some(7));
        assert_eq!(best(json!(null)), None);
    }

    #[test]
    fn a_tag_is_written_once_whatever_the_type_says_there() {
        struct Tagged(Value);
        impl Serialize for Tagged {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                tagged(serializer, "action", "addCountry", &self.0)
            }
        }
        let written = |value: Value| serde_json::to_string(&Tagged(value)).unwrap();
        assert_eq!(written(json!({"action": "", "country": "DE"})), r#"{"action":"addCountry","country":"DE"}"#);
        assert_eq!(written(json!({"country": "DE"})), r#"{"action":"addCountry","country":"DE"}"#);
        assert!(serde_json::to_string(&Tagged(json!(1))).is_err());
    }

    /// A union as the generator writes it.
    #[derive(Debug, PartialEq)]
    enum Either {
        Id(Named),
        Text(String),
        Unknown(Value),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named {
        id: i64,
    }

    impl<'de> Deserialize<'de> for Either {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            const SHAPES: &[Shape] = &[Shape::object(&["id"]).required(&["id"]), Shape::TEXT];
            let value = Value::deserialize(deserializer)?;
            let read = ranked(&value, SHAPES).find_map(|index| match index {
                0 => read(&value).map(Self::Id),
                1 => read(&value).map(Self::Text),
                _ => None,
            });
            Ok(read.unwrap_or(Self::Unknown(value)))
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("id|type|[a-z]{1,3}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_that_no_variant_fits_is_lost(value in any_json()) {
            match serde_json::from_value::<Either>(value.clone()).unwrap() {
                Either::Unknown(kept) => prop_assert_eq!(kept, value),
                Either::Id(named) => prop_assert_eq!(&value["id"], &json!(named.id)),
                Either::Text(text) => prop_assert_eq!(json!(text), value),
            }
        }
    }
}
