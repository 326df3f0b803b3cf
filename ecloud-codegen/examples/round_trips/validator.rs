//! Whether a value is valid, by the `jsonschema` crate.

use std::cell::RefCell;
use std::collections::HashMap;

use jsonschema::{Registry, Validator};
use serde_json::Value;

use crate::schema::{ADDRESS, Schemas};

/// Validators of schemas and of parts of schemas, each made when it's first asked for.
pub(crate) struct Validators<'a> {
    schemas: &'a Schemas<'a>,
    registry: &'a Registry<'a>,
    /// By the address of the schema, which doesn't move as long as the schemas are borrowed.
    made: RefCell<HashMap<*const Value, Option<Validator>>>,
}

/// The registry that [`Validators`] look references up in.
pub(crate) fn registry(whole: &Value) -> Result<Registry<'_>, String> {
    let registry = Registry::new().add(ADDRESS, whole).and_then(jsonschema::RegistryBuilder::prepare);
    registry.map_err(|error| error.to_string())
}

impl<'a> Validators<'a> {
    pub(crate) fn new(schemas: &'a Schemas<'a>, registry: &'a Registry<'a>) -> Self {
        Self { schemas, registry, made: RefCell::default() }
    }

    /// The schemas that it judges by.
    pub(crate) fn schemas(&self) -> &'a Schemas<'a> {
        self.schemas
    }

    /// Whether a value is valid under a schema; nothing is under a schema that no validator can be made of.
    pub(crate) fn is_valid(&self, schema: &'a Value, value: &Value) -> bool {
        let mut made = self.made.borrow_mut();
        let validator = made.entry(std::ptr::from_ref(schema)).or_insert_with(|| self.make(schema).ok());
        validator.as_ref().is_some_and(|validator| validator.is_valid(value))
    }

    /// Why a value isn't valid, in one line; nothing if it is.
    pub(crate) fn reason(&self, schema: &Value, value: &Value) -> Option<String> {
        let validator = match self.make(schema) {
            Ok(validator) => validator,
            Err(reason) => return Some(reason),
        };
        let error = validator.validate(value).err()?;
        let reason: String = error.masked().to_string().chars().take(200).collect();
        Some(format!("{}: {reason}", error.instance_path()))
    }

    fn make(&self, schema: &Value) -> Result<Validator, String> {
        let options = jsonschema::options().with_registry(self.registry).should_validate_formats(false);
        options.build(schema).map_err(|error| error.to_string())
    }
}
