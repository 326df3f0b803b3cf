//! Texts of documents become doc comments that rustdoc takes without a warning.
//!
//! Documents say what they say in CommonMark, mostly. Code, lists, tables and links stay; what rustdoc would misread is escaped:
//! brackets that are no links, HTML, bare addresses, code without a language (which it would run), signs that turn the text.

/// The text as lines of Markdown, wrapped at a width; paragraphs are parted by an empty line.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let text = clean(text);
    let mut blocks = Blocks { width, out: Vec::new(), open: None };
    let mut fence: Option<String> = None;
    for line in text.lines() {
        if let Some(end) = &fence {
            if line.trim().starts_with(end.as_str()) {
                blocks.verbatim(end.clone());
                fence = None;
            } else {
                blocks.verbatim(line.trim_end().to_owned());
            }
            continue;
        }
        match sort(line) {
            Sort::Blank => blocks.blank(),
            Sort::Fence(end) => {
                blocks.close();
                blocks.part();
                blocks.verbatim(format!("{end}{}", language(line)));
                fence = Some(end);
            }
            Sort::Heading(text) => {
                blocks.close();
                blocks.part();
                blocks.out.push(format!("**{}**", inline(text)));
                blocks.out.push(String::new());
            }
            Sort::Row => {
                blocks.close();
                blocks.out.push(inline(line.trim()));
            }
            Sort::Item(indent, mark, text) => blocks.item(indent, mark, text),
            Sort::Text(text) => blocks.text(text),
        }
    }
    if let Some(end) = fence {
        blocks.verbatim(end);
    }
    blocks.finish()
}

/// The text in one line.
pub(super) fn line(text: &str) -> String {
    let text = clean(text);
    inline(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text as the cell of a table.
pub(super) fn cell(text: &str) -> String {
    line(text).replace('|', "\\|")
}

/// The text with a full stop, if it ends with a letter.
pub(super) fn full_stop(text: &str) -> String {
    let text = text.trim_end();
    let open = text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | ')' | '"'));
    format!("{text}{}", if open { "." } else { "" })
}

/// Takes out what has no place in a source text: control characters, and signs that change the direction of what follows.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
    let turns =
        |sign: char| matches!(sign, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let keeps = |sign: &char| *sign == '\n' || !(sign.is_control() || turns(*sign) || *sign == '\u{FEFF}');
    text.chars().filter(keeps).collect()
}

enum Sort<'a> {
    Blank,
    /// The beginning of a code block, with the signs that end it.
    Fence(String),
    Heading(&'a str),
    /// A row of a table.
    Row,
    /// An item of a list: its indentation, its mark, its text.
    Item(usize, String, &'a str),
    Text(&'a str),
}

fn sort(line: &str) -> Sort<'_> {
    let text = line.trim();
    let indent = line.len() - line.trim_start().len();
    for sign in ["`", "~"] {
        let count = text.len() - text.trim_start_matches(sign).len();
        if count >= 3 {
            return Sort::Fence(sign.repeat(count));
        }
    }
    // Wrapped, a quotation would need its sign on each line; what it says doesn't.
    let text = text.trim_start_matches(['>', ' ']);
    if text.is_empty() {
        return Sort::Blank;
    }
    let heading = text.trim_start_matches('#');
    if heading.len() < text.len() && heading.starts_with(' ') {
        return Sort::Heading(heading.trim());
    }
    if text.starts_with('|') {
        return Sort::Row;
    }
    if let Some((mark, rest)) = text.split_once(' ')
        && is_mark(mark)
    {
        let mark = if mark.starts_with(['-', '*', '+']) { "-" } else { mark };
        return Sort::Item(indent, mark.to_owned(), rest.trim());
    }
    Sort::Text(text)
}

/// Whether a word at the beginning of a line begins an item of a list.
fn is_mark(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']).unwrap_or_default();
    let counted = !number.is_empty() && number.len() < 10 && number.bytes().all(|byte| byte.is_ascii_digit());
    ["-", "*", "+"].contains(&word) || counted
}

/// The language of a code block: rustdoc would run what has none, or is said to be Rust.
fn language(line: &str) -> &str {
    let word = line.trim().trim_start_matches(['`', '~']).trim();
    match word {
        "json" | "xml" | "http" | "yaml" | "sh" | "bash" | "html" | "sql" => word,
        _ => "text",
    }
}

/// Puts text together again, a block at a time.
struct Blocks {
    width: usize,
    out: Vec<String>,
    /// The paragraph or item that may go on: what its first line and its others begin with, and its text.
    open: Option<(String, String, String)>,
}

impl Blocks {
    fn text(&mut self, text: &str) {
        match &mut self.open {
            Some((_, _, open)) => {
                open.push(' ');
                open.push_str(text);
            }
            None => {
                self.part();
                self.open = Some((String::new(), String::new(), text.to_owned()));
            }
        }
    }

    fn item(&mut self, indent: usize, mark: String, text: &str) {
        let first = self.open.as_ref().is_none_or(|(first, _, _)| first.is_empty());
        self.close();
        if first && self.out.last().is_some_and(|last| !is_item(last)) {
            self.part();
        }
        // Deeper than the item above is one level deeper, whatever the document's step is.
        let level = if indent >= 2 { "  " } else { "" };
        let others = format!("{level}{}", " ".repeat(mark.len() + 1));
        self.open = Some((format!("{level}{mark} "), others, text.to_owned()));
    }

    fn verbatim(&mut self, line: String) {
        self.out.push(line);
    }

    /// Ends the open paragraph or item.
    fn close(&mut self) {
        let Some((first, others, text)) = self.open.take() else {
            return;
        };
        let words = inline(&text);
        let wrapped = wrap(&words, self.width.saturating_sub(first.len()).max(20));
        for (index, line) in wrapped.into_iter().enumerate() {
            let begin = if index == 0 { &first } else { &others };
            self.out.push(format!("{begin}{line}"));
        }
    }

    fn blank(&mut self) {
        self.close();
        self.part();
    }

    /// Sees to it that an empty line stands before what follows.
    fn part(&mut self) {
        if self.out.last().is_some_and(|last| !last.is_empty()) {
            self.out.push(String::new());
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        while self.out.last().is_some_and(String::is_empty) {
            self.out.pop();
        }
        self.out
    }
}

fn is_item(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(is_mark)
}

/// Breaks a text into lines, never inside code or a link, and never so that a line begins like a list or heading.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut code = false;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let inside = code;
        if word.matches('`').count() % 2 == 1 {
            code = !code;
        }
        let special =
            is_mark(word) || word.starts_with(['#', '>', '|', '=', '~']) || word.bytes().all(|byte| byte == b'-');
        let full = line.chars().count() + 1 + word.chars().count() > width;
        if full && !line.is_empty() && !inside && !special {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Escapes what rustdoc would misread within a line.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let taken = match sign {
            '`' => code(rest, &mut out),
            '<' => angle(rest, &mut out),
            '[' => link(rest, &mut out),
            'h' => address(rest, &mut out),
            ']' => {
                out.push_str("\\]");
                1
            }
            '\\' => {
                // An escape of the document's own stays one.
                let next = rest[1..].chars().next().filter(char::is_ascii_punctuation);
                out.push('\\');
                out.push(next.unwrap_or('\\'));
                1 + next.map_or(0, char::len_utf8)
            }
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

/// A run of backticks, and the code up to the next run of the same length. Answers with how much was taken.
fn code(rest: &str, out: &mut String) -> usize {
    let count = rest.len() - rest.trim_start_matches('`').len();
    let ticks = &rest[..count];
    let mut at = count;
    while let Some(found) = rest[at..].find('`') {
        let start = at + found;
        let tail = &rest[start..];
        let run = tail.len() - tail.trim_start_matches('`').len();
        if run == count {
            out.push_str(&rest[..start + run]);
            return start + run;
        }
        at = start + run;
    }
    for _ in ticks.chars() {
        out.push_str("\\`");
    }
    count
}

/// `<`: kept before an address that it closes again, escaped before anything else.
fn angle(rest: &str, out: &mut String) -> usize {
    if let Some(end) = rest.find('>') {
        let inner = &rest[1..end];
        if is_address(inner) && !inner.contains([' ', '<']) {
            out.push_str(&rest[..=end]);
            return end + 1;
        }
    }
    out.push_str("\\<");
    1
}

/// `[`: kept where it begins a link to an address, escaped anywhere else.
fn link(rest: &str, out: &mut String) -> usize {
    if let Some((words, tail)) = rest[1..].split_once("](")
        && let Some((target, _)) = tail.split_once(')')
        && is_address(target)
        && !words.contains(['[', ']'])
        && !target.contains(char::is_whitespace)
    {
        let taken = 1 + words.len() + 2 + target.len() + 1;
        out.push('[');
        out.push_str(words);
        out.push_str("](");
        out.push_str(target);
        out.push(')');
        return taken;
    }
    out.push_str("\\[");
    1
}

/// An address that stands bare gets its angle brackets.
fn address(rest: &str, out: &mut String) -> usize {
    if !is_address(rest) || out.ends_with(char::is_alphanumeric) {
        out.push('h');
        return 1;
    }
    let ends = |sign: char| sign.is_whitespace() || matches!(sign, '<' | '>' | '"' | '`' | ')' | ']' | '|');
    let end = rest.find(ends).unwrap_or(rest.len());
    let found = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
    out.push('<');
    out.push_str(found);
    out.push('>');
    found.len()
}

fn is_address(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|host| host.starts_with(char::is_alphanumeric)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_link_and_is_none_is_escaped() {
        assert_eq!(line("items[0] and [this]"), "items\\[0\\] and \\[this\\]");
        assert_eq!(line("see [docs](https://e.com/a)"), "see [docs](https://e.com/a)");
        assert_eq!(line("[docs](./local)"), "\\[docs\\](./local)");
    }

    #[test]
    fn an_address_gets_angle_brackets_once() {
        assert_eq!(line("at https://e.com/a?b=1."), "at <https://e.com/a?b=1>.");
        assert_eq!(line("at <https://e.com>"), "at <https://e.com>");
        assert_eq!(line("`https://e.com`"), "`https://e.com`");
    }

    #[test]
    fn html_is_escaped_but_not_in_code() {
        assert_eq!(line("a <b>c</b> `Vec<T>`"), "a \\<b>c\\</b> `Vec<T>`");
    }

    #[test]
    fn a_backtick_alone_is_escaped() {
        assert_eq!(line("it`s"), "it\\`s");
        assert_eq!(line("``a`b`` c"), "``a`b`` c");
    }

    #[test]
    fn returns_and_signs_that_turn_the_text_are_taken_out() {
        assert_eq!(lines("a\r\nb\rc\u{202E}d", 80), ["a b cd"]);
    }

    #[test]
    fn code_that_would_be_run_is_said_to_be_text() {
        let text = "a\n```\nlet x;\n```\nb";
        assert_eq!(lines(text, 80), ["a", "", "```text", "let x;", "```", "", "b"]);
        assert_eq!(lines("```rust\nx", 80), ["```text", "x", "```"]);
    }

    #[test]
    fn indented_text_is_no_code() {
        assert_eq!(lines("a\n\n      b", 80), ["a", "", "b"]);
    }

    #[test]
    fn paragraphs_are_wrapped_and_items_indented() {
        let text = "one two three four five six\n\n- seven eight nine ten eleven\n- twelve";
        let expected = ["one two three four five", "six", "", "- seven eight nine ten", "  eleven", "- twelve"];
        assert_eq!(lines(text, 24), expected);
    }

    #[test]
    fn a_wrapped_line_never_begins_like_a_list() {
        assert_eq!(lines("aaaaaaaaaaaaaaaaaaa - bbbb", 20), ["aaaaaaaaaaaaaaaaaaa -", "bbbb"]);
    }

    #[test]
    fn a_cell_keeps_its_table_whole() {
        assert_eq!(cell("a | b\nc"), "a \\| b c");
    }
}
