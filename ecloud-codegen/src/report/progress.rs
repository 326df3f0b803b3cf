//! A line that says how far a long run is.

use std::fmt;
use std::io::Write;

use super::Terminal;

/// The size from which a document is long, in bytes.
const LONG: u64 = 512 << 10;

/// The width of the bar in characters.
const WIDTH: usize = 20;

/// One line on a terminal that is written over at every step, and gone when this is dropped.
pub struct Progress<'a> {
    /// Where the line is; nowhere unless the document is long and there is a terminal.
    log: Option<&'a mut dyn Write>,
    steps: usize,
    done: usize,
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("steps", &self.steps).field("done", &self.done).finish_non_exhaustive()
    }
}

impl<'a> Progress<'a> {
    /// A line for a run of so many steps over a document of so many bytes.
    pub fn new(log: &'a mut dyn Write, terminal: Terminal, bytes: u64, steps: usize) -> Self {
        let log = (terminal.overwrites && bytes >= LONG).then_some(log);
        Self { log, steps: steps.max(1), done: 0 }
    }

    /// Begins the next step. A line that can't be written is not missed.
    pub fn step(&mut self, name: &str) {
        let full = (WIDTH * self.done / self.steps).min(WIDTH);
        self.done += 1;
        if let Some(log) = &mut self.log {
            let _ = write!(log, "\r\x1b[K[{}{}] {name}", "=".repeat(full), " ".repeat(WIDTH - full));
            let _ = log.flush();
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(log) = &mut self.log {
            let _ = write!(log, "\r\x1b[K");
            let _ = log.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(terminal: Terminal, bytes: u64) -> String {
        let mut log = Vec::new();
        let mut progress = Progress::new(&mut log, terminal, bytes, 2);
        progress.step("reads");
        progress.step("writes");
        drop(progress);
        String::from_utf8(log).expect("text")
    }

    #[test]
    fn a_long_document_on_a_terminal_has_a_line_that_goes_away() {
        let terminal = Terminal { colour: true, overwrites: true };
        let expected = "\r\x1b[K[                    ] reads\r\x1b[K[==========          ] writes\r\x1b[K";
        assert_eq!(shown(terminal, LONG), expected);
    }

    #[test]
    fn a_short_document_and_a_file_have_none() {
        assert_eq!(shown(Terminal { colour: true, overwrites: true }, LONG - 1), "");
        assert_eq!(shown(Terminal::none(), LONG), "");
    }
}
