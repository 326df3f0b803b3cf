//! Tokens in files: what is written, and every file that can't be used.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ecloud_core::token::{FileTokenStore, StoredToken, Swap, TokenKey, TokenPair, TokenRecord, TokenStore};
use ecloud_core::{ErrorKind, Timestamp};

/// A folder of its own, which is gone when it is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tokens-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub(crate) fn store(&self) -> FileTokenStore {
        FileTokenStore::open(&self.0).unwrap()
    }

    fn shop(&self) -> PathBuf {
        self.0.join("app-demo-app/shop-shop-1")
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(self.shop()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn key() -> TokenKey {
    TokenKey::new("demo-app", "shop-1")
}

pub(crate) fn record(text: &str) -> TokenRecord {
    let pair = TokenPair::new(text, Timestamp::UNIX_EPOCH).unwrap();
    TokenRecord::new(pair.with_refresh_token(format!("{text}-refresh")).unwrap())
}

async fn put(store: &FileTokenStore, expected: Option<u64>, text: &str) -> u64 {
    match store.compare_and_swap(&key(), expected, &record(text)).await.unwrap() {
        Swap::Done(version) => version,
        Swap::Changed(now) => panic!("{now:?}"),
    }
}

#[tokio::test]
async fn a_pair_is_there_for_the_next_process_and_for_its_owner_alone() {
    let folder = Folder::new();
    assert_eq!(folder.store().load(&key()).await.unwrap(), None);
    let first = put(&folder.store(), None, "one").await;
    let second = put(&folder.store(), Some(first), "two").await;
    assert_eq!(folder.store().load(&key()).await.unwrap(), Some(StoredToken::new(second, record("two"))));
    assert_eq!(folder.names(), ["2.json"], "nothing older stays");
    for (path, mode) in [(folder.0.clone(), 0o700), (folder.shop(), 0o700), (folder.shop().join("2.json"), 0o600)] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[tokio::test]
async fn a_version_counts_once_also_after_a_removal() {
    let folder = Folder::new();
    let store = folder.store();
    let first = put(&store, None, "one").await;
    let second = put(&store, Some(first), "two").await;
    let late = store.compare_and_swap(&key(), Some(first), &record("late")).await.unwrap();
    assert_eq!(late, Swap::Changed(Some(StoredToken::new(second, record("two")))));
    store.remove(&key()).await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap(), None);
    assert!(!fs::read_to_string(folder.shop().join("3.json")).unwrap().contains("two"));
    assert_eq!(store.compare_and_swap(&key(), Some(second), &record("late")).await.unwrap(), Swap::Changed(None));
    assert_eq!(put(&store, None, "again").await, 4);
}

#[tokio::test]
async fn a_file_that_can_not_be_understood_is_kept_aside_and_reported_until_there_is_another_pair() {
    for broken in
        ["", "{", "{\"app\":", "null", "[1]", "\0\0\0", r#"{"app":"demo-app","shop":"shop-1","record":{"pair":{}}}"#]
    {
        let folder = Folder::new();
        let store = folder.store();
        put(&store, None, "one").await;
        fs::write(folder.shop().join("1.json"), broken).unwrap();
        for _ in 0..2 {
            let error = store.load(&key()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TokenStore);
            assert!(error.to_string().contains("1.json.broken"), "{error}");
        }
        assert_eq!(fs::read_to_string(folder.shop().join("1.json.broken")).unwrap(), broken);
        assert!(store.compare_and_swap(&key(), Some(1), &record("x")).await.is_err());
        assert_eq!(put(&store, None, "two").await, 2);
        assert_eq!(folder.names(), ["1.json.broken", "2.json"]);
        assert_eq!(store.load(&key()).await.unwrap().unwrap().record, record("two"));
    }
}

#[tokio::test]
async fn a_file_that_is_cut_off_anywhere_shows_nothing_of_its_tokens() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store, None, "planted-token").await;
    let whole = fs::read(folder.shop().join("1.json")).unwrap();
    for length in 0..whole.len() {
        let cut = Folder::new();
        fs::create_dir_all(cut.shop()).unwrap();
        fs::set_permissions(&cut.0, fs::Permissions::from_mode(0o700)).unwrap();
        let path = cut.shop().join("1.json");
        fs::write(&path, &whole[..length]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = cut.store().load(&key()).await.unwrap_err();
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        assert!(cut.shop().join("1.json.broken").exists(), "{length}");
    }
}

#[tokio::test]
async fn what_others_may_read_or_write_is_refused_and_stays_where_it_is() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store, None, "one").await;
    let path = folder.shop().join("1.json");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = store.load(&key()).await.unwrap_err();
        assert!(error.to_string().contains(&format!("read by others (mode {mode:04o})")), "{error}");
        assert!(store.compare_and_swap(&key(), Some(1), &record("x")).await.is_err());
        assert!(store.compare_and_swap(&key(), None, &record("x")).await.is_err());
    }
    assert_eq!(folder.names(), ["1.json"]);
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(FileTokenStore::open(&folder.0).unwrap_err().to_string().contains("written to by others"));
}

#[tokio::test]
async fn what_is_no_file_or_no_folder_is_told() {
    let folder = Folder::new();
    let store = folder.store();
    fs::create_dir_all(folder.shop().join("1.json")).unwrap();
    assert!(store.load(&key()).await.unwrap_err().to_string().contains("is no file"));

    let other = Folder::new();
    fs::write(&other.0, "").unwrap();
    let error = FileTokenStore::open(&other.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenStore);
    let store = folder.store();
    fs::remove_dir_all(&folder.0).unwrap();
    fs::write(&folder.0, "").unwrap();
    assert!(store.load(&key()).await.is_err());
    assert!(store.compare_and_swap(&key(), None, &record("x")).await.is_err());
    assert!(store.remove(&key()).await.is_err());
    fs::remove_file(&folder.0).unwrap();
    fs::remove_file(&other.0).unwrap();
}

#[tokio::test]
async fn a_folder_that_can_not_be_written_to_is_told_and_loses_nothing() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store, None, "one").await;
    fs::set_permissions(folder.shop(), fs::Permissions::from_mode(0o500)).unwrap();
    let outcome = store.compare_and_swap(&key(), Some(1), &record("two")).await;
    // A superuser may write everywhere.
    if let Err(error) = outcome {
        assert_eq!(error.kind(), ErrorKind::TokenStore);
        assert!(error.to_string().contains("can't be written"), "{error}");
        assert_eq!(store.load(&key()).await.unwrap().unwrap().record, record("one"));
    }
    fs::set_permissions(folder.shop(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn another_shops_file_is_not_taken_and_leftovers_are_tidied_up() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store, None, "one").await;
    let other = TokenKey::new("demo-app", "Shop-1");
    assert!(matches!(store.compare_and_swap(&other, None, &record("other")).await.unwrap(), Swap::Done(1)));
    let stray = folder.0.join("app-demo-app/shop-%53hop-1/1.json");
    fs::copy(stray, folder.shop().join("2.json")).unwrap();
    assert!(store.load(&key()).await.unwrap_err().to_string().contains("belongs to another"));
    fs::remove_file(folder.shop().join("2.json")).unwrap();
    fs::write(folder.shop().join(".new-1-1"), "half a file").unwrap();
    fs::write(folder.shop().join("notes.txt"), "somebody's own").unwrap();
    put(&store, Some(1), "two").await;
    assert_eq!(folder.names(), ["2.json", "notes.txt"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_swap_at_once_each_change_is_there() {
    let folder = Folder::new();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = Arc::new(folder.store());
            tokio::spawn(async move {
                for step in 0..10 {
                    add(&*store, &format!("t{task}s{step}")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let stored = folder.store().load(&key()).await.unwrap().unwrap();
    assert_eq!((stored.version, count(&stored.record)), (80, 80));
}

/// Adds a word to the scope of what is stored, until it is in.
pub(crate) async fn add(store: &dyn TokenStore, word: &str) {
    let mut stored = store.load(&key()).await.unwrap();
    loop {
        let scope = stored.as_ref().and_then(|stored| stored.record.pair.scope()).unwrap_or_default();
        let pair = record("shared").pair.with_scope(format!("{scope} {word}"));
        let expected = stored.as_ref().map(|stored| stored.version);
        match store.compare_and_swap(&key(), expected, &TokenRecord::new(pair)).await.unwrap() {
            Swap::Done(_) => return,
            Swap::Changed(now) => stored = now,
        }
    }
}

pub(crate) fn count(record: &TokenRecord) -> usize {
    record.pair.scope().unwrap().split_whitespace().collect::<std::collections::HashSet<_>>().len()
}
