//! Uploads.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud_core::dialect::ecloud::body_digest;
use ecloud_core::transfer::{Upload, UploadFile, UploadSource, UploadSteps};
use ecloud_core::{ErrorKind, File, Json, Method, Request, RetryPolicy, RetrySafety, Shop};
use futures_util::stream;

use crate::folder::Folder;
use crate::platform::{Platform, UPLOADS, content};

struct Media(Shop);

impl UploadSteps for Media {
    fn create(&self, file: &UploadFile) -> Request {
        self.0.request(Method::POST, UPLOADS).json(file).with_retry(RetryPolicy::none())
    }

    fn part(&self, upload_id: &str, number: u32) -> Request {
        let path = "/product/v1/media/uploads/{upload_id}/parts/{number}";
        let request = self.0.request(Method::PUT, path).path("upload_id", upload_id).path("number", number);
        request.retry_safety(RetrySafety::Safe)
    }

    fn complete(&self, upload_id: &str) -> Request {
        let path = "/product/v1/media/uploads/{upload_id}/complete";
        self.0.request(Method::POST, path).path("upload_id", upload_id).with_retry(RetryPolicy::none())
    }
}

fn platform(part_size: u64) -> Platform {
    let platform = Platform::new();
    platform.store().part_size = part_size;
    platform
}

fn upload(platform: &Platform, source: impl Into<UploadSource>) -> Upload<Json> {
    Upload::new(Media(platform.shop()), source)
}

fn bytes(size: usize) -> UploadSource {
    UploadSource::bytes("mug.png", "image/png", content(size))
}

#[tokio::test]
async fn a_file_arrives_in_parts_and_becomes_the_resource() {
    let platform = platform(1000);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = heard.clone();
    let mut upload =
        upload(&platform, bytes(2500)).on_progress(move |progress| hearing.lock().unwrap().push(progress.done));
    let media = upload.send().await.unwrap();
    assert_eq!(media["size"], 2500);
    let store = platform.store();
    let expected = serde_json::json!({
        "file_name": "mug.png", "media_type": "image/png", "size": 2500, "sha256": body_digest(&content(2500)).as_str(),
    });
    assert_eq!(store.sessions.values().collect::<Vec<_>>(), [&expected]);
    assert_eq!(store.parts.values().map(Vec::len).collect::<Vec<_>>(), [1000, 1000, 500]);
    assert_eq!(heard.lock().unwrap().last(), Some(&2500));
    assert_eq!(upload.session().unwrap().upload_id, "up/1");
}

#[tokio::test]
async fn every_size_and_part_size_adds_up() {
    for (size, part_size, parts) in [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (20, 10, 2), (7, 1, 7)] {
        let platform = platform(part_size);
        upload(&platform, bytes(size)).send().await.unwrap();
        assert_eq!(platform.store().parts.len(), parts, "{size} in parts of {part_size}");
        assert_eq!(platform.store().parts.values().flatten().copied().collect::<Vec<_>>(), content(size));
    }
}

#[tokio::test]
async fn a_session_is_begun_and_ended_once_however_often_connections_break_off() {
    let platform = platform(1000);
    platform.store().break_offs = 1;
    let mut upload = upload(&platform, bytes(2500));
    assert!(upload.send().await.unwrap_err().is_outcome_unknown(), "it was begun, and nobody heard of it");
    platform.store().break_off_completion = true;
    assert!(upload.send().await.unwrap_err().is_outcome_unknown(), "it was ended, and nobody heard of it");
    assert_eq!(upload.send().await.unwrap()["media_id"], "M1");
    let store = platform.store();
    assert_eq!(store.sessions.len(), 1, "under one key");
    assert_eq!(store.completions.values().collect::<Vec<_>>(), [&2], "under one key");
    assert_eq!(store.came.len(), 3, "no part is sent twice");
}

#[tokio::test]
async fn a_part_whose_answer_is_lost_is_sent_again_within_its_call() {
    let platform = platform(1000);
    let mut upload = upload(&platform, bytes(1500)).at_once(1);
    platform.store().break_off_parts = 2;
    upload.send().await.unwrap();
    assert_eq!(platform.store().came, [1, 1, 1, 2]);
}

#[tokio::test]
async fn a_refused_part_ends_the_call_and_the_next_one_goes_on() {
    let platform = platform(1000);
    platform.store().refused = vec![3];
    let mut upload = upload(&platform, bytes(4500)).at_once(1);
    let error = upload.send().await.unwrap_err();
    assert_eq!(error.code(), Some("product.part_refused"), "{error:?}");
    assert_eq!(upload.progress().done, 2000);
    upload.send().await.unwrap();
    assert_eq!(platform.store().came, [1, 2, 3, 3, 4, 5]);
    assert_eq!(platform.store().sessions.len(), 1);
}

#[tokio::test]
async fn a_refused_completion_is_tried_again_under_another_key() {
    let platform = platform(1000);
    platform.store().refuse_completion = true;
    let mut upload = upload(&platform, bytes(1500));
    assert_eq!(upload.send().await.unwrap_err().code(), Some("product.upload_incomplete"));
    upload.send().await.unwrap();
    assert_eq!(platform.store().completions.values().collect::<Vec<_>>(), [&1, &1]);
    assert_eq!(platform.store().came.len(), 2, "no part is sent twice");
}

#[tokio::test]
async fn no_more_parts_are_under_way_than_asked_for() {
    let platform = platform(10);
    upload(&platform, bytes(100)).at_once(3).send().await.unwrap();
    let came = platform.store().came.clone();
    assert_eq!(came.len(), 10);
    for (place, number) in came.iter().enumerate() {
        assert!(*number as usize <= place + 3, "{came:?}");
    }
}

#[tokio::test]
async fn a_file_of_the_disk_and_one_of_memory_are_sources_too() {
    let folder = Folder::new();
    let path = folder.file();
    fs::write(&path, content(2500)).unwrap();
    let platform = platform(1000);
    upload(&platform, UploadSource::path(&path, "video/mp4")).send().await.unwrap();
    let told = platform.store().sessions.values().next().unwrap().clone();
    assert_eq!((&told["file_name"], &told["size"]), (&Json::from("export.csv"), &Json::from(2500)));
    fs::remove_file(&path).unwrap();

    let error = upload(&platform, UploadSource::path(&path, "video/mp4")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(!format!("{error} {error:?}").contains("export"), "{error:?}");

    let platform = self::platform(1000);
    upload(&platform, File::new("a.png", "image/png", content(10))).send().await.unwrap();
    assert_eq!(platform.store().parts.len(), 1);
}

fn streamed(size: u64, chunks: &[usize]) -> UploadSource {
    let whole = content(chunks.iter().sum());
    let sha256 = body_digest(&whole).as_str().to_ascii_uppercase();
    let mut rest = Bytes::from(whole);
    let chunks: Vec<io::Result<Bytes>> = chunks.iter().map(|length| Ok(rest.split_to(*length))).collect();
    UploadSource::stream("big.bin", "application/octet-stream", size, sha256, stream::iter(chunks))
}

#[tokio::test]
async fn a_stream_is_cut_into_parts_whatever_its_chunks() {
    let platform = platform(1000);
    upload(&platform, streamed(2505, &[1, 0, 999, 3, 1502])).send().await.unwrap();
    assert_eq!(platform.store().parts.values().map(Vec::len).collect::<Vec<_>>(), [1000, 1000, 505]);
    assert_eq!(platform.store().parts.values().flatten().copied().collect::<Vec<_>>(), content(2505));
}

#[tokio::test]
async fn a_stream_that_is_longer_or_shorter_than_it_said_is_not_completed() {
    for (said, reason) in [(2000, "longer"), (3000, "ended after 2500 of 3000 bytes")] {
        let platform = platform(1000);
        let error = upload(&platform, streamed(said, &[2500])).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(reason), "{error}");
        assert!(platform.store().completions.is_empty());
    }
    let source = UploadSource::stream("a", "b/c", 1, "no-digest", stream::empty());
    let error = upload(&platform(1), source).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_platform_that_asks_for_impossible_parts_is_told_so() {
    for part_size in [0, 8 * 1024 * 1024 + 1, u64::MAX] {
        let error = upload(&platform(part_size), bytes(10)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{part_size}");
    }
    let source = UploadSource::stream("a", "b/c", u64::MAX, "0".repeat(64), stream::empty());
    assert_eq!(upload(&platform(1), source).send().await.unwrap_err().kind(), ErrorKind::InvalidResponse);
}
