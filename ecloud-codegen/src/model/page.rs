//! Pages: whether the answer of a list has what its page style needs.

use super::{Field, Operation, Page, PageStyle, Position, Presence, Struct, Ty};

/// How a model is a page of an operation's list.
pub(super) fn of(operation: &Operation, style: PageStyle, model: &Struct) -> Result<Page, String> {
    let field = |name: &str| model.fields.iter().find(|field| field.wire == name);
    let number = |name: &str, ty: Ty, format: &str| match field(name) {
        Some(field) if field.is_required() && field.ty == ty => Ok(()),
        _ => Err(format!("needs a required `{name}` of format {format} with `minimum: 0` or more")),
    };
    let parameters: &[&str] = match style {
        PageStyle::Cursor => {
            match field("next_cursor") {
                Some(field) if field.ty == Ty::Text && !field.is_required() => {}
                _ => return Err("needs an optional string `next_cursor`".to_owned()),
            }
            &["cursor", "limit"]
        }
        PageStyle::Number | PageStyle::Changes => {
            number("page", Ty::U32, "int32")?;
            number("page_size", Ty::U32, "int32")?;
            number("total", Ty::U64, "int64")?;
            &["page", "page_size"]
        }
        PageStyle::Offset | PageStyle::Link | PageStyle::Url => {
            return Err("the protocol has no pages of that style".to_owned());
        }
    };
    for name in parameters {
        if !operation.parameters.iter().any(|parameter| parameter.wire == *name) {
            return Err(format!("the operation has no parameter `{name}`"));
        }
    }
    if style == PageStyle::Changes {
        let from = operation.parameters.iter().find(|parameter| parameter.wire == "modified_from");
        if !from.is_some_and(|from| from.required && from.ty == Ty::Timestamp) {
            return Err("the operation has no required moment `modified_from`".to_owned());
        }
    }
    match field("items") {
        Some(Field { ty: Ty::List(item), presence: Presence::Required, .. }) => {
            let position = match style {
                PageStyle::Cursor => Position::Cursor(vec!["next_cursor".to_owned()]),
                _ => Position::Number,
            };
            Ok(Page { position, items: vec!["items".to_owned()], item: (**item).clone() })
        }
        _ => Err("needs a required list `items`".to_owned()),
    }
}
