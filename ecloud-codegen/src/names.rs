//! Names: from what a document says to what Rust can say, each unique in its scope.

use std::collections::BTreeMap;

use crate::load::Node;
use crate::problem::Problem;

/// Words that can't be the name of a field, argument, method or module.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Splits a name into its words, in lower case: at every sign that isn't a letter or digit, and where the case rises.
fn words(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &sign) in signs.iter().enumerate() {
        if !(sign.is_alphabetic() || sign.is_ascii_digit()) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = index.checked_sub(1).map(|index| signs[index]);
        let after = signs.get(index + 1);
        // `orderId` rises at `I`; `SKUCode` begins its last word at `C`, since a small letter follows.
        let rises = sign.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if rises && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(sign.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The name as of a field, argument, method or module: `next_cursor`. A keyword gets a trailing underscore.
///
/// `None` when the text has no letter or digit to make a name from.
pub(crate) fn snake(text: &str) -> Option<String> {
    let mut name = words(text).join("_");
    if !name.chars().next()?.is_alphabetic() {
        name.insert(0, '_');
    }
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    Some(name)
}

/// The name as of a type or variant: `OrderStatus`. A name that would begin with a digit begins with `Value`.
///
/// `None` when the text has no letter or digit to make a name from.
pub(crate) fn camel(text: &str) -> Option<String> {
    let mut name = String::new();
    for word in words(text) {
        let mut signs = word.chars();
        name.extend(signs.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(signs.as_str());
    }
    if !name.chars().next()?.is_alphabetic() {
        name.insert_str(0, "Value");
    }
    if name == "Self" {
        name.push('_');
    }
    Some(name)
}

/// The name as plain words, for a text that the document doesn't give: `next cursor`.
pub(crate) fn plain(text: &str) -> String {
    words(text).join(" ")
}

/// The names that are taken in one scope: the types of a module, the fields of a struct, the values of an enum.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Names that belong to the generated code itself.
    reserved: &'static [&'static str],
    taken: BTreeMap<String, String>,
}

impl Scope {
    /// A scope in which some names belong to the generated code itself.
    pub(crate) fn reserving(reserved: &'static [&'static str]) -> Self {
        Self { reserved, taken: BTreeMap::new() }
    }

    /// Takes a name that users know and that therefore may not be changed behind their back.
    ///
    /// # Errors
    ///
    /// When something else has the name already.
    pub(crate) fn claim(&mut self, name: &str, owner: &str, node: Node<'_>) -> Result<(), Problem> {
        let own = self.reserved.contains(&name).then_some("the generated code itself");
        if let Some(other) = own.or(self.taken.get(name).map(String::as_str)) {
            let reason = format!("{owner} would be called `{name}`, which is the name of {other} already");
            return Err(node.problem(reason));
        }
        self.taken.insert(name.to_owned(), owner.to_owned());
        Ok(())
    }

    /// Takes a name for something that also keeps its name on the wire. A reserved name gets a trailing underscore, as keywords
    /// do; one that another has already gets a number, so that the same document always gives the same names.
    pub(crate) fn adapt(&mut self, name: &str, wire: &str) -> String {
        let reserved = self.reserved.contains(&name);
        let stem = if reserved { format!("{name}_") } else { name.to_owned() };
        let blank = if stem.starts_with(char::is_lowercase) && !stem.ends_with('_') { "_" } else { "" };
        let mut free = stem.clone();
        let mut number = 1;
        while self.taken.contains_key(&free) {
            number += 1;
            free = format!("{stem}{blank}{number}");
        }
        self.taken.insert(free.clone(), format!("`{wire}`"));
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_signs_and_where_the_case_rises() {
        for (text, snaked, camelled) in [
            ("orderId", "order_id", "OrderId"),
            ("SKUCode", "sku_code", "SkuCode"),
            ("next-cursor", "next_cursor", "NextCursor"),
            ("ISO8601Time", "iso8601_time", "Iso8601Time"),
            ("id:in", "id_in", "IdIn"),
            ("wait_payment", "wait_payment", "WaitPayment"),
            ("订单", "订单", "订单"),
        ] {
            assert_eq!(snake(text).as_deref(), Some(snaked));
            assert_eq!(camel(text).as_deref(), Some(camelled));
        }
    }

    #[test]
    fn a_keyword_gets_an_underscore() {
        assert_eq!(snake("type").as_deref(), Some("type_"));
        assert_eq!(snake("self").as_deref(), Some("self_"));
        assert_eq!(camel("self").as_deref(), Some("Self_"));
    }

    #[test]
    fn a_name_never_begins_with_a_digit() {
        assert_eq!(snake("3d").as_deref(), Some("_3d"));
        assert_eq!(camel("3d").as_deref(), Some("Value3d"));
    }

    #[test]
    fn signs_alone_make_no_name() {
        assert_eq!(snake(" "), None);
        assert_eq!(camel(""), None);
        assert_eq!(camel("🎁"), None);
    }

    #[test]
    fn a_taken_name_is_numbered_and_a_reserved_one_underlined() {
        let mut scope = Scope::reserving(&["send"]);
        let names = ["red", "red", "Red", "Red", "send", "send", "type_", "type_"];
        let adapted = names.map(|name| scope.adapt(name, name));
        assert_eq!(adapted, ["red", "red_2", "Red", "Red2", "send_", "send_2", "type_", "type_2"]);
    }
}
