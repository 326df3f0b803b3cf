//! The ways to the platform: for tests on wiremock, for everything else on hyper, and in memory; and its own way
//! to the applications that it tells events.

mod callback;
mod framing;
mod hyper;
mod memory;
mod paced;
mod wiremock;

pub(crate) use self::callback::{CallbackDoor, Target};
pub use self::hyper::Server;
pub use self::memory::MemoryDoor;
pub(crate) use self::wiremock::WiremockDoor;
