//! The API descriptions: every operation, every shape and every state machine that the platform knows.

mod body;
mod fields;
mod parameter;
mod route;
mod states;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use body::{Body, Shapes};
pub(crate) use fields::field;
pub(crate) use parameter::{Parameter, Query};
pub(crate) use route::Routes;
pub(crate) use states::Machine;

use crate::platform::Refusal;
use crate::xml;

const DOCUMENTS: [&str; 4] = [
    include_str!("../../api/product.json"),
    include_str!("../../api/trade.json"),
    include_str!("../../api/logistics.json"),
    // Section 9's own operations: by hand, as no domain crate is generated from them.
    include_str!("security.json"),
];

static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::read);

/// All documents, read once in a process. Schemas stay text until something is checked against them.
#[derive(Debug)]
pub(crate) struct Description {
    operations: Vec<Operation>,
    routes: Routes,
    machines: BTreeMap<String, Machine>,
}

#[derive(Deserialize)]
struct Document {
    operations: Vec<Operation>,
    #[serde(borrow)]
    schemas: &'static RawValue,
    states: BTreeMap<String, Machine>,
}

/// One operation of the platform.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    /// `trade.orders.get`.
    pub(crate) id: String,
    /// `getOrder`, unique over all documents.
    pub(crate) operation_id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Whether it acts for a shop and so needs a token.
    pub(crate) shop: bool,
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    pub(crate) quota: Quota,
    #[serde(default)]
    pub(crate) path_params: Vec<Parameter>,
    #[serde(default)]
    pub(crate) query: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) success: Success,
}

/// What an operation costs.
#[derive(Debug, Deserialize)]
pub(crate) struct Quota {
    pub(crate) group: String,
    pub(crate) weight: u32,
}

/// How an operation answers when it has done what was asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Success {
    pub(crate) status: u16,
    /// Whether it is a file, and no JSON.
    #[serde(default)]
    pub(crate) file: bool,
    schema: Option<Value>,
    #[serde(skip)]
    shapes: Option<Shapes>,
}

impl Success {
    /// The same answer as XML.
    ///
    /// # Errors
    ///
    /// `request.unsupported_media_type` where XML can't carry it.
    pub(crate) fn to_xml(&self, json: &[u8]) -> Result<Bytes, Refusal> {
        let value = serde_json::from_slice(json).expect("answers are written as JSON first");
        let shapes = self.shapes.as_ref().expect("tied when the descriptions were read");
        match xml::write(&value, self.schema.as_ref().unwrap_or(&Value::Null), shapes) {
            Ok(text) => Ok(text.into()),
            Err(what) => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "request.unsupported_media_type",
                format!("XML can't carry the answer: {what}; ask for application/json"),
            )),
        }
    }
}

impl Description {
    pub(crate) fn get() -> &'static Self {
        &DESCRIPTION
    }

    fn read() -> Self {
        let mut operations = Vec::new();
        let mut machines = BTreeMap::new();
        for text in DOCUMENTS {
            let document: Document = serde_json::from_str(text).expect("the generator writes documents of this form");
            let shapes = body::Shapes::new(document.schemas);
            operations.extend(document.operations.into_iter().map(|operation| operation.within(&shapes)));
            machines.extend(document.states);
        }
        let routes = Routes::new(&operations);
        Self { operations, routes, machines }
    }

    /// Whether an operation asks for this scope.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|known| known == scope)
    }

    #[cfg(test)]
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The scopes that operations need, one for each operation.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().filter_map(|operation| operation.scope.as_deref())
    }

    /// The operation that a method on a path's segments stands for, with its path parameters.
    pub(crate) fn find(&self, method: &str, segments: &[String]) -> Option<(&Operation, Vec<(&str, String)>)> {
        let (index, parameters) = self.routes.find(method, segments)?;
        Some((&self.operations[index], parameters))
    }

    /// The state machine of a schema, for example of `OrderStatus`.
    pub(crate) fn machine(&self, schema: &str) -> &Machine {
        self.machines.get(schema).expect("each machine that the platform obeys stands in the descriptions")
    }
}

impl Operation {
    /// Ties the shapes of its document to it.
    fn within(mut self, shapes: &body::Shapes) -> Self {
        for parameter in self.path_params.iter_mut().chain(&mut self.query) {
            parameter.tie(shapes);
        }
        if let Some(body) = &mut self.body {
            body.tie(shapes);
        }
        self.success.shapes = Some(shapes.clone());
        self
    }
}
