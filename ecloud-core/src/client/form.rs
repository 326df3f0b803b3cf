//! Bodies that are a form in one line (`application/x-www-form-urlencoded`).

use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;

use super::Request;
use super::parameter::{deep, flat, text};

/// How a property that is a list or an object is written into a form. Objects are named by their way where a style is one of lists alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormStyle {
    /// `id=1&id=2`
    Repeat,
    /// `id[]=1&id[]=2`
    Brackets,
    /// `id[0]=1&id[1]=2`
    Indexed,
    /// `id=1,2`; of an object its names and values: `size=w,3,h,4`
    Comma,
    /// `id=1 2`
    Space,
    /// `id=1|2`
    Pipe,
    /// `address[city]=Berlin`; in lists too: `items[0][id]=1`.
    Deep,
    /// `address={"city":"Berlin"}`
    Json,
}

impl Request {
    /// Sets a body that is a form in one line (`application/x-www-form-urlencoded`) of an object's properties.
    ///
    /// Null is left out. Lists of plain values repeat their name, objects and what holds some are named by their way (`a[b]`, `a[0][b]`),
    /// unless `styles` says otherwise for a property.
    pub fn set_form(&mut self, value: &impl Serialize, styles: &[(&str, FormStyle)]) {
        match self.value(value) {
            Some(Value::Object(fields)) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in &fields {
                    let style = styles.iter().find(|(wanted, _)| wanted == name).map(|(_, style)| *style);
                    form.extend_pairs(pairs(name, value, style));
                }
                self.set_bytes("application/x-www-form-urlencoded", form.finish());
            }
            Some(_) => self.note("a form is made of an object"),
            None => {}
        }
    }
}

/// The pairs of one property.
fn pairs(name: &str, value: &Value, style: Option<FormStyle>) -> Vec<(String, String)> {
    let joined = |with: &str| {
        let texts = flat(value);
        if texts.is_empty() { Vec::new() } else { vec![(name.to_owned(), texts.join(with))] }
    };
    match (style, value) {
        (_, Value::Null) => Vec::new(),
        (Some(FormStyle::Json), value) => vec![(name.to_owned(), value.to_string())],
        (Some(FormStyle::Comma), Value::Array(_) | Value::Object(_)) => joined(","),
        (Some(FormStyle::Space), Value::Array(_) | Value::Object(_)) => joined(" "),
        (Some(FormStyle::Pipe), Value::Array(_) | Value::Object(_)) => joined("|"),
        (Some(FormStyle::Brackets), Value::Array(items)) => {
            let name = format!("{name}[]");
            items.iter().flat_map(|item| deep(&name, item)).collect()
        }
        (None | Some(FormStyle::Repeat), Value::Array(items)) if items.iter().all(is_plain) => {
            let items = items.iter().filter(|item| !item.is_null());
            items.map(|item| (name.to_owned(), text(item))).collect()
        }
        (_, value) => deep(name, value),
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}
