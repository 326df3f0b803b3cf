//! Jobs: how long is waited, and what comes of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecloud_core::{Clock, ErrorKind, Job, JobPhase, JobState, JobSteps, Method, Request, RetryPolicy, Shop};
use serde::Deserialize;

use crate::platform::{Platform, Step, start, status};

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct State {
    phase: String,
    #[serde(default)]
    done: u32,
}

impl JobState for State {
    fn phase(&self) -> JobPhase {
        match self.phase.as_str() {
            "succeeded" => JobPhase::Succeeded,
            "failed" => JobPhase::Failed,
            "cancelled" => JobPhase::Cancelled,
            _ => JobPhase::Running,
        }
    }

    fn failure(&self) -> Option<(&str, &str)> {
        Some(("product.bulk_failed", "3 rows can't be read"))
    }
}

struct Bulk(Shop, bool);

impl JobSteps for Bulk {
    fn poll(&self) -> Request {
        self.0.request(Method::GET, "/product/v1/jobs/J1").with_retry(RetryPolicy::none())
    }

    fn cancel(&self) -> Option<Request> {
        self.1.then(|| self.0.request(Method::POST, "/product/v1/jobs/J1/cancel"))
    }
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const RUNNING: Step = Step::Answer(200, JSON, r#"{"phase":"running","done":7}"#);

fn ended(body: &'static str) -> Step {
    Step::Answer(200, JSON, body)
}

fn succeeded() -> Step {
    ended(r#"{"phase":"succeeded","done":9}"#)
}

fn job(platform: &Platform) -> Job<State> {
    Job::new(Bulk(Shop::from(&platform.client().build().unwrap()), true))
}

/// How long after the start each look came, in milliseconds.
fn looks(platform: &Platform) -> Vec<i64> {
    platform.seen().iter().map(|seen| seen.at.unix_millis() - start().unix_millis()).collect()
}

#[tokio::test]
async fn it_is_looked_at_after_growing_pauses_until_it_has_ended() {
    let mut steps = vec![RUNNING; 14];
    steps.push(succeeded());
    let platform = Platform::new(steps);
    let seen = Arc::new(Mutex::new(0));
    let seeing = seen.clone();
    let mut job = job(&platform).on_progress(move |state| *seeing.lock().unwrap() += state.done);
    assert_eq!(job.wait().await.unwrap().done, 9);
    assert_eq!(*seen.lock().unwrap(), 14 * 7 + 9);
    let looks = looks(&platform);
    assert_eq!(looks[0], 0, "the first at once");
    let mut expected = 1000.0;
    for pause in looks.windows(2).map(|pair| (pair[1] - pair[0]) as f64) {
        assert!(
            (0.9 * expected - 1.0..=1.1 * expected + 1.0).contains(&pause),
            "{pause} where about {expected} is meant"
        );
        expected = f64::min(expected * 1.5, 30_000.0);
    }
}

#[tokio::test]
async fn it_is_left_alone_as_long_as_the_platform_asks() {
    let busy =
        Step::Answer(200, &[("content-type", "application/json"), ("retry-after", "40")], r#"{"phase":"queued"}"#);
    let platform = Platform::new([busy, succeeded()]);
    job(&platform).wait().await.unwrap();
    assert_eq!(looks(&platform), [0, 40_000]);
}

#[tokio::test]
async fn a_state_that_is_known_is_not_asked_for_again() {
    let platform = Platform::new([succeeded()]);
    let known = State { phase: "running".to_owned(), done: 0 };
    job(&platform).with_state(known).wait().await.unwrap();
    assert!(looks(&platform)[0] >= 900, "after a pause");
    let ended = State { phase: "succeeded".to_owned(), done: 1 };
    assert_eq!(job(&platform).with_state(ended.clone()).wait().await.unwrap(), ended);
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn a_job_that_failed_or_was_cancelled_is_an_error_with_its_state_at_hand() {
    let platform = Platform::new([ended(r#"{"phase":"failed","done":3}"#)]);
    let mut failed = job(&platform);
    let error = failed.wait().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("product.bulk_failed")));
    assert_eq!(error.message(), "the job failed: 3 rows can't be read");
    assert_eq!(failed.state().unwrap().done, 3);

    let platform = Platform::new([ended(r#"{"phase":"cancelled"}"#)]);
    let error = job(&platform).wait().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Rejected, "the job was cancelled"));
}

#[tokio::test]
async fn a_job_that_takes_too_long_may_be_waited_for_again() {
    let platform = Platform::new([]).otherwise(RUNNING);
    let mut job = job(&platform).timeout(Duration::from_secs(100));
    assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::Timeout);
    let waited = platform.clock.now().unix_millis() - start().unix_millis();
    assert!((60_000..=100_000).contains(&waited), "{waited}");
    let platform = platform.otherwise(succeeded());
    job.wait().await.unwrap();
    drop(platform);
}

#[tokio::test]
async fn looks_that_fail_for_a_while_are_passed_over_and_others_are_not() {
    let mut steps = vec![status(503); 5];
    steps.extend([RUNNING, status(503), succeeded()]);
    let platform = Platform::new(steps);
    job(&platform).wait().await.unwrap();
    assert_eq!(platform.seen().len(), 8);

    let platform = Platform::new([]).otherwise(status(503));
    assert_eq!(job(&platform).wait().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(platform.seen().len(), 6);

    let platform = Platform::new([status(404)]);
    assert_eq!(job(&platform).wait().await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_job_is_cancelled_where_that_can_be_done() {
    let platform = Platform::new([ended(r#"{"phase":"cancelled"}"#)]);
    let mut job = job(&platform);
    assert_eq!(job.cancel().await.unwrap().phase, "cancelled");
    assert_eq!(platform.seen()[0].target, "/product/v1/jobs/J1/cancel");
    assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(platform.seen().len(), 1, "its end is known");

    let mut other = Job::<State>::new(Bulk(Shop::from(&platform.client().build().unwrap()), false));
    assert_eq!(other.cancel().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn pauses_of_nothing_and_of_everything_are_brought_into_order() {
    let platform = Platform::new([RUNNING, RUNNING, succeeded()]);
    job(&platform).pauses(Duration::ZERO, Duration::ZERO).wait().await.unwrap();
    let mut endless = job(&Platform::new([RUNNING])).pauses(Duration::MAX, Duration::MAX);
    assert_eq!(endless.wait().await.unwrap_err().kind(), ErrorKind::Timeout);
    let mut patient = job(&Platform::new([RUNNING, succeeded()])).timeout(Duration::MAX);
    patient.wait().await.unwrap();
}
