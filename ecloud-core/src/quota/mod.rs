//! Quota: each attempt waits its turn, so that the platform doesn't have to refuse it.

mod bucket;
mod draw;
mod limit;
mod line;
mod moment;
mod rules;
mod table;
mod tokens;
mod window;

#[cfg(test)]
mod tests;

pub use draw::{QuotaDraw, QuotaPermit};
pub use limit::QuotaLimit;
pub use rules::{Quota, QuotaKey};

pub(crate) use bucket::Heard;
pub(crate) use line::{WaitsTooLong, pass};
pub(crate) use moment::Moment;
pub(crate) use table::{Draw, Quotas};
