//! Forms in parts, taken apart by a reader of their own (RFC 7578, RFC 2046 section 5.1).

use bytes::Bytes;
use ecloud_core::sensitive::kind::Phone;
use ecloud_core::{File, Multipart, Sensitive};
use proptest::prelude::*;
use serde_json::json;

use super::{Unwritable, WRITE, refusal, sent};

/// A part: its headers as lines, and its content.
type Part = (Vec<String>, Vec<u8>);

/// Takes a body apart at its boundary.
fn parts(request: &http::Request<Bytes>) -> Vec<Part> {
    let content_type = request.headers()["content-type"].to_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert!((1..=70).contains(&boundary.len()) && boundary.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest = [b"\r\n", &request.body()[..]].concat();
    let mut parts = Vec::new();
    loop {
        let at = find(&rest, &delimiter).expect("a delimiter");
        if !parts.is_empty() || at > 0 {
            let part = &rest[..at];
            let end = find(part, b"\r\n\r\n").expect("the end of the headers");
            let head = std::str::from_utf8(&part[..end]).unwrap();
            parts.push((head.split("\r\n").map(str::to_owned).collect(), part[end + 4..].to_vec()));
        }
        rest = rest[at + delimiter.len()..].to_vec();
        if rest == b"--\r\n" {
            return parts;
        }
        assert!(rest.starts_with(b"\r\n"), "what follows a delimiter");
        rest.drain(..2);
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn part(head: &[&str], content: &[u8]) -> Part {
    (head.iter().map(ToString::to_string).collect(), content.to_vec())
}

#[tokio::test]
async fn texts_json_and_files_arrive_as_parts() {
    let request = sent(WRITE, |request| {
        let mut form = Multipart::new();
        form.text("title", &"a b&张");
        form.text("count", &3);
        form.json("meta", &json!({"a": [1]}));
        form.file("image", &File::new("x.png", "image/png", &b"\x89PNG\r\n--\0"[..]));
        request.set_multipart(form);
    })
    .await;
    assert_eq!(
        parts(&request),
        [
            part(&["Content-Disposition: form-data; name=\"title\""], "a b&张".as_bytes()),
            part(&["Content-Disposition: form-data; name=\"count\""], b"3"),
            part(&["Content-Disposition: form-data; name=\"meta\"", "Content-Type: application/json"], br#"{"a":[1]}"#),
            part(
                &["Content-Disposition: form-data; name=\"image\"; filename=\"x.png\"", "Content-Type: image/png"],
                b"\x89PNG\r\n--\0"
            ),
        ]
    );
}

#[tokio::test]
async fn names_are_written_as_browsers_write_them() {
    let request = sent(WRITE, |request| {
        let mut form = Multipart::new();
        form.file("a\"b\r\nc", &File::new("张\"\n; x=\\.pdf", "application/pdf", Bytes::new()));
        request.set_multipart(form);
    })
    .await;
    let head = "Content-Disposition: form-data; name=\"a%22b%0D%0Ac\"; filename=\"张%22%0A; x=\\.pdf\"";
    assert_eq!(parts(&request), [part(&[head, "Content-Type: application/pdf"], b"")]);
}

#[tokio::test]
async fn the_same_form_is_the_same_bytes_and_another_has_another_boundary() {
    let of = async |text: &'static str| {
        sent(WRITE, |request| {
            let mut form = Multipart::new();
            form.text("a", &text);
            request.set_multipart(form);
        })
        .await
    };
    let (first, again, other) = (of("x").await, of("x").await, of("y").await);
    assert_eq!(first.body(), again.body());
    assert_eq!(first.headers()["content-type"], again.headers()["content-type"]);
    assert_ne!(first.headers()["content-type"], other.headers()["content-type"]);
}

#[tokio::test]
async fn what_can_not_be_a_part_is_refused() {
    let refused = async |make: fn(&mut Multipart)| {
        let error = refusal(WRITE, |request| {
            let mut form = Multipart::new();
            make(&mut form);
            request.set_multipart(form);
        })
        .await;
        error.message().to_owned()
    };
    let said = refused(|form| form.file("a", &File::new("x", "text/plain\r\nx-evil: 1", Bytes::new()))).await;
    assert!(said.contains("content type of a file"), "{said}");
    assert!(refused(|form| form.text("a", &Unwritable)).await.contains("`a` can't be written"));
    let said = refused(|form| {
        let phone: Sensitive<Phone> = serde_json::from_str(r#"{"masked":"138****8000"}"#).unwrap();
        form.json("phone", &phone);
    })
    .await;
    assert!(said.contains("a masked phone can't be sent") && !said.contains("138"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_file_holds_it_comes_out_whole(
        contents in proptest::collection::vec(proptest::collection::vec("(\r\n|--|[0-9a-f]{4}|\\PC)", 0..20), 0..5),
    ) {
        let contents: Vec<String> = contents.iter().map(|pieces| pieces.concat()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let request = runtime.block_on(sent(WRITE, |request| {
            let mut form = Multipart::new();
            form.text("first", &"");
            for content in &contents {
                form.file("file", &File::new("f", "text/plain", content.clone()));
            }
            request.set_multipart(form);
        }));
        let arrived: Vec<Vec<u8>> = parts(&request).into_iter().skip(1).map(|(_, content)| content).collect();
        prop_assert_eq!(arrived, contents.iter().map(|content| content.as_bytes().to_vec()).collect::<Vec<_>>());
    }
}
