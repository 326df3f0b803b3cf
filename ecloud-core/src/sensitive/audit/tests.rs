use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::ErrorKind;

/// A place for one log, gone when the test is over.
struct Place {
    directory: PathBuf,
}

impl Place {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ecloud-audit-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        Self { directory }
    }

    fn log(&self) -> PathBuf {
        self.directory.join("reveals.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.log()).unwrap().lines().map(str::to_owned).collect()
    }

    fn rewrite(&self, lines: &[String]) {
        fs::write(self.log(), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn record(number: u32) -> AuditRecord {
    let item = AuditItem {
        object: format!("order T{number} \"\n张"),
        field: "receiver.phone".to_owned(),
        kind: FieldKind::Phone,
        result: "revealed".to_owned(),
    };
    AuditRecord {
        at: Timestamp::from_unix_seconds(1_795_336_200),
        actor: "clerk 17".to_owned(),
        shop: Some("shop-1".to_owned()),
        purpose: "the parcel came back".to_owned(),
        means: AuditMeans::Platform,
        request_id: None,
        items: vec![item],
    }
}

async fn write(log: &AuditFile, count: u32) {
    for number in 0..count {
        log.record(&record(number)).await.unwrap();
    }
}

fn fault(path: &Path) -> String {
    verify(path).unwrap_err().to_string()
}

#[tokio::test]
async fn a_log_is_json_lines_that_verify_and_goes_on_where_it_ended() {
    let place = Place::new();
    write(&AuditFile::open(place.log()).unwrap(), 3).await;
    write(&AuditFile::open(place.log()).unwrap(), 2).await;
    let summary = verify(place.log()).unwrap();
    assert_eq!(summary.records, 5);
    assert_eq!(summary.bytes, fs::metadata(place.log()).unwrap().len());
    let lines = place.lines();
    assert!(lines[4].ends_with(&format!(r#","hash":"{}"}}"#, summary.head)));
    let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!((&line["seq"], &line["record"]["items"][0]["kind"]), (&1.into(), &"phone".into()));
    assert_eq!(line["record"]["items"][0]["object"], "order T0 \"\n张");
}

#[tokio::test]
async fn records_that_come_at_once_are_one_chain() {
    let place = Place::new();
    let log = AuditFile::open(place.log()).unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let log = log.clone();
            tokio::spawn(async move { log.record(&record(number)).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(verify(place.log()).unwrap().records, 50);
}

#[tokio::test]
async fn whatever_is_done_to_a_log_is_found_with_its_line() {
    let place = Place::new();
    write(&AuditFile::open(place.log()).unwrap(), 5).await;
    let lines = place.lines();
    let altered = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        place.rewrite(&lines);
        fault(&place.log())
    };
    assert!(
        altered(&|lines| lines[2] = lines[2].replace("clerk 17", "clerk 18")).starts_with("line 3: it was altered")
    );
    assert!(altered(&|lines| lines[2] = lines[2].replace("\"seq\":3", "\"seq\":4")).starts_with("line 3: it is out"));
    assert!(altered(&|lines| lines.swap(1, 2)).starts_with("line 2: it is out of its place"));
    assert!(altered(&|lines| drop(lines.remove(1))).starts_with("line 2: it is out of its place"));
    assert!(altered(&|lines| drop(lines.remove(0))).starts_with("line 1: it is out of its place"));
    assert!(altered(&|lines| lines.insert(2, lines[1].clone())).starts_with("line 3: it is out of its place"));
    assert!(altered(&|lines| lines.truncate(3)).starts_with("line 4: it is missing"));
    assert!(altered(&|lines| lines.clear()).starts_with("line 1: it is missing"));
    assert!(altered(&|lines| lines[3].truncate(40)).starts_with("line 4: it is no whole line"));
    assert!(altered(&|lines| lines.push(String::new())).starts_with("line 6: it is no whole line"));
    place.rewrite(&lines);
    let whole = fs::read(place.log()).unwrap();
    fs::write(place.log(), &whole[..whole.len() - 1]).unwrap();
    assert!(fault(&place.log()).starts_with("line 5: it is no whole line"));
    place.rewrite(&lines);
    assert_eq!(verify(place.log()).unwrap().records, 5);
}

#[tokio::test]
async fn a_changed_byte_anywhere_is_found() {
    let place = Place::new();
    write(&AuditFile::open(place.log()).unwrap(), 3).await;
    let whole = fs::read(place.log()).unwrap();
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(place.log(), altered).unwrap();
        assert!(verify(place.log()).is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn a_head_that_is_missing_altered_or_of_another_log_is_found() {
    let (place, other) = (Place::new(), Place::new());
    write(&AuditFile::open(place.log()).unwrap(), 3).await;
    write(&AuditFile::open(other.log()).unwrap(), 2).await;
    let head = verify::head_path(&place.log());
    let own = fs::read_to_string(&head).unwrap();
    let mut later = record(7);
    later.purpose = "another".to_owned();
    AuditFile::open(other.log()).unwrap().record(&later).await.unwrap();
    fs::copy(verify::head_path(&other.log()), &head).unwrap();
    assert!(fault(&place.log()).starts_with("line 3: the head file"));
    fs::write(&head, own.replacen('3', "2", 1)).unwrap();
    assert!(fault(&place.log()).starts_with("line 1: the head file"));
    fs::remove_file(&head).unwrap();
    assert!(fault(&place.log()).starts_with("line 4: the head file"));
    fs::write(&head, own).unwrap();
    verify(place.log()).unwrap();
}

#[tokio::test]
async fn a_keyed_log_verifies_under_its_key_alone() {
    let place = Place::new();
    write(&AuditFile::open_keyed(place.log(), b"kept elsewhere").unwrap(), 2).await;
    assert_eq!(verify_keyed(place.log(), b"kept elsewhere").unwrap().records, 2);
    assert!(verify(place.log()).is_err());
    assert!(verify_keyed(place.log(), b"guessed").is_err());
    let refused = AuditFile::open(place.log()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Audit);
}

#[tokio::test]
async fn a_log_that_is_not_as_it_was_written_is_neither_used_nor_changed() {
    let place = Place::new();
    write(&AuditFile::open(place.log()).unwrap(), 2).await;
    let torn = format!("{}{}", fs::read_to_string(place.log()).unwrap(), r#"{"seq":3,"#);
    fs::write(place.log(), &torn).unwrap();
    let refused = AuditFile::open(place.log()).unwrap_err();
    let source = std::error::Error::source(&refused).unwrap().to_string();
    assert_eq!((refused.kind(), &*source), (ErrorKind::Audit, "line 3: it is no whole line of an audit file"));
    assert_eq!(fs::read_to_string(place.log()).unwrap(), torn);
}

#[tokio::test]
async fn two_writers_fail_rather_than_mix_their_lines() {
    let place = Place::new();
    let (one, two) = (AuditFile::open(place.log()).unwrap(), AuditFile::open(place.log()).unwrap());
    write(&one, 1).await;
    let error = two.record(&record(1)).await.unwrap_err();
    assert!(error.to_string().contains("somebody else"), "{error}");
    write(&one, 1).await;
    assert_eq!(verify(place.log()).unwrap().records, 2);
}

#[tokio::test]
async fn a_directory_that_is_gone_is_an_error_and_no_record() {
    let place = Place::new();
    let log = AuditFile::open(place.log()).unwrap();
    fs::remove_dir_all(&place.directory).unwrap();
    assert!(log.record(&record(1)).await.is_err(), "its head can't be written");
    assert_eq!(AuditFile::open(place.log()).unwrap_err().kind(), ErrorKind::Audit);
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    write(&AuditFile::open(place.log()).unwrap(), 1).await;
    for path in [place.log(), verify::head_path(&place.log())] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
