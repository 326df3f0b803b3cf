//! What the JSON of a type looks like, and which of several types a value looks like most.

use std::cmp::Reverse;

use serde_json::Value;

/// What the JSON of a type looks like.
///
/// ```
/// use ecloud_core::codec::union::{Shape, choose};
/// use ecloud_core::Json;
///
/// const SHAPES: &[Shape] = &[
///     Shape::object(&["type", "number"]).required(&["number"]).constants(&[("type", &["scheme"])]),
///     Shape::TEXT,
/// ];
/// let chosen = |value| choose(&value, SHAPES, Some);
/// assert_eq!(chosen(Json::from("4111")), Some(1));
/// assert_eq!(chosen(Json::from(4111)), None);
/// ```
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

    /// A string that is best one of these, but may be another.
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

    /// The properties that always have one of some values; numbers and booleans by their JSON text.
    #[must_use]
    pub const fn constants(mut self, constants: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.constants = constants;
        self
    }

    /// How badly a value fits, or nothing where it can't be of this shape.
    fn misfit(&self, value: &Value) -> Option<Misfit> {
        let fits = |vagueness| Some(Misfit { vagueness, ..Misfit::default() });
        match (self.kind, value) {
            (Kind::Text, Value::String(text)) if self.texts.contains(&text.as_str()) => fits(0),
            (Kind::Text, Value::String(_)) => fits(1),
            (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => fits(0),
            (Kind::Number, Value::Number(_)) => fits(1),
            (Kind::Bool, Value::Bool(_)) | (Kind::List, Value::Array(_)) => fits(0),
            (Kind::Object, Value::Object(fields)) => self.misfit_of(fields),
            (Kind::Any, _) => fits(2),
            _ => None,
        }
    }

    fn misfit_of(&self, fields: &serde_json::Map<String, Value>) -> Option<Misfit> {
        let mut proven = 0;
        for (name, texts) in self.constants {
            match fields.get(*name) {
                Some(found) if is_one_of(found, texts) => proven += 1,
                // Null says as little as nothing.
                None | Some(Value::Null) => {}
                Some(_) => return None,
            }
        }
        Some(Misfit {
            vagueness: 0,
            proven: Reverse(proven),
            lacking: self.required.iter().filter(|name| !fields.contains_key(**name)).count(),
            unknown: fields.keys().filter(|name| !self.known.contains(&name.as_str())).count(),
            required: Reverse(self.required.len()),
        })
    }
}

/// Whether a plain value is one of these, by its text.
fn is_one_of(value: &Value, texts: &[&str]) -> bool {
    match value {
        Value::String(text) => texts.contains(&text.as_str()),
        Value::Bool(true) => texts.contains(&"true"),
        Value::Bool(false) => texts.contains(&"false"),
        Value::Number(number) => texts.contains(&number.to_string().as_str()),
        _ => false,
    }
}

/// How badly a value fits; the least is the best, and the first field that differs decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Misfit {
    /// How little the kind says.
    vagueness: u8,
    /// How many properties have one of their constant values: nothing else is so sure a sign.
    proven: Reverse<usize>,
    /// How many required properties aren't there.
    lacking: usize,
    /// How many properties are there that the shape doesn't know; the fewer, the more it knows.
    unknown: usize,
    /// How many properties the shape requires.
    required: Reverse<usize>,
}

/// The shapes that a value can be of, by their place among `shapes`: the best first, those together that it fits equally well.
///
/// The kind must fit, and a property with constant values rules out whoever has another there. Then it decides how many constant values are
/// there, how few required properties are missing, and how many of the value's properties the shape knows.
pub(super) fn groups(value: &Value, shapes: &[Shape]) -> Vec<Vec<usize>> {
    let misfits = misfits(value, shapes);
    let groups = misfits.chunk_by(|(one, _), (other, _)| one == other);
    groups.map(|group| group.iter().map(|(_, index)| *index).collect()).collect()
}

fn misfits(value: &Value, shapes: &[Shape]) -> Vec<(Misfit, usize)> {
    super::effort::begin();
    let misfits = shapes.iter().enumerate().filter_map(|(index, shape)| Some((shape.misfit(value)?, index)));
    let mut ranked: Vec<(Misfit, usize)> = misfits.collect();
    ranked.sort_unstable();
    ranked
}

#[cfg(test)]
mod tests {
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

    fn order(value: &Value) -> Vec<usize> {
        ranked(value, SHAPES)
    }

    /// All shapes that a value can be of, the best first.
    fn ranked(value: &Value, shapes: &[Shape]) -> Vec<usize> {
        groups(value, shapes).concat()
    }

    #[test]
    fn constants_decide_before_anything_else() {
        assert_eq!(order(&json!({"type": "sepa", "number": "1", "iban": "DE1"}))[0], 1);
        assert_eq!(order(&json!({"type": "scheme", "number": "1"}))[0], 0);
        assert_eq!(order(&json!({"type": "scheme", "id": 1}))[..2], [0, 2]);
    }

    #[test]
    fn another_value_than_the_constant_rules_a_shape_out_and_null_does_not() {
        let other = order(&json!({"type": "other", "number": "1"}));
        assert!(!other.contains(&0) && !other.contains(&1), "{other:?}");
        assert_eq!(order(&json!({"type": null, "number": "1"}))[0], 0);
        assert_eq!(order(&json!({"number": "1"}))[0], 0);
    }

    #[test]
    fn constants_that_are_no_texts_are_compared_by_their_json() {
        const VERSIONS: &[Shape] = &[
            Shape::object(&["v"]).constants(&[("v", &["1"])]),
            Shape::object(&["v"]).constants(&[("v", &["2"])]),
            Shape::object(&["v"]).constants(&[("v", &["true"])]),
        ];
        assert_eq!(ranked(&json!({"v": 2}), VERSIONS), [1]);
        assert_eq!(ranked(&json!({"v": true}), VERSIONS), [2]);
        assert_eq!(ranked(&json!({"v": {}}), VERSIONS).len(), 0);
    }

    #[test]
    fn a_shape_that_has_all_it_requires_comes_before_one_that_lacks_some() {
        assert_eq!(order(&json!({"iban": "DE1", "id": 3})), [1, 2, 3, 0]);
        assert_eq!(order(&json!({"id": 1})), [2, 3, 0, 1]);
    }

    #[test]
    fn among_shapes_that_have_all_they_require_the_one_that_knows_more_wins() {
        assert_eq!(order(&json!({"id": 1, "name": "x"}))[0], 3);
        assert_eq!(order(&json!({"id": 1, "more": 2}))[0], 2);
    }

    #[test]
    fn whole_numbers_are_integers_and_others_numbers() {
        assert_eq!(order(&json!(1)), [5, 4]);
        assert_eq!(order(&json!(u64::MAX)), [5, 4]);
        assert_eq!(order(&json!(1.5)), [4]);
        assert_eq!(order(&json!("x")), [6]);
        assert_eq!(order(&json!([1])), [7]);
        assert!(order(&json!(null)).is_empty());
    }

    #[test]
    fn what_says_more_is_tried_before_what_takes_anything() {
        const VAGUE: &[Shape] = &[Shape::ANY, Shape::TEXT, Shape::texts(&["a"])];
        assert_eq!(ranked(&json!("a"), VAGUE), [2, 1, 0]);
        assert_eq!(ranked(&json!("b"), VAGUE), [1, 2, 0]);
        assert_eq!(ranked(&json!(null), VAGUE), [0]);
    }

    #[test]
    fn equals_come_in_their_order() {
        const SAME: &[Shape] = &[Shape::object(&["a"]), Shape::object(&["a"]), Shape::object(&["a"])];
        assert_eq!(ranked(&json!({"a": 1}), SAME), [0, 1, 2]);
    }
}
