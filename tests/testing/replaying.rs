//! What a replay gives back, in order and in any order.

use ecloud::Method;

use super::*;

#[tokio::test]
async fn a_replay_gives_a_client_the_same_answers() {
    let recording = Recording::default();
    let recorder = recorder(&recording, r#"{"order_id":"T1","total":{"amount":12990,"currency":"CNY"}}"#);
    let session = async |client: Client| {
        let shop = client.for_shop("shop-1").access_token("token");
        let read: ecloud::Json =
            shop.request(Method::GET, "/trade/v1/orders/T1").query("a", "b c").send().await.unwrap();
        let body = ecloud::Json::from_iter([("receiver_name", "Zhang Wei"), ("text", "hello")]);
        let written: ecloud::Json = shop.request(Method::POST, "/trade/v1/orders").json(&body).send().await.unwrap();
        (read, written)
    };
    let recorded = session(client(recorder)).await;
    for replayer in [recording.replayer(), recording.replayer().with_salt(SALT).unwrap()] {
        assert_eq!(session(client(replayer.clone())).await, recorded);
        assert!(replayer.unused().is_empty());
    }
}

#[tokio::test]
async fn what_an_answer_named_is_asked_for_in_the_next_request_although_it_is_a_placeholder() {
    let recording = Recording::default();
    let platform = MemoryTransport::new(|request: Request<Bytes>| {
        let body = match request.uri().path() {
            "/customers" => {
                r#"{"items":[{"customer_id":69178293401234567,"user_name":"zhang.wei.7","email":"z@example.com"}]}"#
            }
            _ => r#"{"ok":true}"#,
        };
        Ok(Response::new(Bytes::from(body)))
    });
    let recorder = Recorder::new(platform, recording.clone());
    let session = async |by: &dyn Transport| {
        let list = by.send(request("GET", "/customers", "")).await?;
        let list: ecloud::Json = serde_json::from_slice(&list.into_body().collect().await?.to_bytes()).unwrap();
        let customer = &list["items"][0];
        let target = format!(
            "/customers/{}/{}?email={}",
            customer["customer_id"],
            customer["user_name"].as_str().unwrap(),
            customer["email"].as_str().unwrap()
        );
        by.send(request("GET", &target, "")).await.map(|_| target)
    };
    let recorded = session(&recorder).await.unwrap();
    assert!(recorded.contains("69178293401234567"));
    for replayer in [recording.replayer(), recording.replayer().loose()] {
        let replayed = session(&replayer).await.unwrap();
        assert!(replayed.contains("redacted-") && !replayed.contains("zhang"), "{replayed}");
        assert!(replayer.unused().is_empty());
    }
}

#[tokio::test]
async fn loosely_each_answer_is_given_once_and_the_last_one_from_then_on() {
    let recording = Recording::default();
    let count = std::sync::atomic::AtomicU32::new(0);
    let platform = MemoryTransport::new(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(Response::new(Bytes::from(number.to_string())))
    });
    let recorder = Recorder::new(platform, recording.clone());
    for target in ["/a", "/b?x=1", "/a", "/c"] {
        ask(&recorder, request("GET", target, "")).await.unwrap();
    }
    let replayer = recording.replayer().loose();
    let mut came = Vec::new();
    for target in ["/b?x=1", "/a", "/a", "/a", "/b?x=1"] {
        came.push(ask(&replayer, request("GET", target, "a body that isn't compared")).await.unwrap().1);
    }
    assert_eq!(came, ["1", "0", "2", "2", "1"]);
    assert_eq!(replayer.unused(), ["line 4: GET /c"]);
    let error = ask(&replayer, request("GET", "/b?x=2", "")).await.unwrap_err();
    assert_eq!(reason(&error), "replay: none of 4 recorded exchanges fits GET /b?x=2");
    assert!(!error.is_outcome_unknown());
}

#[tokio::test]
async fn with_the_salt_personal_values_are_told_apart_and_without_it_they_are_not() {
    let recording = Recording::default();
    let recorder = recorder(&recording, "{}");
    for phone in ["13900000001", "13900000002"] {
        ask(&recorder, request("GET", &format!("/customers/{phone}"), "")).await.unwrap();
    }
    let second = || request("GET", "/customers/13900000002", "");
    let told_apart = recording.replayer().with_salt(SALT).unwrap().loose();
    ask(&told_apart, second()).await.unwrap();
    assert!(told_apart.unused()[0].starts_with("line 1: "), "{:?}", told_apart.unused());
    let any = recording.replayer().loose();
    ask(&any, second()).await.unwrap();
    assert!(any.unused()[0].starts_with("line 2: "), "{:?}", any.unused());
    let error = recording.replayer().with_salt("another").unwrap_err();
    assert_eq!(error.message(), "recording, line 1: it was made with another salt");
}

#[tokio::test]
async fn secrets_of_a_request_are_not_compared() {
    let recording = Recording::default();
    let recorder = recorder(&recording, "{}");
    let form = |secret: &'static str| {
        let mut request = request("POST", "/oauth2/token?app_key=a", secret);
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        request
    };
    ask(&recorder, form("grant_type=client_credentials&client_secret=one")).await.unwrap();
    ask(&recorder, request("POST", "/x?api_key=one", r#"{"password":"one"}"#)).await.unwrap();
    let replayer = recording.replayer().with_salt(SALT).unwrap();
    ask(&replayer, form("grant_type=client_credentials&client_secret=two")).await.unwrap();
    ask(&replayer, request("POST", "/x?api_key=two", r#"{"password":"two"}"#)).await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_no_text_is_replayed_in_its_size() {
    let recording = Recording::default();
    let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from_static(b"\x89PNG\xff\x00"))));
    ask(&Recorder::new(platform, recording.clone()), request("GET", "/label", "")).await.unwrap();
    let (_, body) = ask(&recording.replayer(), request("GET", "/label", "")).await.unwrap();
    assert_eq!(body, "\0\0\0\0\0\0");
}

#[tokio::test]
async fn recordings_are_added_to_a_file_and_read_from_it() {
    let directory = std::env::temp_dir().join(format!("ecloud-testing-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("session.jsonl");
    for _ in 0..2 {
        let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from("{}"))));
        let recorder = Recorder::to_file(platform, &path).unwrap();
        ask(&recorder, request("GET", "/", "")).await.unwrap();
        assert_eq!(recorder.finish().unwrap(), 1);
    }
    assert_eq!(Replayer::from_file(&path).unwrap().unused(), ["line 1: GET /", "line 2: GET /"]);
    std::fs::remove_dir_all(&directory).unwrap();
    let missing = Replayer::from_file(&path).unwrap_err();
    assert!(missing.message().starts_with("recording: the file can't be opened: "), "{missing}");
}
