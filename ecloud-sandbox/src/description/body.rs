//! Request bodies: of the described shape, with personal fields sealed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ecloud_core::Timestamp;
use jsonschema::{Draft, Validator};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::fields::{details_of, field};
use crate::platform::Refusal;
use crate::protocol::sensitive::{Kind, Safe};
use crate::xml::{self, Format};

/// The most complaints that one answer lists.
const MOST_DETAILS: usize = 20;

/// The body that an operation takes.
#[derive(Deserialize)]
pub(crate) struct Body {
    #[serde(default)]
    required: bool,
    pub(crate) content_type: String,
    schema: Value,
    #[serde(skip)]
    shapes: Option<Shapes>,
    #[serde(skip)]
    validator: OnceLock<Validator>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Body {
    pub(super) fn tie(&mut self, shapes: &Shapes) {
        self.shapes = Some(shapes.clone());
    }

    /// Reads a body, refusing whatever the description doesn't know. `None` where none came and none need come.
    pub(crate) fn read(&self, bytes: &[u8], format: Format, safe: &Arc<Safe>) -> Result<Option<Value>, Refusal> {
        if self.is_file() {
            return Ok(None);
        }
        if bytes.is_empty() {
            return if self.required { Err(Refusal::invalid_field("body", "is required")) } else { Ok(None) };
        }
        let shapes = self.shapes.as_ref().expect("tied when the descriptions were read");
        let value = self.parse(bytes, format)?;
        shapes.check_personal_fields(&self.schema, &value, "", safe)?;

        let validator = self.validator.get_or_init(|| shapes.validator(&self.schema));
        let details: Vec<_> =
            validator.iter_errors(&value).flat_map(|error| details_of(&error)).take(MOST_DETAILS).collect();
        match details.len() {
            0 => Ok(Some(value)),
            count => {
                let plural = if count == 1 { "" } else { "s" };
                Err(Refusal::invalid(format!("the body has {count} invalid field{plural}")).with_details(details))
            }
        }
    }

    /// Whether it is bytes as they are: a file, or a part of one.
    pub(crate) fn is_file(&self) -> bool {
        self.content_type == "application/octet-stream"
    }

    /// The value that a body holds, of whatever shape.
    pub(crate) fn parse(&self, bytes: &[u8], format: Format) -> Result<Value, Refusal> {
        match format {
            Format::Json => serde_json::from_slice(bytes).map_err(|error| {
                Refusal::invalid(format!("the body isn't JSON: line {}, column {}", error.line(), error.column()))
            }),
            Format::Xml => {
                xml::read(bytes, &self.schema, self.shapes.as_ref().expect("tied when the descriptions were read"))
            }
        }
    }
}

/// The schemas of one document, closed: objects take no properties but those that they name.
#[derive(Clone)]
pub(crate) struct Shapes {
    inner: Arc<Inner>,
}

struct Inner {
    text: &'static RawValue,
    schemas: OnceLock<Value>,
}

impl fmt::Debug for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shapes")
    }
}

impl Shapes {
    pub(crate) fn new(text: &'static RawValue) -> Self {
        Self { inner: Arc::new(Inner { text, schemas: OnceLock::new() }) }
    }

    fn schemas(&self) -> &Value {
        self.inner.schemas.get_or_init(|| {
            let mut schemas = serde_json::from_str(self.inner.text.get()).expect("it was read as JSON before");
            close(&mut schemas);
            schemas
        })
    }

    /// A validator for a schema that may refer to the document's.
    pub(super) fn validator(&self, schema: &Value) -> Validator {
        let mut root = schema.clone();
        close(&mut root);
        if let Value::Object(root) = &mut root {
            root.insert("schemas".to_owned(), self.schemas().clone());
        }
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("date-time", is_wire_time)
            .build(&root)
            .expect("the generator writes valid schemas")
    }

    /// A schema itself, where it is given by its name.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        while let Some(name) = Self::name_of(schema) {
            schema = &self.schemas()[name];
        }
        schema
    }

    /// The name by which a schema is given.
    pub(crate) fn name_of(schema: &Value) -> Option<&str> {
        schema.get("$ref")?.as_str()?.strip_prefix("#/schemas/")
    }

    /// The JSON type of a schema: `string` where it names none.
    pub(crate) fn type_of(&self, schema: &Value) -> String {
        self.resolve(schema).get("type").and_then(Value::as_str).unwrap_or("string").to_owned()
    }

    /// Section 9: a personal field in a request is a ciphertext, which opens as its kind and for the caller's shop.
    fn check_personal_fields(&self, schema: &Value, value: &Value, at: &str, safe: &Arc<Safe>) -> Result<(), Refusal> {
        if let Some(kind) = schema.get("x-ecloud-sensitive").and_then(Value::as_str) {
            let kind = kind.parse().expect("the descriptions name known kinds of personal fields");
            return check_personal_field(kind, value, &field(at), safe);
        }
        let schema = self.resolve(schema);
        match value {
            Value::Object(values) => {
                let properties = schema.get("properties").and_then(Value::as_object);
                for (name, value) in values {
                    if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                        self.check_personal_fields(schema, value, &format!("{at}/{name}"), safe)?;
                    }
                }
            }
            Value::Array(values) => {
                if let Some(schema) = schema.get("items") {
                    for (index, value) in values.iter().enumerate() {
                        self.check_personal_fields(schema, value, &format!("{at}/{index}"), safe)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn check_personal_field(kind: Kind, value: &Value, field: &str, safe: &Arc<Safe>) -> Result<(), Refusal> {
    let Some(parts) = value.as_object() else { return Err(Refusal::plaintext(field)) };
    let Some(ciphertext) = parts.get("ciphertext").and_then(Value::as_str).filter(|_| parts.len() == 1) else {
        return Err(Refusal::plaintext(field));
    };
    if !ciphertext.starts_with("~1~") {
        return Err(Refusal::plaintext(field));
    }
    match safe.open(kind, ciphertext) {
        Some(_) => Ok(()),
        None => {
            let reason = format!("is no ciphertext of a {} of this shop", kind.as_str());
            Err(Refusal::invalid_field(format!("{field}.ciphertext"), reason))
        }
    }
}

/// Whether a text is a time exactly as section 3 writes it.
fn is_wire_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok_and(|time| time.to_string() == text)
}

/// Makes every object schema that names its properties refuse all others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            keywords.values_mut().for_each(close);
            if is_open_object(keywords) {
                keywords.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        _ => {}
    }
}

fn is_open_object(keywords: &Map<String, Value>) -> bool {
    keywords.get("properties").is_some_and(Value::is_object)
        && keywords.get("type").is_some_and(|kind| kind == "object")
        && !keywords.contains_key("additionalProperties")
        && !keywords.contains_key("allOf")
}
