//! Random numbers that are the same in every run.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A source of random numbers: splitmix64.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The source that belongs to a text and a number.
    pub(crate) fn of(text: &str, number: usize) -> Self {
        let mut hasher = DefaultHasher::new();
        (text, number).hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to a limit, which it isn't; 0 if the limit is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or_default()
    }

    /// Whether something happens that happens once in `of` times.
    pub(crate) fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// A text that a regular expression fits, if one can be made; anchors are taken off first.
    pub(crate) fn text_like(&mut self, pattern: &str) -> Option<String> {
        let strategy = proptest::string::string_regex(&without_anchors(pattern)).ok()?;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.next().to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        Some(strategy.new_tree(&mut runner).ok()?.current())
    }
}

/// A pattern without its `^` and `$`, which no text can be made from.
fn without_anchors(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut escaped, mut class) = (false, false);
    for sign in pattern.chars() {
        if !escaped && !class && (sign == '^' || sign == '$') {
            continue;
        }
        class = !escaped && if class { sign != ']' } else { sign == '[' } || escaped && class;
        escaped = !escaped && sign == '\\';
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_go_and_negated_classes_stay() {
        assert_eq!(without_anchors(r"^a[^b\]$]\$$|^c$"), r"a[^b\]$]\$|c");
    }

    #[test]
    fn the_same_seed_gives_the_same_text() {
        let text = |number| Random::of("x", number).text_like("^[A-Z]{3}[0-9]{2}$").expect("a text");
        assert_eq!(text(1), text(1));
        assert_eq!(text(1).len(), 5);
    }
}
