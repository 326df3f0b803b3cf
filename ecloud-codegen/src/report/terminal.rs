//! What the place that messages go to can show.

use std::io::{IsTerminal, stderr};

/// What the place that messages go to can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Whether it shows colours.
    pub colour: bool,
    /// Whether a line on it can be written over.
    pub overwrites: bool,
}

impl Terminal {
    /// A file or a pipe: text and nothing else.
    pub fn none() -> Self {
        Self::default()
    }

    /// What standard error is: colours and lines written over on a terminal only, and colours not where `NO_COLOR` is set
    /// (<https://no-color.org>) or the terminal is called `dumb`.
    pub fn of_stderr() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let terminal = stderr().is_terminal() && !dumb;
        Self { colour: terminal && !is_set("NO_COLOR"), overwrites: terminal }
    }
}

/// A text as a terminal may be given it: signs that would move its cursor or colour it are shown as `\u{1b}`.
pub(super) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        // The last two ranges turn the direction of the text around.
        if sign.is_control() || matches!(sign, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') {
            out.extend(sign.escape_unicode());
        } else {
            out.push(sign);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cant_write_on_the_terminal() {
        assert_eq!(harmless("a\u{1b}[31m\r订单\u{202E}"), "a\\u{1b}[31m\\u{d}订单\\u{202e}");
    }
}
