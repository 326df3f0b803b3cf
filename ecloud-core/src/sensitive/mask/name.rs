//! Names of persons.

use unicode_segmentation::UnicodeSegmentation;

use super::first_grapheme;

/// Surnames of two characters that are in use (of those in the Hundred Family Surnames and of the Ministry of Public Security's reports on
/// names). One that is missing costs a character too many hidden.
const COMPOUND_SURNAMES: [&str; 40] = [
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "独孤", "南宫", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐",
    "长孙", "宇文", "轩辕", "端木", "百里", "呼延", "东郭", "南门", "西门", "闻人", "公羊", "澹台", "公冶", "宗政",
    "濮阳", "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "鲜于", "闾丘", "拓跋", "赫连", "完颜",
];

/// The dots between the parts of a name from another language.
const DOTS: [char; 6] = ['·', '•', '‧', '∙', '・', '･'];

/// Masks a name: `张伟` is `张*`, `欧阳修` is `欧阳*`, `买买提·艾力` is `买**·**`, `John Smith` is `J***`.
pub fn name(text: &str) -> String {
    let text = text.trim();
    let Some(first) = first_grapheme(text) else {
        return if text.is_empty() { "*" } else { "***" }.to_owned();
    };
    if first.len() == text.len() {
        return "*".to_owned();
    }
    if text.graphemes(true).any(is_dot) {
        return with_dots(text, first);
    }
    if first.chars().next().is_some_and(is_han) { chinese(text, first) } else { format!("{first}***") }
}

/// The surname, and a star for each character after it, three at most.
fn chinese(text: &str, first: &str) -> String {
    let count = text.graphemes(true).filter(|grapheme| !grapheme.trim().is_empty()).take(5).count();
    let two: usize = text.graphemes(true).take(2).map(str::len).sum();
    let (shown, characters) = match &text[..two] {
        surname if count > 2 && COMPOUND_SURNAMES.contains(&surname) => (surname, 2),
        _ => (first, 1),
    };
    format!("{shown}{}", "*".repeat((count - characters).min(3)))
}

fn with_dots(text: &str, first: &str) -> String {
    let own: usize = text.graphemes(true).take_while(|grapheme| !is_dot(grapheme)).map(str::len).sum();
    let own = &text[..own];
    // A name that begins with a dot has no part to show.
    let shown = if own.starts_with(first) { first } else { "" };
    let rest = own.len() > shown.len() || shown.is_empty();
    let mut masked = format!("{shown}{}", if rest { "**" } else { "" });
    // No name has more parts than that; a text that has is cut short.
    for _ in text.graphemes(true).filter(|grapheme| is_dot(grapheme)).take(3) {
        masked.push_str("·**");
    }
    masked
}

/// A dot that carries an accent or a colour divides nothing.
fn is_dot(grapheme: &str) -> bool {
    grapheme.chars().all(|c| DOTS.contains(&c))
}

fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}
