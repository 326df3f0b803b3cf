//! What takes several operations: a job that is started and asked for, a file that is sent in parts.

use super::{Domain, Location, Media, Model, Operation, Output, Resource, Shape, Ty};
use crate::load::{Node, Sort};
use crate::problem::{Problem, Problems};

/// What has to be called after an operation that only begins something; operations by their `operationId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// It starts a job.
    Job {
        /// What says how far the job is.
        poll: String,
        /// What ends it, where something does.
        cancel: Option<String>,
    },
    /// It begins an upload.
    Upload {
        /// What takes a part.
        part: String,
        /// What ends the upload.
        complete: String,
    },
}

impl Steps {
    /// An operation of a resource by its `operationId`.
    pub fn find<'a>(resource: &'a Resource, operation_id: &str) -> Option<&'a Operation> {
        resource.operations.iter().find(|operation| operation.operation_id == operation_id)
    }
}

/// Reads `x-ecloud-job` and `x-ecloud-upload`.
pub(super) fn read(node: Node<'_>, problems: &mut Problems) -> Option<Steps> {
    if let Some(job) = node.field("x-ecloud-job", Sort::Map, problems) {
        let poll = job.required("poll", Sort::Text, problems)?.text()?.to_owned();
        let cancel = job.field_text("cancel", problems).map(str::to_owned);
        return Some(Steps::Job { poll, cancel });
    }
    let upload = node.field("x-ecloud-upload", Sort::Map, problems)?;
    let part = upload.required("part", Sort::Text, problems)?.text()?.to_owned();
    let complete = upload.required("complete", Sort::Text, problems)?.text()?.to_owned();
    Some(Steps::Upload { part, complete })
}

/// What only shows when everything is read: whether the operations that are named are there, and fit.
pub(super) fn check(domain: &Domain, models: &[(Node<'_>, Model)], problems: &mut Problems) {
    for (resource, operation) in domain.operations() {
        let found = match &operation.steps {
            None => Ok(()),
            Some(Steps::Job { poll, cancel }) => job(resource, operation, models, poll, cancel.as_deref()),
            Some(Steps::Upload { part, complete }) => upload(resource, part, complete),
        };
        if let Err(reason) = found {
            problems.add(Problem { place: operation.place.clone(), reason });
        }
    }
}

fn job(
    resource: &Resource,
    operation: &Operation,
    models: &[(Node<'_>, Model)],
    poll: &str,
    cancel: Option<&str>,
) -> Result<(), String> {
    let state = operation.output.model().ok_or("a job's operation answers with the job")?;
    for id in [Some(poll), cancel].into_iter().flatten() {
        let step = Steps::find(resource, id).ok_or_else(|| format!("the resource has no operation `{id}`"))?;
        if step.output.model() != Some(state) {
            return Err(format!("`{id}` doesn't answer with `{state}`, as the operation does that starts the job"));
        }
        let [parameter] = &step.parameters[..] else {
            return Err(format!("`{id}` doesn't have the job's identifier as its one parameter"));
        };
        let field = field(models, state, &parameter.wire).filter(|field| field.is_required());
        if parameter.location != Location::Path || field.is_none_or(|field| field.ty != parameter.ty) {
            return Err(format!("`{state}` has no required `{}` of the type that `{id}` takes", parameter.wire));
        }
        if step.body.is_some() {
            return Err(format!("`{id}` takes a body, which nobody would give"));
        }
    }
    let status = field(models, state, "status").filter(|field| field.is_required()).and_then(|field| field.ty.model());
    let values = models.iter().find(|(_, model)| Some(model.name.as_str()) == status);
    let Some(Shape::Enum(values)) = values.map(|(_, model)| &model.shape) else {
        return Err(format!("`{state}` has no required `status` that is an enum"));
    };
    let known = ["queued", "running", "succeeded", "failed", "cancelled"];
    match values.values.iter().find(|value| !known.contains(&value.wire.as_str())) {
        Some(value) => Err(format!("the status of a job is one of {}, not `{}`", known.join(", "), value.wire)),
        None => Ok(()),
    }
}

fn field<'a>(models: &'a [(Node<'_>, Model)], model: &str, wire: &str) -> Option<&'a super::Field> {
    match models.iter().find(|(_, other)| other.name == model).map(|(_, model)| &model.shape) {
        Some(Shape::Struct(shape)) => shape.fields.iter().find(|field| field.wire == wire),
        _ => None,
    }
}

fn upload(resource: &Resource, part: &str, complete: &str) -> Result<(), String> {
    let find = |id| Steps::find(resource, id).ok_or_else(|| format!("the resource has no operation `{id}`"));
    let names = |operation: &Operation| -> Vec<String> {
        operation.parameters.iter().map(|parameter| parameter.wire.clone()).collect()
    };
    let (part, complete) = (find(part)?, find(complete)?);
    let takes_bytes = part.body.as_ref().is_some_and(|body| body.media == Media::Bytes);
    if !takes_bytes || part.output != Output::Nothing || names(part) != ["upload_id", "number"] {
        return Err("a part takes bytes, answers with nothing, and has the parameters `upload_id`, `number`".to_owned());
    }
    if complete.body.is_some()
        || names(complete) != ["upload_id"]
        || !matches!(complete.output, Output::Json(Ty::Model(_)))
    {
        return Err("an upload is completed by its `upload_id` alone, and answers with what has come of it".to_owned());
    }
    Ok(())
}
