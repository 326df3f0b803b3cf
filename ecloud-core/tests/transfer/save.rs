//! Downloads to the disk.

use std::fs;

use ecloud_core::ErrorKind;

use crate::folder::Folder;
use crate::platform::{Platform, content};

#[tokio::test]
async fn a_file_is_there_when_it_is_whole() {
    let (platform, folder) = (Platform::with_file(content(2500)), Folder::new());
    fs::write(folder.file(), "of yesterday").unwrap();
    let size = platform.file_request().download().part_size(1000).save_to(folder.file()).await.unwrap();
    assert_eq!(size, 2500);
    assert_eq!(fs::read(folder.file()).unwrap(), content(2500));
    assert!(!folder.partial().exists());
}

#[tokio::test]
async fn what_a_failed_download_has_left_is_gone_on_from() {
    let (platform, folder) = (Platform::with_file(content(2500)), Folder::new());
    fs::write(folder.partial(), &content(2500)[..1700]).unwrap();
    platform.file_request().download().save_to(folder.file()).await.unwrap();
    assert_eq!(fs::read(folder.file()).unwrap(), content(2500));
    assert_eq!(platform.store().ranges, ["bytes=1700-1050275"]);
}

#[tokio::test]
async fn a_broken_download_keeps_what_came_and_leaves_the_old_file_alone() {
    let (platform, folder) = (Platform::with_file(content(2500)), Folder::new());
    fs::write(folder.file(), "of yesterday").unwrap();
    platform.store().break_offs = 100;
    let request = platform.file_request().with_retry(ecloud_core::RetryPolicy::none());
    let error = request.clone().download().part_size(1000).save_to(folder.file()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(fs::read(folder.file()).unwrap(), b"of yesterday");
    platform.store().break_offs = 0;
    request.download().part_size(1000).save_to(folder.file()).await.unwrap();
    assert_eq!(fs::read(folder.file()).unwrap(), content(2500));
}

#[tokio::test]
async fn what_is_left_of_another_file_is_thrown_away_once() {
    let (platform, folder) = (Platform::with_file(content(2500)), Folder::new());
    fs::write(folder.partial(), vec![7; 1700]).unwrap();
    let size = platform.file_request().download().part_size(1000).save_to(folder.file()).await.unwrap();
    assert_eq!((size, fs::read(folder.file()).unwrap()), (2500, content(2500)));
}

#[tokio::test]
async fn a_file_that_is_not_what_the_platform_says_is_not_kept() {
    let (platform, folder) = (Platform::with_file(content(2500)), Folder::new());
    platform.store().says = Some("0".repeat(64));
    let error = platform.file_request().download().save_to(folder.file()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(!folder.file().exists() && !folder.partial().exists());
}

#[tokio::test]
async fn a_path_that_cannot_be_written_says_so_and_does_not_show_it() {
    let (platform, folder) = (Platform::with_file(content(10)), Folder::new());
    let error = platform.file_request().download().save_to(folder.0.join("no-such-folder/a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(!format!("{error} {error:?}").contains("no-such-folder"), "{error:?}");
    assert!(platform.store().ranges.is_empty(), "nothing was asked for");
}
