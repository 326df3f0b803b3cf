//! Modules: a resource with its handle, operations and models, or the models that resources share.

use std::collections::BTreeSet;

use super::code::{Code, Homes, Imports, NARROW, WIDE};
use super::{doc, events, head_of, model, operation, operation_page, states, steps};
use crate::model::{Domain, Model, Operation, Resource};

/// The module of a resource.
pub(super) fn resource(domain: &Domain, homes: &Homes, resource: &Resource) -> String {
    let mut own = names(&resource.models);
    own.extend(resource.operations.iter().map(|operation| operation.type_name.clone()));
    own.insert(resource.handle.clone());
    let mut imports = Imports::new(own, homes);
    let mut page = Code::default();
    page_of(&mut page, domain, resource);
    let mut code = Code::default();
    handle(&mut code, &mut imports, resource);
    steps::implementations(&mut code, &mut imports, domain, resource);
    for each in &resource.operations {
        operation::operation(&mut code, &mut imports, domain, resource, each);
    }
    for each in &resource.models {
        model::model(&mut code, &mut imports, domain, each);
    }
    assemble(domain, page, imports, code)
}

/// The module of shared models.
pub(super) fn shared(domain: &Domain, homes: &Homes) -> String {
    let mut imports = Imports::new(names(&domain.shared), homes);
    let mut page = Code::default();
    page.page("What several resources of the domain share.");
    states::tables(&mut page, domain, Domain::SHARED, &domain.shared);
    let mut code = Code::default();
    for each in &domain.shared {
        model::model(&mut code, &mut imports, domain, each);
    }
    assemble(domain, page, imports, code)
}

fn names(models: &[Model]) -> BTreeSet<String> {
    models.iter().map(|model| model.name.clone()).collect()
}

fn assemble(domain: &Domain, page: Code, imports: Imports, code: Code) -> String {
    format!("{}{}\n{}{}", head_of(domain), page.into_text(), imports.into_lines(), code.into_text())
}

fn page_of(page: &mut Code, domain: &Domain, resource: &Resource) {
    for line in doc::lines(&doc::full_stop(&resource.summary), WIDE) {
        page.page(line);
    }
    if !resource.description.is_empty() {
        page.page("");
        for line in doc::lines(&resource.description, WIDE) {
            page.page(line);
        }
    }
    page.page("");
    page.page("| call | what it does | request |");
    page.page("|---|---|---|");
    for operation in &resource.operations {
        page.page(format!(
            "| [`{method}`]({}::{method}) | {} | {} |",
            resource.handle,
            doc::cell(&doc::full_stop(&operation.summary)),
            operation_page::request_line(operation),
            method = operation.method,
        ));
    }
    events::of_resource(page, domain, resource);
    states::tables(page, domain, &resource.module, &resource.models);
}

fn handle(code: &mut Code, imports: &mut Imports, resource: &Resource) {
    let shop = imports.core("Shop");
    let name = &resource.handle;
    code.gap();
    code.text(&doc::full_stop(&resource.summary), WIDE);
    code.aliases(&resource.aliases);
    code.line("#[derive(Clone, Debug)]");
    code.line(format!("pub struct {name} {{ shop: {shop} }}"));
    code.gap();
    code.line(format!("impl {name} {{"));
    code.line("#[inline]");
    code.line(format!("pub(crate) fn new(shop: &{shop}) -> Self {{ Self {{ shop: shop.clone() }} }}"));
    for operation in &resource.operations {
        code.gap();
        method(code, imports, operation);
    }
    steps::methods(code, imports, resource);
    code.line("}");
}

fn method(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    code.text(&doc::full_stop(&operation.summary), NARROW);
    code.doc("");
    code.text(&operation_page::facts(operation), NARROW);
    code.aliases(&operation.aliases);
    let arguments = operation::arguments(imports, operation);
    let call = imports.core("Call");
    let mut signature = vec!["&self".to_owned()];
    let mut fields = vec![format!("call: {call}::new(&self.shop)")];
    for (name, ty, field) in arguments {
        signature.push(format!("{name}: {ty}"));
        fields.push(field);
    }
    fields.extend(operation::empty_fields(operation));
    code.line("#[inline]");
    code.line(format!(
        "pub fn {}({}) -> {name} {{ {name} {{ {} }} }}",
        operation.method,
        signature.join(", "),
        fields.join(", "),
        name = operation.type_name,
    ));
}
