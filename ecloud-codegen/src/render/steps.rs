//! What takes several operations, as one thing to hold: jobs to wait for, files to send.

use super::code::{Code, Imports};
use crate::model::{Domain, Operation, Resource, Shape, Steps, Ty};

/// Writes the methods of a resource's handle that take several operations.
pub(super) fn methods(code: &mut Code, imports: &mut Imports, resource: &Resource) {
    for operation in &resource.operations {
        match &operation.steps {
            Some(Steps::Job { poll, .. }) => job_method(code, imports, resource, operation, poll),
            Some(Steps::Upload { complete, .. }) => upload_method(code, imports, resource, operation, complete),
            None => {}
        }
    }
}

/// `job`, or `start_import_job` where the resource has several.
fn job_name(resource: &Resource, operation: &Operation) -> String {
    let jobs = resource.operations.iter().filter(|other| matches!(other.steps, Some(Steps::Job { .. }))).count();
    if jobs > 1 { format!("{}_job", operation.method) } else { "job".to_owned() }
}

fn job_method(code: &mut Code, imports: &mut Imports, resource: &Resource, operation: &Operation, poll: &str) {
    let Some(parameter) = Steps::find(resource, poll).and_then(|poll| poll.parameters.first()) else { return };
    let (job, state) = (imports.core("Job"), imports.ty(&Ty::Model(model_of(operation))));
    let (name, ty) = (&parameter.name, imports.argument(&parameter.ty));
    let (method, steps) = (job_name(resource, operation), steps_name(operation));
    code.gap();
    code.doc(format!(
        "A job that [`{}`](Self::{0}) has started, to be waited for. Nothing is asked for yet.",
        operation.method
    ));
    code.line("#[inline]");
    code.line(format!("pub fn {method}(&self, {name}: {ty}) -> {job}<{state}> {{"));
    let value = super::code::convert(&parameter.ty, name);
    code.line(format!("{job}::new({steps} {{ shop: self.shop.clone(), {name}: {value} }}) }}"));
}

fn upload_method(code: &mut Code, imports: &mut Imports, resource: &Resource, operation: &Operation, complete: &str) {
    let Some(complete) = Steps::find(resource, complete) else { return };
    let upload = imports.of("ecloud_core::transfer", "Upload");
    let source = imports.of("ecloud_core::transfer", "UploadSource");
    let output = imports.ty(&Ty::Model(model_of(complete)));
    code.gap();
    code.doc(
        "Sends a file of any size, from memory, from the disk or from a stream, in parts that are retried one by one.",
    );
    code.line("#[inline]");
    code.line(format!("pub fn upload(&self, source: impl Into<{source}>) -> {upload}<{output}> {{"));
    code.line(format!("{upload}::new({} {{ shop: self.shop.clone() }}, source) }}", steps_name(operation)));
}

/// Writes what the core asks jobs and uploads for.
pub(super) fn implementations(code: &mut Code, imports: &mut Imports, domain: &Domain, resource: &Resource) {
    let mut known: Vec<String> = Vec::new();
    for operation in &resource.operations {
        match &operation.steps {
            Some(Steps::Job { poll, cancel }) => {
                job_steps(code, imports, resource, operation, (poll, cancel.as_deref()));
                let state = model_of(operation);
                if !known.contains(&state) {
                    job_state(code, imports, domain, &state);
                    known.push(state);
                }
            }
            Some(Steps::Upload { part, complete }) => {
                if let (Some(part), Some(complete)) = (Steps::find(resource, part), Steps::find(resource, complete)) {
                    upload_steps(code, imports, operation, part, complete);
                }
            }
            None => {}
        }
    }
}

fn job_steps(
    code: &mut Code,
    imports: &mut Imports,
    resource: &Resource,
    operation: &Operation,
    (poll, cancel): (&str, Option<&str>),
) {
    let Some(poll) = Steps::find(resource, poll) else { return };
    let Some(parameter) = poll.parameters.first() else { return };
    imports.method("Operation");
    let (shop, request, trait_name) = (imports.core("Shop"), imports.core("Request"), imports.core("JobSteps"));
    let (name, ty, steps, handle) =
        (&parameter.name, imports.ty(&parameter.ty), steps_name(operation), &resource.handle);
    let ask = |method: &str| format!("{handle}::new(&self.shop).{method}(self.{name}.clone()).request()");
    code.gap();
    code.line(format!("struct {steps} {{ shop: {shop}, {name}: {ty} }}"));
    code.gap();
    code.line(format!("impl {trait_name} for {steps} {{"));
    code.line(format!("fn poll(&self) -> {request} {{ {} }}", ask(&poll.method)));
    if let Some(cancel) = cancel.and_then(|cancel| Steps::find(resource, cancel)) {
        code.gap();
        code.line(format!("fn cancel(&self) -> Option<{request}> {{ Some({}) }}", ask(&cancel.method)));
    }
    code.line("}");
}

fn job_state(code: &mut Code, imports: &mut Imports, domain: &Domain, state: &str) {
    let (trait_name, phase) = (imports.core("JobState"), imports.core("JobPhase"));
    let ty = imports.ty(&Ty::Model(state.to_owned()));
    code.gap();
    code.line(format!("impl {trait_name} for {ty} {{"));
    code.line(format!("fn phase(&self) -> {phase} {{ match self.status.as_str() {{"));
    code.line(format!("\"succeeded\" => {phase}::Succeeded,"));
    code.line(format!("\"failed\" => {phase}::Failed,"));
    code.line(format!("\"cancelled\" => {phase}::Cancelled,"));
    code.line(format!("_ => {phase}::Running, }} }}"));
    let fails = match domain.model(state).map(|(_, model)| &model.shape) {
        Some(Shape::Struct(shape)) => shape.fields.iter().any(|field| field.wire == "failure" && !field.is_required()),
        _ => false,
    };
    if fails {
        code.gap();
        code.line("fn failure(&self) -> Option<(&str, &str)> {");
        code.line("self.failure.as_ref().map(|failure| (failure.code.as_str(), failure.message.as_str())) }");
    }
    code.line("}");
}

fn upload_steps(code: &mut Code, imports: &mut Imports, operation: &Operation, part: &Operation, complete: &Operation) {
    imports.method("Operation");
    let (shop, call, request) = (imports.core("Shop"), imports.core("Call"), imports.core("Request"));
    let trait_name = imports.of("ecloud_core::transfer", "UploadSteps");
    let steps = steps_name(operation);
    code.gap();
    code.line(format!("struct {steps} {{ shop: {shop} }}"));
    code.gap();
    code.line(format!("impl {trait_name} for {steps} {{"));
    code.line(format!("fn create(&self, file: &ecloud_core::transfer::UploadFile) -> {request} {{"));
    code.line(format!("let mut request = {call}::new(&self.shop).request({}::INFO);", operation.type_name));
    code.line("request.set_json(file); request }");
    code.gap();
    code.line(format!("fn part(&self, upload_id: &str, number: u32) -> {request} {{"));
    code.line(format!("let mut request = {call}::new(&self.shop).request({}::INFO);", part.type_name));
    code.line("request.set_path(\"upload_id\", &upload_id); request.set_path(\"number\", &number); request }");
    code.gap();
    code.line(format!("fn complete(&self, upload_id: &str) -> {request} {{"));
    code.line(format!("let mut request = {call}::new(&self.shop).request({}::INFO);", complete.type_name));
    code.line("request.set_path(\"upload_id\", &upload_id); request }");
    code.line("}");
}

/// Writes the method of an operation that starts its job.
pub(super) fn start(code: &mut Code, imports: &mut Imports, resource: &Resource, operation: &Operation) {
    let Some(Steps::Job { poll, .. }) = &operation.steps else { return };
    let Some(parameter) = Steps::find(resource, poll).and_then(|poll| poll.parameters.first()) else { return };
    let (job, error) = (imports.core("Job"), imports.core("Error"));
    let state = imports.ty(&Ty::Model(model_of(operation)));
    let (handle, method) = (&resource.handle, job_name(resource, operation));
    code.doc(format!(
        "Sends the call and answers with the job that it has started, to be [waited for]({job}::wait) or looked at."
    ));
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    code.doc("Those of [the operation](Self#errors).");
    code.line(format!("pub async fn start(self) -> Result<{job}<{state}>, {error}> {{"));
    code.line(format!("let handle = {handle}::new(self.call.shop());"));
    code.line("let state = self.send().await?;");
    code.line(format!("Ok(handle.{method}(state.{}.clone()).with_state(state)) }}", parameter.name));
    code.gap();
}

fn steps_name(operation: &Operation) -> String {
    format!("{}Steps", operation.type_name)
}

fn model_of(operation: &Operation) -> String {
    operation.output.model().unwrap_or_default().to_owned()
}
