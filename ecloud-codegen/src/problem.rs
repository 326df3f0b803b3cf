//! What went wrong, and where: file, line, JSON pointer and reason.

use std::fmt;

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document's name, as it was given or referred to.
    pub file: String,
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// The JSON pointer (RFC 6901) of the node; empty for the root.
    pub pointer: String,
}

impl Place {
    /// The place that is a whole file.
    pub fn file(name: impl Into<String>) -> Self {
        Self { file: name.into(), line: 0, pointer: String::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}: #{}", self.line, self.pointer)?;
        }
        Ok(())
    }
}

/// One reason why the generator can't go on, and the place that it's about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: Place::file(name), reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// Everything that was found wrong in one run, so that a document is mended once and not line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    /// How many more there are than are kept.
    more: usize,
}

impl Problems {
    /// The most problems that are kept; a document with more is wrong as a whole. The others are counted.
    pub const KEPT: usize = 200;

    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes down one more problem.
    pub fn add(&mut self, problem: Problem) {
        if self.kept.len() < Self::KEPT {
            self.kept.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Takes down all that another run found.
    pub fn extend(&mut self, others: Self) {
        self.more += others.more;
        for problem in others.kept {
            self.add(problem);
        }
    }

    /// The problems that are kept.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.kept.iter()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Nothing, or the problems in order of file and line, each once.
    ///
    /// # Errors
    ///
    /// When there is a problem.
    pub fn into_result(mut self) -> Result<(), Self> {
        if self.kept.is_empty() {
            return Ok(());
        }
        self.kept.sort();
        self.kept.dedup();
        Err(self)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { kept: vec![problem], more: 0 }
    }
}

impl fmt::Display for Problems {
    /// A problem a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.kept.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_told_in_order_and_those_beyond_the_limit_counted() {
        let mut problems = Problems::new();
        for line in (0..Problems::KEPT + 3).rev() {
            let place = Place { file: "a".to_owned(), line, pointer: String::new() };
            problems.add(Problem { place, reason: "odd".to_owned() });
        }
        let text = problems.into_result().expect_err("problems").to_string();
        assert!(text.starts_with("a:3: #: odd\na:4: #: odd\n"), "{text}");
        assert!(text.ends_with("\na:202: #: odd\nand 3 more"), "{text}");
    }
}
