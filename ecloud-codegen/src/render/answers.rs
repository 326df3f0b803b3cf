//! Enums of what an operation answers with under each status.

use super::code::{Code, Imports, NARROW};
use super::model::about;
use crate::model::{Case, Model, Output, Ty};

/// Writes what an operation answers with, by status.
pub(super) fn answers(code: &mut Code, imports: &mut Imports, model: &Model, cases: &[Case]) {
    let raw = imports.core("RawAnswer");
    code.gap();
    about(code, model);
    code.line("#[derive(Clone, Debug)]");
    code.line("#[non_exhaustive]");
    code.line(format!("pub enum {} {{", model.name));
    for case in cases {
        let status = shown(case.status);
        match case.doc.as_str() {
            "" => code.doc(format!("{status}.")),
            doc => code.text(&format!("{status}: {doc}"), NARROW),
        }
        match output(imports, &case.output) {
            Some(ty) => code.line(format!("{}({ty}),", case.name)),
            None => code.line(format!("{},", case.name)),
        }
    }
    code.doc("Another success than the document knows; as it came.");
    code.line(format!("Other({raw}), }}"));
    reading(code, imports, model, cases, &raw);
}

fn reading(code: &mut Code, imports: &mut Imports, model: &Model, cases: &[Case], raw: &str) {
    let (from, error) = (imports.core("FromAnswer"), imports.core("Error"));
    code.gap();
    code.line(format!("impl {from} for {} {{", model.name));
    code.line(format!("fn from_answer(answer: &{raw}) -> Result<Self, {error}> {{ match answer.status() {{"));
    // A range of statuses is tried after the statuses that stand for themselves.
    let mut ordered: Vec<&Case> = cases.iter().collect();
    ordered.sort_by_key(|case| (case.status < 100, case.status == 0));
    let open = ordered.last().is_some_and(|case| case.status == 0);
    for case in ordered {
        let pattern = match case.status {
            0 => "_".to_owned(),
            range @ 1..=9 => format!("{range}00..={range}99"),
            status => status.to_string(),
        };
        let name = &case.name;
        let value = match &case.output {
            Output::Nothing | Output::ByStatus(_) => format!("Ok(Self::{name})"),
            Output::Json(ty) if is_boxed(ty) => format!("answer.json().map(Box::new).map(Self::{name})"),
            Output::Json(_) => format!("answer.json().map(Self::{name})"),
            Output::Maybe(_) | Output::Text | Output::Bytes => format!("{from}::from_answer(answer).map(Self::{name})"),
        };
        code.line(format!("{pattern} => {value},"));
    }
    if !open {
        code.line("_ => Ok(Self::Other(answer.clone())),");
    }
    code.line("} } }");
}

fn is_boxed(ty: &Ty) -> bool {
    matches!(ty, Ty::Model(_))
}

/// The status as the document's readers know it.
fn shown(status: u16) -> String {
    match status {
        0 => "Every other status".to_owned(),
        range @ 1..=9 => format!("Status {range}XX"),
        status => format!("Status {status}"),
    }
}

/// The type of what comes, if something does.
fn output(imports: &mut Imports, output: &Output) -> Option<String> {
    Some(match output {
        Output::Nothing | Output::ByStatus(_) => return None,
        Output::Json(ty) if is_boxed(ty) => format!("Box<{}>", imports.ty(ty)),
        Output::Json(ty) => imports.ty(ty),
        Output::Maybe(ty) => format!("Option<{}>", imports.ty(ty)),
        Output::Text => "String".to_owned(),
        Output::Bytes => imports.core("Bytes"),
    })
}
