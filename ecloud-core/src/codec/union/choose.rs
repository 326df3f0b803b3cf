//! Which variant a value is where shapes alone can't tell.

use serde::Serialize;
use serde_json::Value;

use super::effort;
use super::shape::{Shape, groups};

/// Reads a value as the variant that it looks like most.
///
/// `read` reads it as the variant of one of the shapes, by its place among them.
///
/// The kind must fit, and a property with constant values rules out whoever has another there. Then it decides how many constant values are
/// there, how few required properties are missing, and how many of the value's properties the shape knows. A variant that can't be read
/// gives way to the next.
///
/// Of several that the value looks like alike, such as envelopes that differ in what they hold, it is the one that keeps most of it:
/// only then is more than one tried that can be read, and no further one after a variant that keeps all.
pub fn choose<T: Serialize>(value: &Value, shapes: &[Shape], read: impl Fn(usize) -> Option<T>) -> Option<T> {
    groups(value, shapes).into_iter().find_map(|alike| match alike[..] {
        [only] => read(only),
        _ => choose_among(value, &alike, &read),
    })
}

fn choose_among<T: Serialize>(value: &Value, alike: &[usize], read: &impl Fn(usize) -> Option<T>) -> Option<T> {
    let mut best: Option<(usize, T)> = None;
    for index in alike {
        let Some(variant) = read(*index) else { continue };
        let lost = serde_json::to_value(&variant).map_or(usize::MAX, |kept| lost(value, &kept));
        if lost == 0 {
            return Some(variant);
        }
        effort::spend(value);
        if best.as_ref().is_none_or(|(least, _)| lost < *least) {
            best = Some((lost, variant));
        }
    }
    best.map(|(_, variant)| variant)
}

/// How many of a value's parts are gone from what became of it.
fn lost(before: &Value, after: &Value) -> usize {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let each = before.iter().map(|(name, value)| match after.get(name) {
                Some(kept) => lost(value, kept),
                None if value.is_null() => 0,
                None => effort::count(value),
            });
            each.sum()
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            before.iter().zip(after).map(|(before, after)| lost(before, after)).sum()
        }
        (Value::Object(_) | Value::Array(_), _) => effort::count(before),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Envelopes that look alike.
    const SHAPES: &[Shape] = &[Shape::object(&["data"]), Shape::object(&["data", "meta"]), Shape::object(&["error"])];

    /// Chooses among variants by what each of them keeps.
    fn chosen(value: &Value, kept: [Value; 3]) -> Option<Value> {
        choose(value, SHAPES, |index| Some(kept[index].clone()))
    }

    #[test]
    fn of_variants_that_look_alike_the_one_that_keeps_most_is_chosen() {
        let value = json!({"data": {"type": "b", "plan": {"id": 1}, "note": null}});
        let kept = [json!({"data": {"type": "b"}}), json!({"data": {"type": "b", "plan": {"id": 1.0}}}), json!({})];
        assert_eq!(chosen(&value, kept.clone()), Some(kept[1].clone()));
    }

    #[test]
    fn of_equals_the_first_is_chosen() {
        let value = json!({"data": {"a": 1, "b": 2}});
        let kept = [json!({"data": {"a": 1}}), json!({"data": {"b": 2}}), json!({})];
        assert_eq!(chosen(&value, kept.clone()), Some(kept[0].clone()));
    }

    #[test]
    fn a_variant_that_looks_better_is_chosen_though_it_keeps_less() {
        let value = json!({"error": {"code": 1}});
        let kept = [value.clone(), value.clone(), json!({"error": {}})];
        assert_eq!(chosen(&value, kept.clone()), Some(kept[2].clone()));
    }

    #[test]
    fn variants_that_cannot_be_read_are_passed_over() {
        let value = json!({"data": 1});
        let read = |index| (index == 1).then(|| json!({}));
        assert_eq!(choose(&value, SHAPES, read), Some(json!({})));
        assert_eq!(choose(&value, SHAPES, |_| None::<Value>), None);
    }

    #[test]
    fn a_list_that_has_another_length_is_lost() {
        assert_eq!(lost(&json!([1, 2]), &json!([1])), 3);
        assert_eq!(lost(&json!([1, {"a": 2}]), &json!([1, {}])), 1);
    }
}
