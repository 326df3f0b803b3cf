//! The changes as text for a CHANGELOG, in Markdown.

use std::fmt::{self, Display, Formatter};

use super::{Changes, Level};

impl Display for Changes {
    /// The level, then the changes under a heading for each level that occurs.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.list.is_empty() {
            return writeln!(f, "Nothing changes for callers: patch.");
        }
        writeln!(f, "Semver level: {}.", self.level().as_str())?;
        for (level, heading) in [(Level::Major, "Breaking"), (Level::Minor, "Added"), (Level::Patch, "Changed")] {
            let mut changes = self.list.iter().filter(|change| change.level == level).peekable();
            if changes.peek().is_some() {
                writeln!(f, "\n### {heading}\n")?;
            }
            for change in changes {
                writeln!(f, "- `{}` {}", change.subject, change.what)?;
            }
        }
        Ok(())
    }
}
