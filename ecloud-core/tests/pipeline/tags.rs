//! Routing tags: the client's, a scope's, a call's.

use crate::platform::{Platform, Step, status};
use ecloud_core::{Client, ErrorKind, Json, Method, Tag};

async fn send(client: &Client, own: Option<&str>) {
    let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1");
    let request = if let Some(tag) = own { request.with_tag(tag) } else { request };
    request.send::<Json>().await.unwrap();
}

#[tokio::test]
async fn the_nearest_tag_counts_and_goes_with_every_attempt() {
    let platform = Platform::new([Step::Refuse, status(503)]);
    let client = platform.client().tag("client").build().unwrap();
    send(&client, None).await;
    Tag::new("outer")
        .unwrap()
        .scope(async {
            send(&client, None).await;
            Tag::new("inner").unwrap().scope(send(&client, None)).await;
            send(&client, Some("own")).await;
        })
        .await;
    send(&client, None).await;
    let tags: Vec<_> = platform.seen().into_iter().map(|seen| seen.tag.unwrap()).collect();
    assert_eq!(tags, ["client", "client", "client", "outer", "inner", "own", "client"]);
}

#[tokio::test]
async fn without_a_tag_none_is_sent() {
    let platform = Platform::new([]);
    let client = platform.client().build().unwrap();
    send(&client, None).await;
    let call = Tag::new("sync").unwrap().sync_scope(|| {
        assert_eq!(Tag::of_scope().unwrap().to_string(), "sync");
        client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").send::<Json>()
    });
    call.await.unwrap();
    let tags: Vec<_> = platform.seen().into_iter().map(|seen| seen.tag).collect();
    assert_eq!((tags, Tag::of_scope()), (vec![None, Some("sync".to_owned())], None));
}

#[test]
fn what_is_no_tag_is_refused() {
    for text in ["", "a b", "é", &"a".repeat(65), "a\n"] {
        assert_eq!(Tag::new(text).unwrap_err().kind(), ErrorKind::Configuration);
        let error = Platform::new([]).client().tag(text).build().unwrap_err();
        assert!(error.to_string().contains("tag: not 1 to 64"), "{error}");
    }
    assert_eq!(Tag::new("A.b_c-9").unwrap().as_str(), "A.b_c-9");
}
