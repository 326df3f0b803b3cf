//! Where the platform is: one address or several, which of them a request goes to, and how they fare.

mod address;
mod breaker;
mod canary;
mod choice;
mod endpoints;
mod mirror;
mod status;
mod upstream;

pub use breaker::Breaker;
pub use endpoints::{Endpoint, Endpoints};
pub use mirror::{Mirror, MirrorCounts, Mirrored};
pub use status::{EndpointCheck, EndpointState, EndpointStatus};

pub(crate) use address::{Address, target};
pub(crate) use breaker::Verdict;
pub(crate) use choice::{Chosen, Wish};
pub(crate) use mirror::difference;
pub(crate) use upstream::Upstreams;
