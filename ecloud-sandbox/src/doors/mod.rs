//! The ways to the platform: for tests on wiremock, for everything else on hyper, and in memory.

mod framing;
mod hyper;
mod memory;
mod paced;
mod wiremock;

pub use self::hyper::Server;
pub use self::memory::MemoryDoor;
pub(crate) use self::wiremock::WiremockDoor;
