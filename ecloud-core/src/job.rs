//! Long-running operations: started by one call, watched by others.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::client::Request;
use crate::dialect::server_delay;
use crate::error::redact;
use crate::{Error, ErrorKind};

/// The first pause between two looks, unless it is said.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that a look alone leads to, unless it is said.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long is waited in all, unless it is said.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// So many looks in a row may fail for reasons that pass by.
const FAILED_LOOKS: u32 = 5;

/// What the platform tells of a job; generated models of jobs implement it.
pub trait JobState: DeserializeOwned + Clone + Send + Sync + 'static {
    /// Whether it has ended, and how.
    fn phase(&self) -> JobPhase;

    /// Why it failed: a code of the platform's, and a text.
    fn failure(&self) -> Option<(&str, &str)> {
        None
    }
}

/// Whether a job has ended, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobPhase {
    /// It waits for its turn, or is under way; also where the platform says what this crate doesn't know.
    Running,
    /// It has done what it was to do. Single items may have failed, which its results tell.
    Succeeded,
    /// It has ended without doing so.
    Failed,
    /// It was ended on request.
    Cancelled,
}

/// How a job is asked for. Generated code implements it.
pub trait JobSteps: Send + Sync + 'static {
    /// Asks for its state.
    fn poll(&self) -> Request;

    /// Ends it, and asks for its state; `None` where that can't be done.
    fn cancel(&self) -> Option<Request> {
        None
    }
}

/// What hears of each state.
type OnState<S> = Box<dyn FnMut(&S) + Send + Sync>;

/// A job of the platform's, under way there whether anybody waits or not.
///
/// [`wait`](Self::wait) looks at it until it has ended: the first time at once, then after pauses that grow by half from a second to half a minute,
/// a tenth shorter or longer by chance, and never before the time for which the platform asks. Dropping the future of it ends nothing.
#[must_use = "a job goes on by itself, but nobody hears of its end"]
pub struct Job<S> {
    steps: Box<dyn JobSteps>,
    state: Option<S>,
    first_pause: Duration,
    longest_pause: Duration,
    timeout: Duration,
    on_progress: Option<OnState<S>>,
}

impl<S: JobState> Job<S> {
    /// A job that was started. Nothing is sent yet.
    pub fn new(steps: impl JobSteps) -> Self {
        Self {
            steps: Box::new(steps),
            state: None,
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
            timeout: TIMEOUT,
            on_progress: None,
        }
    }

    /// With what the call that started it has told of it, so that it needn't be asked for again at once.
    pub fn with_state(mut self, state: S) -> Self {
        self.state = Some(state);
        self
    }

    /// The first pause between two looks, and the longest: 1 and 30 seconds unless set, a millisecond to a day.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first.clamp(Duration::from_millis(1), DAY);
        self.longest_pause = longest.clamp(self.first_pause, DAY);
        self
    }

    /// How long each [`wait`](Self::wait) may take: an hour unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls back with the state after each look.
    pub fn on_progress(mut self, call: impl FnMut(&S) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// The state as it was last seen.
    pub fn state(&self) -> Option<&S> {
        self.state.as_ref()
    }

    /// Waits until it has ended, and hands over its last state.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Rejected`] where it failed or was cancelled, with the platform's code; [`state`](Self::state) has the rest.
    /// [`ErrorKind::Timeout`] where it takes too long: it goes on, and may be waited for again. Those of looking at it; what passes by is passed over
    /// up to five times in a row.
    pub async fn wait(&mut self) -> Result<S, Error> {
        let clock = self.steps.poll().clock();
        let deadline = clock.monotonic().saturating_add(self.timeout);
        let mut pause = self.first_pause;
        let mut failed_looks = 0;
        let mut asked = Duration::ZERO;
        let mut needs_look = self.state.is_none();
        loop {
            if needs_look {
                match self.look().await {
                    Ok(delay) => (asked, failed_looks) = (delay, 0),
                    Err(error) if error.is_retryable() && failed_looks < FAILED_LOOKS => {
                        asked = error.retry_after().unwrap_or_default();
                        failed_looks += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
            if failed_looks == 0
                && let Some(outcome) = self.outcome()
            {
                return outcome;
            }
            let request = self.steps.poll();
            let next = pause.mul_f64(0.9 + 0.2 * request.fraction()).max(asked);
            if clock.monotonic().saturating_add(next) > deadline {
                return Err(request
                    .error(Error::new(ErrorKind::Timeout, "the job hasn't ended before the deadline; it goes on")));
            }
            clock.sleep(next).await;
            pause = pause.mul_f64(1.5).min(self.longest_pause);
            needs_look = true;
        }
    }

    /// Looks at it once.
    ///
    /// # Errors
    ///
    /// Those of the operation.
    pub async fn refresh(&mut self) -> Result<&S, Error> {
        self.look().await?;
        self.state.as_ref().ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "the job has no state"))
    }

    /// Asks the platform to end it. It may have ended otherwise meanwhile: the state tells.
    ///
    /// # Errors
    ///
    /// Those of the operation; [`ErrorKind::InvalidRequest`] where the platform can't end such a job.
    pub async fn cancel(&mut self) -> Result<S, Error> {
        let Some(request) = self.steps.cancel() else {
            let error = Error::new(ErrorKind::InvalidRequest, "a job of this kind can't be cancelled");
            return Err(self.steps.poll().error(error));
        };
        let state: S = request.send().await?;
        self.state = Some(state.clone());
        Ok(state)
    }

    /// Asks for the state, and returns how long the platform wants to be left alone.
    async fn look(&mut self) -> Result<Duration, Error> {
        let answer = self.steps.poll().send_with_meta::<S>().await?;
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(&answer.value);
        }
        self.state = Some(answer.value);
        Ok(server_delay(answer.meta.headers()).unwrap_or_default())
    }

    /// What has become of it, if it has ended.
    fn outcome(&self) -> Option<Result<S, Error>> {
        let state = self.state.as_ref()?;
        let (code, message) = match (state.phase(), state.failure()) {
            (JobPhase::Running, _) => return None,
            (JobPhase::Succeeded, _) => return Some(Ok(state.clone())),
            (JobPhase::Cancelled, _) => (None, "the job was cancelled".to_owned()),
            (JobPhase::Failed, Some((code, message))) => (Some(code), format!("the job failed: {}", redact(message))),
            (JobPhase::Failed, None) => (None, "the job failed".to_owned()),
        };
        let error = Error::new(ErrorKind::Rejected, message);
        let error = match code {
            Some(code) => error.with_code(code),
            None => error,
        };
        Some(Err(self.steps.poll().error(error)))
    }
}

impl<S> fmt::Debug for Job<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("poll", &self.steps.poll()).finish_non_exhaustive()
    }
}
