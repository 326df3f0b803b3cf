//! The template of a path, as the crate can use it.

/// A path template, made plain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    /// The path, its variables in braces.
    pub(super) path: String,
    /// The names of the variables, each once, in order.
    pub(super) variables: Vec<String>,
    /// Variables that may be left out, by the template (`{id?}`).
    pub(super) optional: Vec<String>,
    /// Variables that stand for several segments, by the template (`{path*}`, `{+path}`).
    pub(super) greedy: Vec<String>,
    /// Pairs of a query that the template holds (`/orders?view=full`).
    pub(super) query: Vec<(String, String)>,
    /// Whether something else was odd about it and is left out: a fragment, a slash too many or too few.
    pub(super) mended: bool,
}

/// A segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    /// A text.
    Literal(&'a str),
    /// A variable; with text around it, it's none of ours.
    Variable(&'a str),
}

impl Template {
    /// Reads the key of a path.
    pub(super) fn of(text: &str) -> Self {
        let mut template = Self::default();
        let (text, fragment) = match text.split_once('#') {
            Some((text, _)) => (text, true),
            None => (text, false),
        };
        // A question mark inside braces belongs to the variable.
        let mut depth = 0_usize;
        let query = text.char_indices().find(|(_, sign)| {
            match sign {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            *sign == '?' && depth == 0
        });
        let (path, query) = match query {
            Some((at, _)) => (&text[..at], &text[at + 1..]),
            None => (text, ""),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            template.query.push((name.to_owned(), value.to_owned()));
        }
        let path = template.plain(path);
        template.mended |= fragment;
        template.path = path;
        template
    }

    /// The path with plain names in its braces, beginning with one slash and without empty segments inside.
    fn plain(&mut self, path: &str) -> String {
        let mut plain = String::new();
        if !path.starts_with('/') {
            plain.push('/');
            self.mended = true;
        }
        let mut rest = path;
        while let Some((head, tail)) = rest.split_once('{') {
            let Some((name, tail)) = tail.split_once('}') else {
                break;
            };
            plain.push_str(head);
            plain.push('{');
            plain.push_str(self.variable(name));
            plain.push('}');
            rest = tail;
        }
        plain.push_str(rest);
        while plain.contains("//") {
            plain = plain.replace("//", "/");
            self.mended = true;
        }
        plain
    }

    fn variable<'a>(&mut self, name: &'a str) -> &'a str {
        let bare = name.trim_matches(['?', '*', '+', '/', ';', ' ']);
        // `{id:[0-9]+}` says what it looks like.
        let bare = bare.split_once(':').map_or(bare, |(name, _)| name);
        if name.ends_with('?') {
            self.optional.push(bare.to_owned());
        } else if name.contains(['*', '+']) && !name.contains(':') {
            self.greedy.push(bare.to_owned());
        }
        if !self.variables.iter().any(|other| other == bare) {
            self.variables.push(bare.to_owned());
        }
        bare
    }

    /// The segments of the path.
    pub(super) fn segments(&self) -> impl DoubleEndedIterator<Item = Segment<'_>> {
        self.path.split('/').filter(|segment| !segment.is_empty()).map(|segment| {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if !name.contains('}') => Segment::Variable(name),
                _ => Segment::Literal(segment),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_order_and_once() {
        let template = Template::of("/orders/{order-id}/lines/{lineId}.json/{order-id}");
        assert_eq!(template.variables, ["order-id", "lineId"]);
        assert_eq!(template.path, "/orders/{order-id}/lines/{lineId}.json/{order-id}");
        assert!(!template.mended);
    }

    #[test]
    fn odd_templates_are_made_plain() {
        let template = Template::of("orders//{id?}/{path*}/{n:[0-9]+}#second");
        assert_eq!(template.path, "/orders/{id}/{path}/{n}");
        assert_eq!(template.optional, ["id"]);
        assert_eq!(template.greedy, ["path"]);
        assert!(template.mended);
    }

    #[test]
    fn a_query_in_a_template_is_no_path() {
        let template = Template::of("/orders/{id?}?view=full&x");
        assert_eq!(template.path, "/orders/{id}");
        assert_eq!(template.query, [("view".to_owned(), "full".to_owned()), ("x".to_owned(), String::new())]);
    }

    #[test]
    fn an_open_brace_is_no_variable() {
        let template = Template::of("/a/{b");
        assert_eq!(template.path, "/a/{b");
        assert!(template.variables.is_empty());
        let segments: Vec<Segment<'_>> = template.segments().collect();
        assert_eq!(segments, [Segment::Literal("a"), Segment::Literal("{b")]);
    }
}
