//! State machines as tables on a module's page.

use super::code::Code;
use super::doc;
use crate::model::{Cause, Domain, Model, Shape, States, Transition};
use crate::names;

/// Writes the state machines of a module's enums.
pub(super) fn tables(code: &mut Code, domain: &Domain, module: &str, models: &[Model]) {
    let machines: Vec<(&Model, &States)> = models
        .iter()
        .filter_map(|model| match &model.shape {
            Shape::Enum(shape) => Some((model, shape.states.as_ref()?)),
            _ => None,
        })
        .collect();
    if machines.is_empty() {
        return;
    }
    code.page("");
    code.page("# States");
    for (model, states) in machines {
        code.page("");
        code.page(format!("## [`{}`]", model.name));
        code.page("");
        code.page(format!("Begins as {}; ends as {}.", either(&states.initial), either(&states.terminal)));
        code.page("");
        code.page("| from | by | to | in any other state |");
        code.page("|---|---|---|---|");
        for transition in &states.transitions {
            code.page(row(domain, module, transition));
        }
    }
}

fn row(domain: &Domain, module: &str, transition: &Transition) -> String {
    let cause = match &transition.cause {
        Cause::Event(event) => format!("{} (event)", doc::cell(&names::plain(event))),
        Cause::Operation(wanted) => {
            let own = domain.operations().find(|(_, operation)| operation.operation_id == *wanted);
            match own {
                Some((resource, operation)) => {
                    let path = format!("{}::{}", resource.handle, operation.method);
                    if resource.module == module {
                        format!("[`{path}`]")
                    } else {
                        format!("[`{path}`](crate::{}::{path})", resource.module)
                    }
                }
                // Of another domain's crate, which this one doesn't know.
                None => format!("`{wanted}`"),
            }
        }
    };
    let otherwise = transition.otherwise.as_ref().map(|code| format!("`{code}`")).unwrap_or_default();
    let otherwise = if otherwise.is_empty() { otherwise } else { format!("{otherwise} ") };
    format!("| {} | {cause} | {} | {otherwise}|", list(&transition.from), list(&transition.to))
}

fn list(states: &[String]) -> String {
    let each: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
    each.join(", ")
}

fn either(states: &[String]) -> String {
    let each: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
    match each.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}
