//! State machines as the descriptions print them (`x-ecloud-states`), and as the platform obeys them.

use serde::Deserialize;

use crate::platform::Refusal;

/// The states that an object can be in and what leads from one to another.
#[derive(Debug, Deserialize)]
pub(crate) struct Machine {
    initial: Vec<String>,
    #[serde(default)]
    terminal: Vec<String>,
    transitions: Vec<Transition>,
}

#[derive(Debug, Deserialize)]
struct Transition {
    from: Vec<String>,
    operation: Option<String>,
    event: Option<String>,
    to: Vec<String>,
    #[serde(rename = "else")]
    otherwise: Option<String>,
}

impl Machine {
    /// The states that `operation` may lead to from `state`, or the refusal that the description names for any other state.
    pub(crate) fn operation(&self, operation: &str, state: &str) -> Result<&[String], Refusal> {
        let named = || self.transitions.iter().filter(|transition| transition.operation.as_deref() == Some(operation));
        if let Some(transition) = named().find(|transition| transition.from.iter().any(|from| from == state)) {
            return Ok(&transition.to);
        }
        let code =
            named().find_map(|transition| transition.otherwise.clone()).unwrap_or_else(|| "request.invalid".into());
        let states: Vec<&str> = named().flat_map(|transition| &transition.from).map(String::as_str).collect();
        Err(Refusal::rule(code, format!("its status is {state}; this needs {}", states.join(" or "))))
    }

    /// The states that something which no operation does may lead to from `state`; `None` where it can't happen there.
    pub(crate) fn event(&self, event: &str, state: &str) -> Option<&[String]> {
        self.transitions
            .iter()
            .filter(|transition| transition.event.as_deref() == Some(event))
            .find(|transition| transition.from.iter().any(|from| from == state))
            .map(|transition| transition.to.as_slice())
    }

    /// The state that a new object is in.
    pub(crate) fn starts_in(&self, state: &str) -> bool {
        self.initial.iter().any(|initial| initial == state)
    }

    /// Whether an object may come to one state from another, or stay in it.
    pub(crate) fn leads(&self, from: &str, to: &str) -> bool {
        let fits = |transition: &Transition| {
            transition.from.iter().any(|state| state == from) && transition.to.iter().any(|state| state == to)
        };
        from == to || self.transitions.iter().any(fits)
    }

    /// Whether nothing leads out of a state.
    pub(crate) fn ends_in(&self, state: &str) -> bool {
        self.terminal.iter().any(|terminal| terminal == state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        serde_json::from_str(
            r#"{"initial": ["wait_payment"], "terminal": ["closed"], "transitions": [
                {"from": ["wait_payment"], "operation": "closeOrder", "event": null, "to": ["closed"], "else": "trade.order_not_closable"},
                {"from": ["wait_payment"], "operation": null, "event": "buyer_pays", "to": ["paid"], "else": null}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_operation_leads_on_from_its_states_and_is_refused_in_any_other() {
        assert_eq!(machine().operation("closeOrder", "wait_payment").unwrap(), ["closed"]);
        let refusal = machine().operation("closeOrder", "paid").unwrap_err();
        assert_eq!((refusal.status().as_u16(), refusal.code()), (422, "trade.order_not_closable"));
    }

    #[test]
    fn a_state_leads_only_where_a_transition_does() {
        let machine = machine();
        assert!(machine.leads("wait_payment", "paid") && machine.leads("paid", "paid"));
        assert!(!machine.leads("paid", "closed") && !machine.leads("closed", "paid"));
        assert!(machine.starts_in("wait_payment") && !machine.starts_in("paid"));
        assert!(machine.ends_in("closed") && !machine.ends_in("paid"));
    }

    #[test]
    fn an_event_happens_only_in_its_states() {
        assert_eq!(machine().event("buyer_pays", "wait_payment"), Some(&["paid".to_owned()][..]));
        assert_eq!(machine().event("buyer_pays", "paid"), None);
        assert_eq!(machine().event("closeOrder", "wait_payment"), None);
    }
}
