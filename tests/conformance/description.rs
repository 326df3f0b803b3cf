//! What the descriptions say of an operation.

use std::sync::LazyLock;

use serde_json::Value;

static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../ecloud-sandbox/api/product.json"),
        include_str!("../../ecloud-sandbox/api/trade.json"),
        include_str!("../../ecloud-sandbox/api/logistics.json"),
    ];
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
});

/// An operation, and the document that it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Description {
    document: &'static Value,
    operation: &'static Value,
}

impl Description {
    /// Every operation.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        DOCUMENTS.iter().flat_map(|document| {
            let operations = document["operations"].as_array().unwrap();
            operations.iter().map(move |operation| Self { document, operation })
        })
    }

    /// The operation of an id: `trade.orders.get`.
    pub(crate) fn of(id: &str) -> Self {
        Self::all().find(|described| described.id() == id).unwrap_or_else(|| panic!("{id} is described nowhere"))
    }

    pub(crate) fn id(&self) -> &'static str {
        self.operation["id"].as_str().unwrap()
    }

    pub(crate) fn status(&self) -> u16 {
        self.operation["success"]["status"].as_u64().unwrap().try_into().unwrap()
    }

    pub(crate) fn is_file(&self) -> bool {
        self.operation["success"]["file"] == true
    }

    /// Whether it is done once under one idempotency key.
    pub(crate) fn is_keyed(&self) -> bool {
        self.operation["retry"] == "keyed"
    }

    /// Whether it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.is_get() || (self.operation["method"] == "POST" && self.operation["retry"] == "safe")
    }

    pub(crate) fn is_get(&self) -> bool {
        self.operation["method"] == "GET"
    }

    pub(crate) fn is_deletion(&self) -> bool {
        self.operation["method"] == "DELETE"
    }

    pub(crate) fn is_list(&self) -> bool {
        !self.operation["page"].is_null()
    }

    pub(crate) fn path(&self) -> &'static str {
        self.operation["path"].as_str().unwrap()
    }

    /// The names of the path's parameters, with their values in the example.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let parameters = self.operation["path_params"].as_array().into_iter().flatten();
        parameters.map(|parameter| (parameter["name"].as_str().unwrap(), parameter["example"].as_str().unwrap()))
    }

    pub(crate) fn needs_a_query(&self) -> bool {
        self.operation["query"].as_array().into_iter().flatten().any(|parameter| parameter["required"] == true)
    }

    /// The operations of the same domain.
    pub(crate) fn siblings(&self) -> impl Iterator<Item = Self> {
        let document = self.document;
        document["operations"].as_array().unwrap().iter().map(move |operation| Self { document, operation })
    }

    /// The name of the model that it answers with.
    pub(crate) fn answer(&self) -> Option<&'static str> {
        named(&self.operation["success"]["schema"])
    }

    /// The properties of a model.
    pub(crate) fn members(&self, model: &str) -> impl Iterator<Item = Member> {
        let properties = self.document["schemas"][model]["properties"].as_object().into_iter().flatten();
        properties.map(|(name, schema)| {
            let is_list = schema["type"] == "array";
            Member { name, model: named(if is_list { &schema["items"] } else { schema }), is_list }
        })
    }

    /// Holds a success against its schema: everything that is described is as described, and nothing else is there.
    pub(crate) fn check(&self, body: &[u8]) -> Value {
        let id = self.id();
        let mut schema = self.operation["success"]["schema"].clone();
        if schema.is_null() {
            assert!(body.is_empty(), "{id} answers with a body");
            return Value::Null;
        }
        let value: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{id} answers no JSON: {error}"));
        schema["schemas"] = self.document["schemas"].clone();
        close(&mut schema);
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{id} isn't answered as described: {errors:#?}");
        value
    }
}

/// A property of a model.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// The model that it is, or that its items are.
    pub(crate) model: Option<&'static str>,
    pub(crate) is_list: bool,
}

fn named(schema: &'static Value) -> Option<&'static str> {
    schema["$ref"].as_str()?.strip_prefix("#/schemas/")
}

/// Nothing may be answered that isn't described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            keywords.values_mut().for_each(close);
            if keywords.get("properties").is_some_and(Value::is_object) && keywords.contains_key("type") {
                keywords.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        _ => {}
    }
}
