//! State machines of enums, and whether they agree with the operations.

use super::{Cause, Domain, Shape, States, Transition, Value};
use crate::load::{Node, Sort};
use crate::problem::{Problem, Problems};

/// The status of a business rule that doesn't allow an operation.
const RULE: u16 = 422;

/// Reads `x-ecloud-states` of an enum with these values.
pub(super) fn read(node: Node<'_>, values: &[Value], problems: &mut Problems) -> States {
    let transitions = node.required("transitions", Sort::List, problems);
    let transitions = transitions.into_iter().flat_map(Node::items);
    let states = States {
        initial: names(node, "initial", values, problems),
        terminal: names(node, "terminal", values, problems),
        transitions: transitions.filter_map(|transition| self::transition(transition, values, problems)).collect(),
        place: node.place(),
    };
    for name in &states.terminal {
        if let Some(transition) = states.transitions.iter().find(|transition| leaves(transition, name)) {
            let to = transition.to.join("`, `");
            problems.add(node.problem(format!("`{name}` is terminal, but a transition leads from it to `{to}`")));
        }
    }
    states
}

fn leaves(transition: &Transition, state: &str) -> bool {
    let from = transition.from.iter().any(|from| from == state);
    from && transition.to.iter().any(|to| to != state)
}

fn transition(node: Node<'_>, values: &[Value], problems: &mut Problems) -> Option<Transition> {
    let operation = node.field_text("operation", problems);
    let event = node.field_text("event", problems);
    let cause = match (operation, event) {
        (Some(operation), None) => Cause::Operation(operation.to_owned()),
        (None, Some(event)) => Cause::Event(event.to_owned()),
        _ => {
            problems.add(node.problem("a transition has either an `operation` or an `event`"));
            return None;
        }
    };
    let otherwise = node.field_text("else", problems).map(str::to_owned);
    for (key, value) in node.pairs() {
        if !["from", "operation", "event", "to", "else"].contains(&key) {
            problems.add(value.problem(format!("`{key}` of a transition can't be expressed")));
        }
    }
    Some(Transition {
        from: names(node, "from", values, problems),
        cause,
        to: names(node, "to", values, problems),
        otherwise,
    })
}

/// The states under a key: one, or a list of them.
fn names(node: Node<'_>, key: &str, values: &[Value], problems: &mut Problems) -> Vec<String> {
    let Some(under) = node.get(key) else {
        problems.add(node.problem(format!("`{key}` is missing")));
        return Vec::new();
    };
    let nodes: Vec<Node<'_>> = if under.sort() == Sort::List { under.items().collect() } else { vec![under] };
    let mut names = Vec::new();
    for node in nodes {
        match node.text() {
            Some(name) if values.iter().any(|value| value.wire == name) => names.push(name.to_owned()),
            Some(name) => problems.add(node.problem(format!("`{name}` is none of the values"))),
            None => problems.add(node.problem(format!("expected a state, found {}", node.sort().article()))),
        }
    }
    names
}

/// Whether the state machines of all domains name operations that exist, and codes that those answer with.
///
/// # Errors
///
/// When an operation is missing or doesn't declare the code with status 422.
pub fn check(domains: &[Domain]) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for (_, model) in domains.iter().flat_map(Domain::models) {
        let Shape::Enum(shape) = &model.shape else {
            continue;
        };
        let Some(states) = &shape.states else {
            continue;
        };
        for transition in &states.transitions {
            if let Some(reason) = disagreement(transition, domains) {
                problems.add(Problem { place: states.place.clone(), reason });
            }
        }
    }
    problems.into_result()
}

fn disagreement(transition: &Transition, domains: &[Domain]) -> Option<String> {
    let Cause::Operation(wanted) = &transition.cause else {
        return None;
    };
    let mut operations = domains.iter().flat_map(Domain::operations);
    let Some((_, operation)) = operations.find(|(_, operation)| operation.operation_id == *wanted) else {
        return Some(format!("no document has an operation `{wanted}`"));
    };
    let code = transition.otherwise.as_ref()?;
    let declared = operation.errors.iter().any(|error| error.code == *code && error.status == RULE);
    (!declared).then(|| format!("`{wanted}` doesn't declare `{code}` with status {RULE}"))
}
