//! The command: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn start(arguments: &[&str]) -> (Child, String) {
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_ecloud-sandbox")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    (child, line)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn one_line_of_json_says_where_it_is_and_how_to_get_in() {
    for name in ["INT", "TERM"] {
        let (mut child, line) = start(&["--port", "0", "--json"]);
        let introduction: Value = serde_json::from_str(&line).unwrap();
        let members: Vec<&String> = introduction.as_object().unwrap().keys().collect();
        assert_eq!(members, ["access_token", "app_key", "app_secret", "endpoint"]);
        let address = introduction["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /sandbox/v1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(r#""tier":"standard""#), "{answer}");
        signal(&child, name);
        assert!(child.wait().unwrap().success(), "SIG{name}");
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
