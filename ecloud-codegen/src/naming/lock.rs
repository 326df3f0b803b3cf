//! The lock: the names that earlier runs gave, as a file that is kept with the code.
//!
//! One name a line, sorted, so that a change of the document is a small change of the file: scope, key and name, divided by tabs.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;

use crate::names;
use crate::problem::{Place, Problem};

/// The first line of the file.
const HEAD: &str = "# ecloud-codegen.lock 1";

/// What the file says about itself.
const ABOUT: &str = "\
# The names that the generator has given, one a line: scope, key in the document, name in Rust.
# Keep it under version control with the crate: what stands here keeps its name however the document grows.
";

/// The names that earlier runs gave, by scope and key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    scopes: BTreeMap<String, BTreeMap<String, String>>,
}

impl Lock {
    /// Reads the lock in a file; one that isn't there holds no names.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or is no lock.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Self::read(&text, &name),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Problem::of_file(name, format!("can't be read: {error}"))),
        }
    }

    /// Reads a lock from its text; `file` is what messages call it.
    ///
    /// # Errors
    ///
    /// When the first line isn't a lock's, a line isn't scope, key and name, a name is no identifier, or something stands twice.
    pub fn read(text: &str, file: &str) -> Result<Self, Problem> {
        let mut lines = text.lines();
        let at = |line: usize, reason: String| Problem {
            place: Place { file: file.to_owned(), line, pointer: String::new() },
            reason,
        };
        if lines.next() != Some(HEAD) {
            return Err(at(1, format!("is no lock: its first line must be `{HEAD}`")));
        }
        let mut lock = Self::default();
        let mut owners: HashMap<(String, String), usize> = HashMap::new();
        for (index, line) in lines.enumerate() {
            let number = index + 2;
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some([scope, key, name]) = parts(line) else {
                return Err(at(number, "must be scope, key and name, divided by tabs".to_owned()));
            };
            if !names::is_identifier(&name) || names::is_keyword(&name) {
                return Err(at(number, format!("`{name}` can't be a name")));
            }
            if let Some(first) = owners.insert((scope.clone(), name.clone()), number) {
                return Err(at(number, format!("`{name}` is the name of line {first} already")));
            }
            let names = lock.scopes.entry(scope).or_default();
            if let Some(other) = names.insert(key, name) {
                return Err(at(number, format!("stands twice; the other name is `{other}`")));
            }
        }
        Ok(lock)
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let mut text = format!("{HEAD}\n{ABOUT}");
        for (scope, names) in &self.scopes {
            for (key, name) in names {
                for (part, end) in [(scope, '\t'), (key, '\t'), (name, '\n')] {
                    escape(part, &mut text);
                    text.push(end);
                }
            }
        }
        text
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.scopes.values().map(BTreeMap::len).sum()
    }

    /// Whether it holds no names.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The keys of a scope with their names, in order.
    pub fn names(&self, scope: &str) -> impl Iterator<Item = (&str, &str)> {
        let names = self.scopes.get(scope).into_iter().flatten();
        names.map(|(key, name)| (key.as_str(), name.as_str()))
    }

    pub(super) fn keep(&mut self, scope: &str, key: String, name: String) {
        if !self.scopes.contains_key(scope) {
            self.scopes.insert(scope.to_owned(), BTreeMap::new());
        }
        if let Some(names) = self.scopes.get_mut(scope) {
            names.insert(key, name);
        }
    }
}

/// The three parts of a line, unescaped.
fn parts(line: &str) -> Option<[String; 3]> {
    let mut parts = line.split('\t').map(unescape);
    let found = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(found)
}

/// Writes a text without the signs that divide parts and lines.
fn escape(text: &str, out: &mut String) {
    for sign in text.chars() {
        match sign {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '#' if out.ends_with('\n') => out.push_str("\\#"),
            other => out.push(other),
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        out.push(match sign {
            '\\' => match signs.next()? {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                other @ ('\\' | '#') => other,
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::Names;
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let mut names = Names::default();
        for key in ["#/components/schemas/Order", "a\tb", "line\nbreak\r", "back\\slash", "", "订单", "#"] {
            names.claim("types", key, "Order");
            names.claim("fields Order", key, key);
        }
        let lock = names.into_lock();
        let text = lock.write();
        assert_eq!(Lock::read(&text, "lock").as_ref(), Ok(&lock));
        assert_eq!(lock.len(), 14);
        assert!(text.starts_with("# ecloud-codegen.lock 1\n# The names"), "{text}");
        assert!(text.contains("\ntypes\t#/components/schemas/Order\tOrder\n"), "{text}");
    }

    #[test]
    fn the_text_is_sorted_whatever_the_order_of_claims() {
        let text = |keys: &[&str]| {
            let mut names = Names::default();
            for key in keys {
                names.claim("types", key, key);
            }
            names.into_lock().write()
        };
        assert_eq!(text(&["B", "A", "C"]), text(&["C", "B", "A"]));
    }

    #[test]
    fn a_lock_that_is_wrong_is_refused_with_its_line() {
        let head = format!("{HEAD}\n");
        for (text, reason) in [
            ("".to_owned(), "lock:1: #: is no lock: its first line must be `# ecloud-codegen.lock 1`"),
            ("<<<<<<< HEAD\n".to_owned(), "lock:1: #: is no lock: its first line must be `# ecloud-codegen.lock 1`"),
            (format!("{head}types\ta\n"), "lock:2: #: must be scope, key and name, divided by tabs"),
            (format!("{head}<<<<<<< HEAD\n"), "lock:2: #: must be scope, key and name, divided by tabs"),
            (format!("{head}types\ta\tb\tc\n"), "lock:2: #: must be scope, key and name, divided by tabs"),
            (format!("{head}types\t\\x\tA\n"), "lock:2: #: must be scope, key and name, divided by tabs"),
            (format!("{head}\ntypes\ta\tA B\n"), "lock:3: #: `A B` can't be a name"),
            (format!("{head}fields Order\ttype\ttype\n"), "lock:2: #: `type` can't be a name"),
            (format!("{head}types\ta\tA\ntypes\tb\tA\n"), "lock:3: #: `A` is the name of line 2 already"),
            (format!("{head}types\ta\tA\ntypes\ta\tB\n"), "lock:3: #: stands twice; the other name is `A`"),
        ] {
            let problem = Lock::read(&text, "lock").expect_err("the lock is refused");
            assert_eq!(problem.to_string(), reason);
        }
    }
}
