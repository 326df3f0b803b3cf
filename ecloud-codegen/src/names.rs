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

/// Whether a sign may stand in a name: letters, but for those that Rust takes for symbols or for the spelling of another letter.
fn is_letter(sign: char) -> bool {
    let odd = matches!(sign,
        '\u{0345}' | '\u{037A}' | '\u{1100}'..='\u{11FF}' | '\u{24B6}'..='\u{24E9}' | '\u{FB00}'..='\u{FDFF}' | '\u{FE70}'..='\u{FFEF}'
        | '\u{1F130}'..='\u{1F189}');
    sign.is_alphabetic() && !odd
}

/// Whether a name may begin with a sign. Of the scripts without case only the large ones are known here, since a vowel sign that
/// needs a letter before it counts as a letter too; a name in another gets a sign of ours at its front.
fn begins_name(sign: char) -> bool {
    let uncased = matches!(sign,
        '\u{05D0}'..='\u{05EA}' | '\u{0620}'..='\u{064A}' | '\u{0671}'..='\u{06D3}' | '\u{0904}'..='\u{0939}'
        | '\u{0E01}'..='\u{0E30}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3105}'..='\u{312F}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{20000}'..='\u{323AF}');
    is_letter(sign) && (sign.is_lowercase() || sign.is_uppercase() || uncased)
}

/// Whether a text can be a name as it stands, were it not for keywords.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut signs = text.chars();
    let begins = signs.next().is_some_and(|sign| sign == '_' || begins_name(sign));
    // A lone underscore is no name.
    begins && text != "_" && signs.all(|sign| sign == '_' || sign.is_ascii_digit() || is_letter(sign))
}

/// Whether Rust keeps a word for itself.
pub(crate) fn is_keyword(word: &str) -> bool {
    word == "Self" || KEYWORDS.contains(&word)
}

/// The beginning of a name, of at most so many characters; cut where a word ends, unless the first word is longer than that.
pub(crate) fn shorten(name: &str, longest: usize) -> String {
    let signs: Vec<char> = name.chars().collect();
    if signs.len() <= longest {
        return name.to_owned();
    }
    let ends = |at: usize| signs[at] == '_' || (signs[at].is_uppercase() && !signs[at - 1].is_uppercase());
    let end = (1..=longest).rev().find(|at| ends(*at)).unwrap_or(longest);
    let kept: String = signs[..end].iter().collect();
    match kept.trim_end_matches('_') {
        "" => signs[..longest].iter().collect(),
        kept => kept.to_owned(),
    }
}

/// Splits a name into its words, in lower case: at every sign that isn't a letter or digit, and where the case rises.
fn words(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &sign) in signs.iter().enumerate() {
        if !(is_letter(sign) || sign.is_ascii_digit()) {
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
    if !begins_name(name.chars().next()?) {
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
    if !begins_name(name.chars().next()?) {
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
    fn what_rust_takes_for_no_letter_stands_in_no_name() {
        for (text, snaked, camelled) in [
            ("Ⓐ", None, None),
            ("ﷺ ok", Some("ok"), Some("Ok")),
            ("طلب", Some("طلب"), Some("طلب")),
            // A vowel sign is a letter, but not one to begin with.
            ("\u{093E}x", Some("_\u{093E}x"), Some("Value\u{093E}x")),
        ] {
            assert_eq!(snake(text).as_deref(), snaked);
            assert_eq!(camel(text).as_deref(), camelled);
        }
        assert!(is_identifier("_3d") && is_identifier("订单") && is_identifier("type"));
        assert!(!is_identifier("") && !is_identifier("_") && !is_identifier("3d") && !is_identifier("a b"));
    }

    #[test]
    fn a_long_name_is_cut_where_a_word_ends() {
        for (name, longest, expected) in [
            ("OrderLine", 9, "OrderLine"),
            ("OrderLines", 9, "Order"),
            ("OrderLineItem", 9, "OrderLine"),
            ("order_line", 6, "order"),
            ("order_line", 5, "order"),
            ("orderline", 5, "order"),
            ("__________", 5, "_____"),
            ("订单订单", 2, "订单"),
        ] {
            assert_eq!(shorten(name, longest), expected);
        }
    }

    #[test]
    fn a_taken_name_is_numbered_and_a_reserved_one_underlined() {
        let mut scope = Scope::reserving(&["send"]);
        let names = ["red", "red", "Red", "Red", "send", "send", "type_", "type_"];
        let adapted = names.map(|name| scope.adapt(name, name));
        assert_eq!(adapted, ["red", "red_2", "Red", "Red2", "send_", "send_2", "type_", "type_2"]);
    }
}
