//! Lists as streams: nothing skipped, nothing asked for twice, nothing for ever.

use crate::platform::{Platform, Step, status};
use ecloud_core::{Error, ErrorKind, Items, Method, Page, Pages, Position, Request, ResumeToken};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct ByCursor {
    items: Vec<u32>,
    next_cursor: Option<String>,
}

impl Page for ByCursor {
    type Item = u32;

    fn position(&self) -> Position<'_> {
        Position::Cursor(self.next_cursor.as_deref())
    }

    fn into_items(self) -> Vec<u32> {
        self.items
    }
}

#[derive(Debug, Deserialize)]
struct ByNumber {
    items: Vec<u32>,
    page: u32,
    page_size: u32,
    total: u64,
}

impl Page for ByNumber {
    type Item = u32;

    fn position(&self) -> Position<'_> {
        Position::Number { page: self.page, page_size: self.page_size, total: self.total }
    }

    fn into_items(self) -> Vec<u32> {
        self.items
    }
}

fn json(body: &'static str) -> Step {
    Step::Answer(200, &[("content-type", "application/json")], body)
}

fn list(platform: &Platform) -> Request {
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    shop.request(Method::GET, "/trade/v1/orders").query("status", "paid").query("limit", 2)
}

async fn collect<P: Page>(items: &mut Items<P>) -> (Vec<P::Item>, Option<Error>) {
    let mut all = Vec::new();
    loop {
        match items.try_next().await {
            Ok(Some(item)) => all.push(item),
            Ok(None) => return (all, None),
            Err(error) => return (all, Some(error)),
        }
    }
}

fn targets(platform: &Platform) -> Vec<String> {
    platform.seen().into_iter().map(|one| one.target).collect()
}

#[tokio::test]
async fn cursors_are_followed_over_empty_pages_with_the_callers_own_filters() {
    let platform = Platform::new([
        json(r#"{"items":[1,2],"next_cursor":"a/b"}"#),
        json(r#"{"items":[],"next_cursor":"c"}"#),
        json(r#"{"items":[3]}"#),
    ]);
    let (all, error) = collect(&mut Items::<ByCursor>::new(list(&platform))).await;
    assert_eq!(all, [1, 2, 3]);
    assert!(error.is_none());
    assert_eq!(
        targets(&platform),
        [
            "/trade/v1/orders?status=paid&limit=2",
            "/trade/v1/orders?status=paid&limit=2&cursor=a%2Fb",
            "/trade/v1/orders?status=paid&limit=2&cursor=c",
        ]
    );
}

#[tokio::test]
async fn no_page_is_asked_for_before_it_is_wanted() {
    let platform = Platform::new([json(r#"{"items":[1,2],"next_cursor":"a"}"#), json(r#"{"items":[3]}"#)]);
    let mut items = Items::<ByCursor>::new(list(&platform));
    assert_eq!(platform.seen().len(), 0);
    items.try_next().await.unwrap();
    items.try_next().await.unwrap();
    assert_eq!(platform.seen().len(), 1);
    items.try_next().await.unwrap();
    assert_eq!(platform.seen().len(), 2);
}

#[tokio::test]
async fn a_cursor_that_comes_twice_is_an_error_however_long_the_circle() {
    let platform = Platform::new([
        json(r#"{"items":[1],"next_cursor":"a"}"#),
        json(r#"{"items":[2],"next_cursor":"b"}"#),
        json(r#"{"items":[3],"next_cursor":"a"}"#),
    ]);
    let (_, error) = collect(&mut Items::<ByCursor>::new(list(&platform))).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::Paging);
    assert_eq!(platform.seen().len(), 3);
}

#[tokio::test]
async fn after_an_error_the_stream_ends_and_can_be_taken_up_again() {
    let platform = Platform::new([json(r#"{"items":[1,2],"next_cursor":"a"}"#), status(400), json(r#"{"items":[3]}"#)]);
    let mut items = Items::<ByCursor>::new(list(&platform));
    let (all, error) = collect(&mut items).await;
    assert_eq!((all, error.unwrap().status()), (vec![1, 2], Some(400)));
    assert!(items.try_next().await.unwrap().is_none());

    let stored = items.resume_token().unwrap().to_string();
    let token: ResumeToken = stored.parse().unwrap();
    let (rest, error) = collect(&mut Items::<ByCursor>::new(list(&platform)).resume_from(&token).unwrap()).await;
    assert_eq!((rest, error.is_none()), (vec![3], true));
}

#[tokio::test]
async fn within_a_page_it_is_taken_up_with_that_page() {
    let platform = Platform::new([
        json(r#"{"items":[1],"next_cursor":"a"}"#),
        json(r#"{"items":[2,3]}"#),
        json(r#"{"items":[2,3]}"#),
    ]);
    let mut items = Items::<ByCursor>::new(list(&platform));
    items.try_next().await.unwrap();
    items.try_next().await.unwrap();
    let token = items.resume_token().unwrap();
    let (rest, _) = collect(&mut Items::<ByCursor>::new(list(&platform)).resume_from(&token).unwrap()).await;
    assert_eq!(rest, [2, 3]);
}

#[tokio::test]
async fn a_token_of_other_filters_is_refused() {
    let platform = Platform::new([]);
    let token = Pages::<ByCursor>::new(list(&platform)).resume_token().unwrap();
    let others = Pages::<ByCursor>::new(list(&platform).query("status", "shipped"));
    assert_eq!(others.resume_from(&token).unwrap_err().kind(), ErrorKind::Paging);
    for text in ["", "x", "0123456789abcdef.n.x", "0123456789abcdef.c.", "0123456789abcdef.f.x"] {
        assert_eq!(text.parse::<ResumeToken>().unwrap_err().kind(), ErrorKind::Paging, "{text}");
    }
}

#[tokio::test]
async fn numbers_are_followed_up_to_the_total_and_from_the_callers_own_page() {
    let platform = Platform::new([
        json(r#"{"items":[3,4],"page":2,"page_size":2,"total":5}"#),
        json(r#"{"items":[5],"page":3,"page_size":2,"total":5}"#),
    ]);
    let (all, error) = collect(&mut Items::<ByNumber>::new(list(&platform).query("page", 2))).await;
    assert_eq!((all, error.is_none()), (vec![3, 4, 5], true));
    assert_eq!(targets(&platform)[1], "/trade/v1/orders?status=paid&limit=2&page=3");
}

#[tokio::test]
async fn a_total_that_grows_is_followed_and_another_page_is_an_error() {
    let platform = Platform::new([
        json(r#"{"items":[1],"page":1,"page_size":1,"total":2}"#),
        json(r#"{"items":[2],"page":2,"page_size":1,"total":3}"#),
        json(r#"{"items":[1],"page":1,"page_size":1,"total":3}"#),
    ]);
    let (all, error) = collect(&mut Items::<ByNumber>::new(list(&platform))).await;
    assert_eq!(all, [1, 2]);
    assert_eq!(error.unwrap().kind(), ErrorKind::Paging);

    let platform = Platform::new([json(r#"{"items":[],"page":1,"page_size":0,"total":9}"#)]);
    let (_, error) = collect(&mut Items::<ByNumber>::new(list(&platform))).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::Paging);
}

#[tokio::test]
async fn streams_are_what_the_futures_crate_calls_streams() {
    fn is_stream<S: futures_core::Stream + futures_core::FusedStream + Send + Unpin + 'static>(_: &S) {}
    let platform = Platform::new([]);
    is_stream(&Pages::<ByCursor>::new(list(&platform)));
    is_stream(&Items::<ByNumber>::new(list(&platform)));
}

#[tokio::test]
async fn prefetching_asks_for_one_page_ahead_and_gives_the_same_items() {
    let pages = [
        json(r#"{"items":[1,2],"next_cursor":"b"}"#),
        json(r#"{"items":[3,4],"next_cursor":"c"}"#),
        json(r#"{"items":[5]}"#),
    ];
    let platform = Platform::new(pages.clone());
    let mut items = Items::<ByCursor>::new(list(&platform)).prefetch();
    assert_eq!(platform.seen().len(), 0, "nothing is asked for before it is wanted");
    let first = items.resume_token();
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    assert_eq!(items.resume_token(), first, "the page that is handed out comes again");
    assert_eq!(items.try_next().await.unwrap(), Some(2));
    assert_eq!(platform.seen().len(), 2, "one page ahead, and no more");
    // The page ahead is here, and none of its items was handed out: it comes again.
    let token = items.resume_token().unwrap();
    let (rest, error) = collect(&mut items).await;
    assert_eq!((rest, error.is_none()), (vec![3, 4, 5], true));
    assert_eq!(items.resume_token(), None);

    let again = Platform::new(pages[1..].to_vec());
    let mut items = Items::<ByCursor>::new(list(&again)).resume_from(&token).unwrap().prefetch();
    assert_eq!(collect(&mut items).await.0, [3, 4, 5]);
    assert!(again.seen()[0].target.contains("cursor=b"), "{}", again.seen()[0].target);
}

#[tokio::test]
async fn an_error_of_the_page_ahead_comes_behind_the_items_at_hand() {
    let platform = Platform::new([json(r#"{"items":[1,2],"next_cursor":"b"}"#), status(404)]);
    let mut items = Items::<ByCursor>::new(list(&platform)).prefetch();
    let (came, error) = collect(&mut items).await;
    assert_eq!((came, error.map(|error| error.kind())), (vec![1, 2], Some(ErrorKind::NotFound)));
    assert!(items.resume_token().unwrap().to_string().contains(".c."), "{:?}", items.resume_token());
    assert_eq!(items.try_next().await.unwrap(), None);
}
