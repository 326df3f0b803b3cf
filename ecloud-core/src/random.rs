//! Randomness as a value: nonces, idempotency keys and jitter come from here.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How much is asked of the operating system at a time: one system call for 32 nonces.
const POOL: usize = 512;

/// A source of random bytes: the operating system's, or a repeatable one for tests.
///
/// Clones draw from the same source.
#[derive(Clone)]
pub struct Random {
    source: Arc<Mutex<Source>>,
}

enum Source {
    System { pool: Box<[u8; POOL]>, used: usize, process: u32 },
    Seeded { state: u64 },
}

impl Random {
    /// The operating system's randomness.
    pub fn system() -> Self {
        Self::from_source(Source::System { pool: Box::new([0; POOL]), used: POOL, process: 0 })
    }

    /// A repeatable sequence, for tests and simulations only: whoever knows the seed knows every nonce.
    pub fn seeded(seed: u64) -> Self {
        Self::from_source(Source::Seeded { state: seed })
    }

    fn from_source(source: Source) -> Self {
        Self { source: Arc::new(Mutex::new(source)) }
    }

    /// Sixteen random bytes.
    ///
    /// # Errors
    ///
    /// Those of the operating system, which has no randomness to give.
    pub(crate) fn bytes(&self) -> Result<[u8; 16], getrandom::Error> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 16];
        match &mut *source {
            Source::Seeded { state } => {
                bytes[..8].copy_from_slice(&split_mix(state).to_be_bytes());
                bytes[8..].copy_from_slice(&split_mix(state).to_be_bytes());
            }
            Source::System { pool, used, process } => {
                // A forked child has a copy of the pool, and must not use the bytes that its parent uses.
                let this_process = process_id();
                if *used + bytes.len() > POOL || *process != this_process {
                    getrandom::fill(&mut pool[..])?;
                    (*used, *process) = (0, this_process);
                }
                let end = *used + bytes.len();
                bytes.copy_from_slice(&pool[*used..end]);
                pool[*used..end].fill(0);
                *used = end;
            }
        }
        Ok(bytes)
    }

    /// Thirty-two lower-case hexadecimal digits: 128 random bits.
    pub(crate) fn hex(&self) -> Result<[u8; 32], getrandom::Error> {
        let mut text = [0; 32];
        crate::codec::hex::write_lower(&self.bytes()?, &mut text);
        Ok(text)
    }

    /// A number from 0 (inclusive) to 1 (exclusive); 0 where there is no randomness, which shortens a wait and harms nobody.
    pub(crate) fn fraction(&self) -> f64 {
        let bytes = self.bytes().unwrap_or([0; 16]);
        let bits = u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn process_id() -> u32 {
    std::process::id()
}

/// That target has one process, and panics where it is asked which.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn process_id() -> u32 {
    0
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_systems_bytes_do_not_repeat() {
        let random = Random::system();
        let drawn: HashSet<_> = (0..1000).map(|_| random.bytes().unwrap()).collect();
        assert_eq!(drawn.len(), 1000);
    }

    #[test]
    fn a_seed_gives_the_same_sequence_again() {
        let draw = |seed| (0..5).map(|_| seed_bytes(&seed)).collect::<Vec<_>>();
        fn seed_bytes(random: &Random) -> [u8; 16] {
            random.bytes().unwrap()
        }
        assert_eq!(draw(Random::seeded(7)), draw(Random::seeded(7)));
        assert_ne!(draw(Random::seeded(7)), draw(Random::seeded(8)));
    }

    #[test]
    fn fractions_stay_below_one() {
        let random = Random::seeded(1);
        assert!((0..10_000).map(|_| random.fraction()).all(|fraction| (0.0..1.0).contains(&fraction)));
    }
}
