//! The command: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The command while it runs, which a failed test doesn't leave behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Asks it to stop; whether it ends as a success.
    fn stops_at(mut self, signal: &str) -> bool {
        let asked = Command::new("kill").args([&format!("-{signal}"), &self.0.id().to_string()]).status().unwrap();
        asked.success() && self.0.wait().unwrap().success()
    }
}

fn start(arguments: &[&str]) -> (Running, String) {
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_ecloud-sandbox")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    (Running(child), line)
}

/// Sends a request to the command that has introduced itself with this line.
fn ask(line: &str, request: &str) -> String {
    let introduction: Value = serde_json::from_str(line).unwrap();
    let address = introduction["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn one_line_of_json_says_where_it_is_and_how_to_get_in() {
    for name in ["INT", "TERM"] {
        let (running, line) = start(&["--port", "0", "--json"]);
        let introduction: Value = serde_json::from_str(&line).unwrap();
        let members: Vec<&String> = introduction.as_object().unwrap().keys().collect();
        assert_eq!(members, ["access_token", "app_key", "app_secret", "endpoint"]);
        let answer = ask(&line, "GET /sandbox/v1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(answer.contains(r#""tier":"standard""#), "{answer}");
        assert!(running.stops_at(name), "SIG{name}");
    }
}

#[test]
fn a_port_that_is_taken_is_an_error_in_words() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_ecloud-sandbox")).args(["--port", &port]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
}

#[test]
fn what_was_saved_when_it_stopped_is_there_when_it_is_restored() {
    let path = std::env::temp_dir().join(format!("ecloud-sandbox-command-{}", std::process::id()));
    let file = path.to_str().unwrap();
    let body = r#"{"lines":[{"sku_id":"S1000001-1","quantity":1}]}"#;
    let buy = format!(
        "POST /sandbox/v1/orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (running, line) = start(&["--port", "0", "--json", "--seed", "5", "--save", file]);
    let bought = ask(&line, &buy);
    assert!(bought.starts_with("HTTP/1.1 201"), "{bought}");
    let (_, answer) = bought.split_once("\r\n\r\n").unwrap();
    let order: Value = serde_json::from_str(answer).unwrap();
    let order_id = order["order_id"].as_str().unwrap();
    assert!(running.stops_at("TERM"));

    let (running, restored) = start(&["--port", "0", "--json", "--restore", file]);
    let credentials = |line: &str| {
        let introduction: Value = serde_json::from_str(line).unwrap();
        (introduction["app_secret"].clone(), introduction["access_token"].clone())
    };
    assert_eq!(credentials(&line), credentials(&restored));
    let paid = format!(
        "POST /sandbox/v1/orders/{order_id}/pay HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    let answer = ask(&restored, &paid);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""payment_status":"paid""#), "{answer}");
    assert!(running.stops_at("TERM"));

    std::fs::write(&path, "no snapshot").unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_ecloud-sandbox")).args(["--port", "0", "--restore", file]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains(file) && said.contains("line 1"), "{said}");
    std::fs::remove_file(&path).unwrap();
}
