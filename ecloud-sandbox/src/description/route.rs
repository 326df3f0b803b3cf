//! Which operation a path stands for.

use super::Operation;

/// The path templates of all operations.
#[derive(Debug)]
pub(crate) struct Routes {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    method: String,
    segments: Vec<Segment>,
    operation: usize,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl Routes {
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let routes = operations.iter().enumerate().map(|(operation, description)| Route {
            method: description.method.clone(),
            segments: description.path.split('/').skip(1).map(Segment::of).collect(),
            operation,
        });
        let mut routes: Vec<Route> = routes.collect();
        // Where two templates fit one path, the one with the fewer parameters is meant.
        routes.sort_by_key(|route| {
            route.segments.iter().filter(|segment| matches!(segment, Segment::Parameter(_))).count()
        });
        Self { routes }
    }

    /// The index of the operation and the values of its path parameters. HEAD is GET without the body.
    pub(crate) fn find(&self, method: &str, segments: &[String]) -> Option<(usize, Vec<(&str, String)>)> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.routes
            .iter()
            .filter(|route| route.method == method)
            .find_map(|route| Some((route.operation, route.fit(segments)?)))
    }
}

impl Route {
    fn fit(&self, segments: &[String]) -> Option<Vec<(&str, String)>> {
        if self.segments.len() != segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (segment, actual) in self.segments.iter().zip(segments) {
            match segment {
                Segment::Literal(text) if text == actual => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(name) => parameters.push((name.as_str(), actual.clone())),
            }
        }
        Some(parameters)
    }
}

impl Segment {
    fn of(template: &str) -> Self {
        match template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Literal(template.to_owned()),
        }
    }
}
