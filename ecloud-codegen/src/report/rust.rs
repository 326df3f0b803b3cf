//! The names of things in Rust, as full paths from the crate's root.

use std::collections::HashMap;

use crate::model::{Domain, Kind, Model, Output, Ty};

/// Where each model of a crate stands.
pub(super) struct Paths<'a> {
    /// The crate, as code names it.
    pub(super) root: String,
    /// By name, with the module.
    models: HashMap<&'a str, (&'a str, &'a Model)>,
}

impl<'a> Paths<'a> {
    pub(super) fn of(domain: &'a Domain) -> Self {
        let models = domain.models().map(|(module, model)| (model.name.as_str(), (module, model)));
        Self { root: domain.package.replace('-', "_"), models: models.collect() }
    }

    /// The path of a model: `square::types::Order`.
    pub(super) fn model(&self, name: &str) -> String {
        let module = self.models.get(name).map_or(Domain::SHARED, |(module, _)| module);
        format!("{}::{module}::{name}", self.root)
    }

    /// A model by its name.
    pub(super) fn get(&self, name: &str) -> Option<&'a Model> {
        self.models.get(name).map(|(_, model)| *model)
    }

    /// The path of a type, with the paths of those in it.
    pub(super) fn ty(&self, ty: &Ty) -> String {
        let plain = match ty {
            Ty::Text => "String",
            Ty::Bool => "bool",
            Ty::I32 => "i32",
            Ty::I64 => "i64",
            Ty::U32 => "u32",
            Ty::U64 => "u64",
            Ty::F64 => "f64",
            Ty::Timestamp => "ecloud_core::Timestamp",
            Ty::Money => "ecloud_core::Money",
            Ty::Secret => "ecloud_core::Secret",
            Ty::File => "ecloud_core::File",
            Ty::Json => "ecloud_core::Json",
            Ty::Id(name) => return format!("ecloud_core::types::{name}"),
            Ty::Sensitive(kind) => {
                return format!("ecloud_core::Sensitive<ecloud_core::sensitive::kind::{}>", word(*kind));
            }
            Ty::List(inner) => return format!("Vec<{}>", self.ty(inner)),
            Ty::OrNull(inner) => return format!("Option<{}>", self.ty(inner)),
            Ty::Map(inner) => return format!("std::collections::BTreeMap<String, {}>", self.ty(inner)),
            Ty::Model(name) => return self.model(name),
        };
        plain.to_owned()
    }

    /// The type of what a success answers with; none where it answers with nothing.
    pub(super) fn output(&self, output: &Output) -> Option<String> {
        match output {
            Output::Nothing => None,
            Output::Json(ty) => Some(self.ty(ty)),
            Output::Maybe(ty) => Some(format!("Option<{}>", self.ty(ty))),
            Output::Text => Some("String".to_owned()),
            Output::Bytes => Some("ecloud_core::Bytes".to_owned()),
            Output::ByStatus(model) => Some(self.model(model)),
        }
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Name => "Name",
        Kind::Phone => "Phone",
        Kind::Address => "Address",
        Kind::Email => "Email",
        Kind::IdNumber => "IdNumber",
        Kind::BankAccount => "BankAccount",
    }
}
