//! What a schema finds wrong, in words for a person and without the value, which may be personal.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use crate::platform::Detail;

/// The fields that an error names: mostly one, several where unknown ones came.
pub(super) fn details_of(error: &ValidationError<'_>) -> Vec<Detail> {
    let at = field(error.instance_path().as_str());
    let below = |name: &str| if at == BODY { name.to_owned() } else { format!("{at}.{name}") };
    match error.kind() {
        Kind::Required { property } => vec![Detail::new(below(property.as_str().unwrap_or_default()), "is required")],
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| Detail::new(below(name), "is unknown here")).collect()
        }
        _ => vec![Detail::new(at, reason_of(error))],
    }
}

/// What is wrong with one value.
pub(super) fn reason_of(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Enum { options } => format!("must be one of {options}"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} entries"),
        Kind::MaxItems { limit } => format!("must have at most {limit} entries"),
        Kind::MinProperties { limit } => format!("must have at least {limit} properties"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} properties"),
        Kind::UniqueItems => "must not repeat an entry".to_owned(),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } if format == "date-time" => "must be a time like 2026-11-22T08:30:00.000Z".to_owned(),
        Kind::Format { format } => format!("must be a {format}"),
        Kind::Type { kind } => match kind {
            jsonschema::error::TypeKind::Single(expected) => format!("must be of type {expected}"),
            jsonschema::error::TypeKind::Multiple(_) => "is of a type that doesn't fit".to_owned(),
        },
        Kind::Constant { expected_value } => format!("must be {expected_value}"),
        other => format!("breaks the rule `{}` of its schema", other.keyword()),
    }
}

/// How the body as a whole is named.
const BODY: &str = "body";

/// `/items/0/quantity` as a person writes it: `items[0].quantity`.
pub(crate) fn field(pointer: &str) -> String {
    let mut field = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            field.push_str(&format!("[{part}]"));
        } else {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(&part);
        }
    }
    if field.is_empty() { BODY.to_owned() } else { field }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_pointer_reads_as_a_person_writes_it() {
        assert_eq!(field("/items/0/quantity"), "items[0].quantity");
        assert_eq!(field("/a~1b/c"), "a/b.c");
        assert_eq!(field(""), "body");
    }
}
