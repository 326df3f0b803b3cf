//! Expressions of example code, laid out as `rustfmt` would: it doesn't reach into doc comments.

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// Something that is never broken.
    Atom(String),
    /// A call of a function.
    Call(String, Vec<Expression>),
    /// An array.
    List(Vec<Expression>),
    /// An expression and what is done with it, one after another.
    Chain(Box<Expression>, Vec<Link>),
}

/// One step of a chain.
#[derive(Clone, Debug)]
pub(super) struct Link {
    name: String,
    /// The arguments, if it's a call.
    arguments: Option<Vec<Expression>>,
}

impl Link {
    pub(super) fn call(name: &str, arguments: Vec<Expression>) -> Self {
        Self { name: name.to_owned(), arguments: Some(arguments) }
    }

    pub(super) fn text(name: &str) -> Self {
        Self { name: name.to_owned(), arguments: None }
    }

    fn flat(&self) -> String {
        match &self.arguments {
            Some(arguments) => format!(".{}({})", self.name, flat(arguments)),
            None => format!(".{}", self.name),
        }
    }
}

fn flat(expressions: &[Expression]) -> String {
    let each: Vec<String> = expressions.iter().map(Expression::flat).collect();
    each.join(", ")
}

impl Expression {
    /// A chain that begins with a name.
    pub(super) fn chain(head: &str, links: Vec<Link>) -> Self {
        Self::Chain(Box::new(Self::Atom(head.to_owned())), links)
    }

    /// The expression in one line.
    pub(super) fn flat(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Call(name, arguments) => format!("{name}({})", flat(arguments)),
            Self::List(items) => format!("[{}]", flat(items)),
            Self::Chain(head, links) => {
                let links: String = links.iter().map(Link::flat).collect();
                format!("{}{links}", head.flat())
            }
        }
    }

    /// The expression between what stands before and after it, in as many lines as it takes.
    pub(super) fn lines(&self, before: &str, after: &str, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        self.lay(&mut lines, 0, before, after, width);
        lines
    }

    fn lay(&self, lines: &mut Vec<String>, indent: usize, before: &str, after: &str, width: usize) {
        let margin = " ".repeat(indent);
        let whole = format!("{margin}{before}{}{after}", self.flat());
        if whole.chars().count() <= width || matches!(self, Self::Atom(_)) {
            lines.push(whole);
            return;
        }
        match self {
            Self::Atom(_) => {}
            Self::Call(name, arguments) => {
                bracket(lines, indent, &format!("{before}{name}("), arguments, &format!("){after}"), width)
            }
            Self::List(items) => bracket(lines, indent, &format!("{before}["), items, &format!("]{after}"), width),
            Self::Chain(head, links) => {
                let above = lines.len();
                head.lay(lines, indent, before, "", width);
                // Below a head of several lines the links need no indentation to be told from it.
                let step = if lines.len() - above > 1 { 0 } else { 4 };
                for (index, link) in links.iter().enumerate() {
                    let end = if index + 1 == links.len() { after } else { "" };
                    link.lay(lines, indent + step, end, width);
                }
            }
        }
    }
}

impl Link {
    fn lay(&self, lines: &mut Vec<String>, indent: usize, after: &str, width: usize) {
        let whole = format!("{}{}{after}", " ".repeat(indent), self.flat());
        match &self.arguments {
            Some(arguments) if whole.chars().count() > width && !arguments.is_empty() => {
                bracket(lines, indent, &format!(".{}(", self.name), arguments, &format!("){after}"), width);
            }
            _ => lines.push(whole),
        }
    }
}

/// Lays out what stands in brackets, one a line.
fn bracket(lines: &mut Vec<String>, indent: usize, open: &str, inner: &[Expression], close: &str, width: usize) {
    let margin = " ".repeat(indent);
    // A single array or call goes on behind its bracket instead of below it.
    if let [only @ (Expression::List(_) | Expression::Call(..))] = inner {
        return only.lay(lines, indent, open, close, width);
    }
    lines.push(format!("{margin}{open}"));
    for expression in inner {
        expression.lay(lines, indent + 4, "", ",", width);
    }
    lines.push(format!("{margin}{close}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(text: &str) -> Expression {
        Expression::Atom(text.to_owned())
    }

    #[test]
    fn what_fits_stands_in_one_line() {
        let call = Expression::chain("shop", vec![Link::call("get", vec![atom("1")]), Link::text("await?")]);
        assert_eq!(call.lines("let x = ", ";", 80), ["let x = shop.get(1).await?;"]);
    }

    #[test]
    fn a_long_chain_is_broken_at_its_links() {
        let call = Expression::chain("shop", vec![Link::call("get", vec![atom("1")]), Link::text("await?")]);
        assert_eq!(call.lines("let x = ", ";", 12), ["let x = shop", "    .get(1)", "    .await?;"]);
    }

    #[test]
    fn the_links_of_a_head_of_several_lines_stand_below_it() {
        let head = Expression::Call("f".to_owned(), vec![atom("aaaaaaaa"), atom("bbbbbbbb")]);
        let chain = Expression::Chain(Box::new(head), vec![Link::call("g", Vec::new())]);
        assert_eq!(chain.lines("", ";", 12), ["f(", "    aaaaaaaa,", "    bbbbbbbb,", ")", ".g();"]);
    }

    #[test]
    fn a_single_array_goes_on_behind_its_bracket() {
        let list = Expression::List(vec![atom("aaaaaaaa"), atom("bbbbbbbb")]);
        let call = Expression::Call("f".to_owned(), vec![list]);
        assert_eq!(call.lines("", ";", 12), ["f([", "    aaaaaaaa,", "    bbbbbbbb,", "]);"]);
    }
}
