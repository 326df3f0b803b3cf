//! Randomness as a value: nonces, idempotency keys and jitter come from here.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    System(System),
    Seeded { state: u64 },
}

struct System {
    pool: Box<[u8; POOL]>,
    used: usize,
    process: u32,
    /// The moments of all nonces that were drawn.
    moments: u64,
}

impl Random {
    /// The operating system's randomness.
    pub fn system() -> Self {
        Self::from_source(Source::System(System { pool: Box::new([0; POOL]), used: POOL, process: 0, moments: 0 }))
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
            Source::Seeded { state } => seeded(state, &mut bytes),
            Source::System(system) => {
                // A forked child has a copy of the pool, and must not use the bytes that its parent uses.
                if system.process != process_id() {
                    system.used = POOL;
                }
                system.draw(&mut bytes)?;
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

    /// Thirty-two lower-case hexadecimal digits for one request, which is signed at this moment of monotonic time.
    ///
    /// Unlike [`hex`](Self::hex) it asks for no process id, which is a system call. Where a process has forked, it is the moments that tell
    /// parent and child apart: from the first that differs, even by a nanosecond, no two of their nonces are the same. Should that
    /// fail once, the platform takes the second request for a replay, which is answered with a new nonce.
    pub(crate) fn nonce(&self, at: Duration) -> Result<[u8; 32], getrandom::Error> {
        let mut bytes = [0; 16];
        {
            let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *source {
                Source::Seeded { state } => seeded(state, &mut bytes),
                Source::System(system) => {
                    system.draw(&mut bytes)?;
                    system.moments = system.moments.rotate_left(7) ^ at.as_nanos() as u64;
                    let moments = system.moments.to_ne_bytes();
                    bytes.iter_mut().zip(moments).for_each(|(byte, moment)| *byte ^= moment);
                }
            }
        }
        let mut text = [0; 32];
        crate::codec::hex::write_lower(&bytes, &mut text);
        Ok(text)
    }

    /// A number from 0 (inclusive) to 1 (exclusive); 0 where there is no randomness, which shortens a wait and harms nobody.
    pub(crate) fn fraction(&self) -> f64 {
        let bytes = self.bytes().unwrap_or([0; 16]);
        let bits = u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl System {
    /// The next bytes of the pool, which is filled again when it is used up. None are handed out twice.
    fn draw(&mut self, bytes: &mut [u8; 16]) -> Result<(), getrandom::Error> {
        if self.used + bytes.len() > POOL {
            getrandom::fill(&mut self.pool[..])?;
            (self.used, self.process) = (0, process_id());
        }
        let drawn = &mut self.pool[self.used..self.used + bytes.len()];
        bytes.copy_from_slice(drawn);
        drawn.fill(0);
        self.used += bytes.len();
        Ok(())
    }
}

fn seeded(state: &mut u64, bytes: &mut [u8; 16]) {
    bytes[..8].copy_from_slice(&split_mix(state).to_be_bytes());
    bytes[8..].copy_from_slice(&split_mix(state).to_be_bytes());
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

    /// A source as two processes have it after a fork, all of its pool unused.
    fn forked() -> Random {
        let system = System { pool: Box::new([7; POOL]), used: 0, process: process_id(), moments: 0 };
        Random::from_source(Source::System(system))
    }

    #[test]
    fn after_a_fork_nonces_differ_from_the_first_moment_that_differs() {
        let (parent, child) = (forked(), forked());
        let nonces = |random: &Random, first| -> Vec<_> {
            (0..20).map(|at| random.nonce(Duration::from_nanos(if at == 0 { first } else { at })).unwrap()).collect()
        };
        let (of_parent, of_child) = (nonces(&parent, 1_000_000), nonces(&child, 1_000_001));
        let all: HashSet<_> = of_parent.iter().chain(&of_child).collect();
        assert_eq!(all.len(), 40);
    }

    #[test]
    fn after_a_fork_keys_are_drawn_from_a_pool_of_the_childs_own() {
        let child = forked();
        if let Source::System(system) = &mut *child.source.lock().unwrap() {
            system.process ^= 1;
        }
        assert_ne!(child.bytes().unwrap(), [7; 16]);
        assert_eq!(forked().bytes().unwrap(), [7; 16]);
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
