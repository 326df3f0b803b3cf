//! Files and jobs, end to end: what is sent in parts comes back whole, and a job is waited for until its file is there.

use std::time::Duration;

use ecloud::prelude::*;
use ecloud::trade::order_exports::{OrderExportInput, OrderExportStatus};
use ecloud::transfer::UploadSource;
use ecloud::{Bytes, ErrorKind};
use ecloud_sandbox::Fault;

use crate::{client, sandbox};

/// A file of two parts and a half.
fn file() -> Bytes {
    (0..2_621_440_u32).map(|index| (index % 251) as u8).collect::<Vec<u8>>().into()
}

fn video() -> UploadSource {
    UploadSource::bytes("mug.mp4", "video/mp4", file())
}

#[tokio::test]
async fn a_file_goes_up_in_parts_and_comes_down_by_ranges() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let product = Product::new(client.clone());
    let medium = product.media().upload(video()).send().await.unwrap();
    assert_eq!((medium.file_name.as_str(), medium.size, medium.version), ("mug.mp4", 2_621_440, 1));
    let parts = |sandbox: &ecloud_sandbox::Sandbox| {
        let is_part = |request: &&ecloud_sandbox::Received| request.method == "PUT";
        sandbox.received().iter().filter(is_part).count()
    };
    assert_eq!(parts(&sandbox), 3);

    let whole = product.media().file(medium.media_id.clone()).send().await.unwrap();
    assert!(whole == file());
    let by_ranges =
        product.media().file(medium.media_id).download().part_size(1_000_000).bytes(10_000_000).await.unwrap();
    assert!(by_ranges == file());
}

#[tokio::test]
async fn a_part_that_is_lost_on_its_way_is_sent_again_alone() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    sandbox.inject(Fault::status(503).operation("product.media.put_upload_part").next(1));
    let medium = Product::new(client.clone()).media().upload(video()).send().await.unwrap();
    assert_eq!(medium.size, 2_621_440);
    let sent = sandbox.received().iter().filter(|request| request.method == "PUT").count();
    assert_eq!(sent, 4);
}

#[tokio::test]
async fn another_shop_has_no_such_file() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let medium = Product::new(client.clone()).media().upload(video()).send().await.unwrap();
    let other = sandbox.issue_token(ecloud_sandbox::Grant::new("another-shop"));
    let shop = client.for_shop("another-shop").access_token(other);
    let error = Product::new(shop).media().file(medium.media_id).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("product.medium_not_found")));
}

#[tokio::test]
async fn an_export_is_waited_for_and_its_file_downloaded() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let exports = Trade::new(client.clone()).order_exports();
    let now = sandbox.now();
    let input = OrderExportInput::new(now.offset_by_millis(-60 * 86_400_000), now);
    let mut job = exports.start(input).start().await.unwrap();
    assert_eq!(job.state().unwrap().status, OrderExportStatus::Queued);
    let export = job.wait().await.unwrap();
    assert_eq!((export.status, export.done), (OrderExportStatus::Succeeded, export.total));
    assert_eq!(export.total, 500);

    let file = exports.file(export.order_export_id).download().bytes(1_000_000).await.unwrap();
    let text = String::from_utf8(file.to_vec()).unwrap();
    assert_eq!(text.lines().count(), 501);
    assert!(text.starts_with("order_id,status,"));
}

#[tokio::test]
async fn a_cancelled_job_is_an_error_with_its_state_at_hand() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let exports = Trade::new(client.clone()).order_exports();
    let now = sandbox.now();
    let input = || OrderExportInput::new(now.offset_by_millis(-86_400_000), now);
    let id = exports.start(input()).send().await.unwrap().order_export_id;
    let mut job = exports.job(id.clone()).pauses(Duration::from_millis(10), Duration::from_millis(20));
    assert_eq!(job.cancel().await.unwrap().status, OrderExportStatus::Cancelled);
    assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::Rejected);
    let error = exports.cancel(id.clone()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("trade.export_not_cancellable"));
    let error = exports.file(id).send().await.unwrap_err();
    assert_eq!(error.code(), Some("trade.export_not_ready"));
}
