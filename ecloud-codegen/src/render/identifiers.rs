//! The identifiers of the core.

use super::code::NARROW;
use super::{doc, head};
use crate::model::Identifier;

/// The file with the identifiers that all domains share; `source` is the description that they stand in.
pub fn identifiers(identifiers: &[Identifier], source: &str) -> String {
    let mut text = head(source, "cargo codegen");
    text.push_str("//! The identifiers that the domains share.\n\nuse super::identifier::identifier;\n");
    for identifier in identifiers {
        text.push_str("\nidentifier! {\n");
        let about = match identifier.doc.as_str() {
            "" => format!("The identifier `{}`.", identifier.name),
            doc => doc.to_owned(),
        };
        for line in doc::lines(&about, NARROW) {
            text.push_str(format!("    /// {line}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("    {}\n}}\n", identifier.name));
    }
    text
}
