//! Downloads.

use std::sync::{Arc, Mutex};

use ecloud_core::ErrorKind;
use futures_util::StreamExt;

use crate::platform::{FILE, Platform, content};

#[tokio::test]
async fn a_file_comes_part_by_part_and_is_the_file() {
    let platform = Platform::with_file(content(2500));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = heard.clone();
    let mut download = platform
        .file_request()
        .download()
        .part_size(1000)
        .on_progress(move |progress| hearing.lock().unwrap().push((progress.done, progress.total)));
    let mut whole = Vec::new();
    while let Some(part) = download.try_next().await.unwrap() {
        whole.extend_from_slice(&part);
    }
    assert_eq!(whole, content(2500));
    assert_eq!(platform.store().ranges, ["bytes=0-999", "bytes=1000-1999", "bytes=2000-2999"]);
    assert_eq!(*heard.lock().unwrap(), [(1000, Some(2500)), (2000, Some(2500)), (2500, Some(2500))]);
    assert!(download.try_next().await.unwrap().is_none(), "it has ended");
}

#[tokio::test]
async fn an_empty_file_has_no_part() {
    let platform = Platform::with_file(Vec::new());
    assert_eq!(platform.file_request().download().bytes(0).await.unwrap(), "");
    platform.store().knows_no_ranges = true;
    assert_eq!(platform.file_request().download().bytes(0).await.unwrap(), "");
}

#[tokio::test]
async fn a_connection_that_breaks_off_costs_a_part_and_not_the_file() {
    let platform = Platform::with_file(content(3000));
    let mut download = platform.file_request().download().part_size(1000);
    let mut whole = download.try_next().await.unwrap().unwrap().to_vec();
    platform.store().break_offs = 2;
    while let Some(part) = download.try_next().await.unwrap() {
        whole.extend_from_slice(&part);
    }
    assert_eq!(whole, content(3000));
    assert_eq!(platform.store().ranges.iter().filter(|range| *range == "bytes=1000-1999").count(), 3);
    assert_eq!(platform.store().ranges.len(), 5);
}

#[tokio::test]
async fn what_is_there_already_is_not_asked_for_again_and_counts_for_the_hash() {
    let platform = Platform::with_file(content(2500));
    let known = content(1700);
    let rest = platform.file_request().download().continue_after(&known[..]).unwrap().bytes(800).await.unwrap();
    assert_eq!([&known[..], &rest].concat(), content(2500));
    assert_eq!(platform.store().ranges[0], "bytes=1700-1050275");

    let whole = content(2500);
    let nothing = platform.file_request().download().continue_after(&whole[..]).unwrap().bytes(0).await.unwrap();
    assert_eq!(nothing, "", "all of it was there");

    let another = vec![7; 1700];
    let error = platform.file_request().download().continue_after(&another[..]).unwrap().bytes(9999).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.to_string().contains("SHA-256"), "{error}");

    let longer = content(2501);
    let error = platform.file_request().download().continue_after(&longer[..]).unwrap().bytes(9999).await.unwrap_err();
    assert_eq!(error.status(), Some(416));
}

#[tokio::test]
async fn a_file_that_is_not_what_the_platform_says_ends_with_an_error() {
    let platform = Platform::with_file(content(2500));
    platform.store().says = Some("0".repeat(64));
    let parts: Vec<_> = platform.file_request().download().part_size(1000).collect().await;
    assert_eq!(parts.len(), 4, "three parts, and then the truth");
    let error = parts[3].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.operation(), Some(&*format!("GET {FILE}")));
}

#[tokio::test]
async fn a_hash_in_capitals_is_the_same_hash_and_none_is_none() {
    let platform = Platform::with_file(content(10));
    let sha256 = ecloud_core::dialect::ecloud::body_digest(&content(10)).as_str().to_ascii_uppercase();
    platform.store().says = Some(sha256);
    assert_eq!(platform.file_request().download().bytes(10).await.unwrap(), content(10));
    platform.store().says_nothing = true;
    assert_eq!(platform.file_request().download().bytes(10).await.unwrap(), content(10));
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_noticed() {
    for later in [content(2600), vec![7; 2500]] {
        let platform = Platform::with_file(content(2500));
        platform.store().file_later = Some(later);
        let mut download = platform.file_request().download().part_size(1000);
        download.try_next().await.unwrap().unwrap();
        let error = download.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(error.to_string().contains("has changed"), "{error}");
        assert!(download.try_next().await.unwrap().is_none(), "an error is the end");
    }
}

#[tokio::test]
async fn a_part_that_lies_is_not_taken() {
    for (lie, reason) in [
        ("bytes 1-1000/2500", "another part"),
        ("bytes 0-998/2500", "another part"),
        ("bytes 0-999/*", "doesn't say which"),
        ("bytes 0-999/999", "doesn't say which"),
        ("items 0-999/2500", "doesn't say which"),
        ("bytes */2500", "another part"),
    ] {
        let platform = Platform::with_file(content(2500));
        platform.store().content_range = Some(lie);
        let error = platform.file_request().download().part_size(1000).try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{lie}");
        assert!(error.to_string().contains(reason), "{lie}: {error}");
    }
}

#[tokio::test]
async fn a_platform_without_ranges_sends_the_whole_file_at_once() {
    let platform = Platform::with_file(content(2500));
    platform.store().knows_no_ranges = true;
    assert_eq!(platform.file_request().download().part_size(1000).bytes(2500).await.unwrap(), content(2500));
    let known = content(1700);
    let rest = platform.file_request().download().continue_after(&known[..]).unwrap().bytes(800).await.unwrap();
    assert_eq!(rest, content(2500)[1700..]);
    let longer = content(2501);
    let error = platform.file_request().download().continue_after(&longer[..]).unwrap().bytes(9999).await.unwrap_err();
    assert!(error.to_string().contains("has changed"), "{error}");
}

#[tokio::test]
async fn more_than_the_limit_is_not_kept() {
    let platform = Platform::with_file(content(2500));
    let error = platform.file_request().download().part_size(1000).bytes(2499).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    assert_eq!(platform.store().ranges.len(), 1, "the first part tells");
}
