//! The words that names are put together from: which of them do something, and what one of many is called.

use crate::names;

/// Words that say what is done. Those that may name a thing as well stand in [`ACTS`].
const VERBS: &[&str] = &[
    "accept",
    "acknowledge",
    "activate",
    "add",
    "adjust",
    "advance",
    "allocate",
    "amend",
    "anonymize",
    "append",
    "apply",
    "approve",
    "archive",
    "assign",
    "associate",
    "attach",
    "authenticate",
    "authorize",
    "begin",
    "bind",
    "book",
    "browse",
    "calculate",
    "cancel",
    "change",
    "check",
    "claim",
    "clear",
    "clone",
    "close",
    "collect",
    "compare",
    "complete",
    "compute",
    "configure",
    "confirm",
    "connect",
    "convert",
    "copy",
    "count",
    "create",
    "deactivate",
    "decline",
    "deduct",
    "delete",
    "deliver",
    "deny",
    "describe",
    "destroy",
    "detach",
    "disable",
    "disassociate",
    "disconnect",
    "dismiss",
    "dispatch",
    "download",
    "duplicate",
    "empty",
    "enable",
    "end",
    "estimate",
    "evaluate",
    "exchange",
    "execute",
    "expire",
    "fetch",
    "finalize",
    "find",
    "finish",
    "fulfill",
    "generate",
    "get",
    "grant",
    "hide",
    "import",
    "initialize",
    "initiate",
    "insert",
    "install",
    "invite",
    "join",
    "leave",
    "link",
    "list",
    "load",
    "lock",
    "login",
    "logout",
    "lookup",
    "manage",
    "mark",
    "merge",
    "modify",
    "move",
    "notify",
    "obtain",
    "open",
    "patch",
    "pause",
    "pay",
    "perform",
    "ping",
    "post",
    "prepare",
    "process",
    "provide",
    "publish",
    "purchase",
    "put",
    "query",
    "reactivate",
    "read",
    "rebuild",
    "receive",
    "recover",
    "redeem",
    "refresh",
    "register",
    "reindex",
    "reject",
    "release",
    "remove",
    "rename",
    "renew",
    "reopen",
    "reorder",
    "replace",
    "resend",
    "reset",
    "resolve",
    "restore",
    "resume",
    "retrieve",
    "retry",
    "revert",
    "revoke",
    "rotate",
    "run",
    "save",
    "schedule",
    "search",
    "select",
    "send",
    "set",
    "settle",
    "show",
    "sign",
    "simulate",
    "start",
    "stop",
    "submit",
    "subscribe",
    "suspend",
    "swap",
    "switch",
    "sync",
    "synchronize",
    "terminate",
    "test",
    "toggle",
    "transition",
    "trigger",
    "unarchive",
    "unassign",
    "uninstall",
    "unlink",
    "unlock",
    "unmark",
    "unpublish",
    "unsubscribe",
    "update",
    "upload",
    "upsert",
    "validate",
    "verify",
    "view",
    "void",
    "withdraw",
    "write",
];

/// Words that do something when they stand behind the thing that it's done to (`/orders/{id}/refund`), and else name a thing.
const ACTS: &[&str] =
    &["capture", "charge", "checkout", "export", "preview", "refund", "return", "ship", "track", "transfer"];

/// Words that say that something is done to many at once, and stand before the verb.
const MANY: &[&str] = &["batch", "bulk", "mass", "multi"];

/// Words between a verb and what it's done to that don't make a name any clearer.
const ARTICLES: &[&str] = &["a", "an", "the"];

/// The words of a text, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let plain = names::plain(text);
    plain.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a word says what is done.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.binary_search(&word).is_ok()
}

/// Whether a word says what is done if it stands behind a thing.
pub(super) fn is_act(word: &str) -> bool {
    is_verb(word) || ACTS.contains(&word)
}

/// Whether a word says that something is done to many at once.
pub(super) fn is_many(word: &str) -> bool {
    MANY.contains(&word)
}

/// Whether a word is an article.
pub(super) fn is_article(word: &str) -> bool {
    ARTICLES.contains(&word)
}

/// The verb in its plain form, if the word is one: `creates` is `create`.
pub(super) fn verb(word: &str) -> Option<String> {
    let plain = [word, word.strip_suffix('s').unwrap_or(word), word.strip_suffix("es").unwrap_or(word)];
    let ending = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let plain = plain.into_iter().map(str::to_owned).chain(ending);
    plain.into_iter().find(|word| is_verb(word))
}

/// Whether a word is the number of a version: `v2`, `2021`, `v1beta1`, or one of its parts.
pub(super) fn is_version(segment: &str) -> bool {
    let rest = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let plain = |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | '-' | '_');
    let tail = &rest[digits..];
    digits > 0 && (tail.chars().all(plain) || tail.starts_with("alpha") || tail.starts_with("beta"))
}

/// What one of many is called: `addresses` is `address`. Words that it isn't sure about stay.
pub(super) fn singular(word: &str) -> String {
    const SAME: &[&str] = &["alias", "analytics", "canvas", "gas", "lens", "news", "series", "sms", "species", "this"];
    if SAME.contains(&word) || !word.is_ascii() {
        return word.to_owned();
    }
    let ends = |ending: &str| word.len() > ending.len() + 1 && word.ends_with(ending);
    let cut = |count: usize| word[..word.len() - count].to_owned();
    if ends("ies") && word.len() > 4 {
        return format!("{}y", cut(3));
    }
    if ["sses", "shes", "ches", "xes", "zzes", "tuses", "buses"].into_iter().any(ends) {
        return cut(2);
    }
    if ends("s") && !["ss", "us", "is"].into_iter().any(|ending| word.ends_with(ending)) {
        return cut(1);
    }
    word.to_owned()
}

/// What many are called: `addresses` of `address`. Words that are many already stay.
pub(super) fn plural(word: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if singular(word) != word {
        return word.to_owned();
    }
    match word.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "oy", "uy"]) => format!("{stem}ies"),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verbs_are_sorted() {
        assert!(VERBS.is_sorted());
    }

    #[test]
    fn one_of_many_has_its_own_word() {
        for (many, one) in [
            ("orders", "order"),
            ("addresses", "address"),
            ("categories", "category"),
            ("statuses", "status"),
            ("warehouses", "warehouse"),
            ("boxes", "box"),
            ("taxes", "tax"),
            ("batches", "batch"),
            ("status", "status"),
            ("address", "address"),
            ("data", "data"),
            ("series", "series"),
            ("s", "s"),
            ("订单", "订单"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn many_have_their_own_word() {
        for (one, many) in
            [("order", "orders"), ("patch", "patches"), ("entry", "entries"), ("day", "days"), ("orders", "orders")]
        {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn a_verb_is_known_in_the_third_person() {
        assert_eq!(verb("creates").as_deref(), Some("create"));
        assert_eq!(verb("applies").as_deref(), Some("apply"));
        assert_eq!(verb("searches").as_deref(), Some("search"));
        assert_eq!(verb("address"), None);
    }

    #[test]
    fn versions_are_no_words() {
        for segment in ["v1", "V2", "2021-08-01", "v1.2", "v1beta1", "1"] {
            assert!(is_version(segment), "{segment}");
        }
        for segment in ["orders", "v", "vat", "3d-models", ""] {
            assert!(!is_version(segment), "{segment}");
        }
    }
}
