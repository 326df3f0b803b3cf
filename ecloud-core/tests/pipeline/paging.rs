//! Lists of platforms that aren't ecloud, walked through bytes: by cursor, number, offset, and by the next page's address.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud_core::dialect::{Auth, KeyLocation, Rest, SecurityScheme};
use ecloud_core::transport::MemoryTransport;
use ecloud_core::{
    Call, Client, Error, ErrorKind, Items, Method, OperationInfo, Page, Pages, Paging, Position, Request, ResumeToken,
};
use http::Response;
use serde::Deserialize;

/// A page that says whatever a test wants it to say.
#[derive(Debug, Deserialize)]
struct Anything {
    data: Vec<u32>,
    next: Option<String>,
    link: Option<String>,
    more: Option<bool>,
    total: Option<u64>,
}

impl Page for Anything {
    type Item = u32;

    fn position(&self) -> Position<'_> {
        match (&self.next, &self.link, self.more, self.total) {
            (Some(cursor), ..) => Position::Cursor(Some(cursor)),
            (_, Some(link), ..) => Position::Url(Some(link)),
            (.., Some(more), _) => Position::More(more),
            (.., Some(total)) => Position::Total(total),
            _ => Position::Open,
        }
    }

    fn into_items(self) -> Vec<u32> {
        self.data
    }
}

/// One answer: the `link` header, if there is one, and the body.
type Step = (&'static str, &'static str);

/// A platform that gives these answers one after the other, and remembers what it was asked for.
#[derive(Clone)]
struct Platform {
    steps: Arc<Mutex<VecDeque<Step>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Platform {
    fn new<const N: usize>(bodies: [&'static str; N]) -> Self {
        Self::with_links(bodies.map(|body| ("", body)))
    }

    fn with_links<const N: usize>(steps: [Step; N]) -> Self {
        Self { steps: Arc::new(Mutex::new(steps.into())), asked: Arc::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn request(&self, info: &'static OperationInfo) -> Request {
        self.request_with(info, Rest::new())
    }

    fn request_with(&self, info: &'static OperationInfo, dialect: Rest) -> Request {
        let platform = self.clone();
        let transport = MemoryTransport::new(move |request: http::Request<Bytes>| {
            let target = request.uri().path_and_query().unwrap().as_str().to_owned();
            assert_eq!(request.uri().authority().unwrap(), "shop.example.com");
            platform.asked.lock().unwrap().push(target);
            let (link, body) = platform.steps.lock().unwrap().pop_front().expect("another page than there are");
            let mut answer = Response::builder().header("content-type", "application/json");
            if !link.is_empty() {
                answer = answer.header("link", link);
            }
            Ok(answer.body(Bytes::from_static(body.as_bytes())).unwrap())
        });
        let client = Client::builder()
            .endpoint("https://shop.example.com/api")
            .dialect(dialect)
            .transport(transport)
            .build()
            .unwrap();
        Call::new(&client.for_shop("shop-1")).request(info)
    }

    /// Walks to the end; what came, and what was asked for without the path.
    async fn walk(&self, request: Request) -> (Vec<u32>, Vec<String>) {
        let (items, error) = collect(Items::<Anything>::new(request)).await;
        assert!(error.is_none(), "{error:?}");
        (items, self.queries())
    }

    fn queries(&self) -> Vec<String> {
        let query = |target: &String| target.strip_prefix("/api/orders").unwrap().trim_start_matches('?').to_owned();
        self.asked().iter().map(query).collect()
    }

    /// Walks to an error of kind `Paging`.
    async fn lost(&self, request: Request) -> (Vec<u32>, String) {
        let (items, error) = collect(Items::<Anything>::new(request)).await;
        let error = error.expect("the walk is lost");
        assert_eq!(error.kind(), ErrorKind::Paging, "{error:?}");
        (items, format!("{error} {error:?}"))
    }
}

async fn collect<P: Page>(mut items: Items<P>) -> (Vec<P::Item>, Option<Error>) {
    let mut all = Vec::new();
    loop {
        match items.try_next().await {
            Ok(Some(item)) => all.push(item),
            Ok(None) => return (all, None),
            Err(error) => return (all, Some(error)),
        }
    }
}

macro_rules! list {
    ($name:ident, $paging:expr) => {
        const $name: &OperationInfo = &OperationInfo::new("orders.list", Method::GET, "/orders").paging(&$paging);
    };
}

list!(CURSOR, Paging::cursor("page[after]").size("limit"));
list!(NUMBER, Paging::number("page[number]").size("page[size]"));
list!(FROM_ZERO, Paging::number("p").size("n").first(0));
list!(UNSIZED, Paging::number("page"));
list!(OFFSET, Paging::offset("offset").size("limit"));
list!(LINK, Paging::link());
list!(URL, Paging::url());

const UNSAID: &OperationInfo = &OperationInfo::new("orders.list", Method::GET, "/orders");

#[tokio::test]
async fn a_cursor_goes_into_the_documents_own_parameter_and_an_empty_one_is_the_end() {
    let platform =
        Platform::new([r#"{"data":[1,2],"next":"a/b"}"#, r#"{"data":[],"next":"c"}"#, r#"{"data":[3],"next":""}"#]);
    let (items, asked) = platform.walk(platform.request(CURSOR).query("limit", 2)).await;
    assert_eq!(items, [1, 2, 3]);
    assert_eq!(asked, ["limit=2", "limit=2&page%5Bafter%5D=a%2Fb", "limit=2&page%5Bafter%5D=c"]);
}

#[tokio::test]
async fn numbers_go_on_while_a_flag_says_so_even_over_an_empty_page() {
    let platform = Platform::new([
        r#"{"data":[1,2],"more":true}"#,
        r#"{"data":[],"more":true}"#,
        r#"{"data":[],"more":true}"#,
        r#"{"data":[3,4],"more":false}"#,
    ]);
    let (items, asked) = platform.walk(platform.request(NUMBER)).await;
    assert_eq!(items, [1, 2, 3, 4]);
    assert_eq!(asked, ["", "page%5Bnumber%5D=2", "page%5Bnumber%5D=3", "page%5Bnumber%5D=4"]);
}

#[tokio::test]
async fn the_callers_own_page_is_where_a_walk_by_number_begins() {
    let platform = Platform::new([r#"{"data":[3],"more":true}"#, r#"{"data":[4],"more":false}"#]);
    let request = platform.request(NUMBER).query("page[number]", 7).query("q", "a&page[number]=1");
    let (_, asked) = platform.walk(request).await;
    assert_eq!(asked[1], "q=a%26page%5Bnumber%5D%3D1&page%5Bnumber%5D=8");
}

#[tokio::test]
async fn numbers_go_on_up_to_the_total_from_whatever_number_is_the_first() {
    let platform =
        Platform::new([r#"{"data":[1,2],"total":5}"#, r#"{"data":[3,4],"total":5}"#, r#"{"data":[5],"total":5}"#]);
    let (items, asked) = platform.walk(platform.request(FROM_ZERO).query("n", 2)).await;
    assert_eq!(items, [1, 2, 3, 4, 5]);
    assert_eq!(asked, ["n=2", "n=2&p=1", "n=2&p=2"]);
}

#[tokio::test]
async fn a_total_that_is_reached_with_a_full_page_needs_no_page_more() {
    let platform = Platform::new([r#"{"data":[1,2],"total":4}"#, r#"{"data":[3,4],"total":4}"#]);
    assert_eq!(platform.walk(platform.request(UNSIZED)).await.0, [1, 2, 3, 4]);
    let platform = Platform::new([r#"{"data":[5,6],"total":6}"#]);
    let request = platform.request(FROM_ZERO).query("n", 2).query("p", 2);
    assert_eq!(platform.walk(request).await.0, [5, 6]);
}

#[tokio::test]
async fn pages_that_the_platform_holds_shorter_than_asked_end_nothing_before_the_total() {
    let platform =
        Platform::new([r#"{"data":[1,2],"total":5}"#, r#"{"data":[3,4],"total":5}"#, r#"{"data":[5],"total":5}"#]);
    assert_eq!(platform.walk(platform.request(NUMBER).query("page[size]", 1000)).await.0, [1, 2, 3, 4, 5]);
    let platform = Platform::new([r#"{"data":[1,2],"total":3}"#, r#"{"data":[3],"total":3}"#]);
    assert_eq!(platform.walk(platform.request(OFFSET).query("limit", 1000)).await.0, [1, 2, 3]);
}

#[tokio::test]
async fn a_total_that_is_never_reached_ends_with_an_empty_page() {
    let platform = Platform::new([r#"{"data":[1],"total":9}"#, r#"{"data":[],"total":9}"#]);
    assert_eq!(platform.walk(platform.request(NUMBER)).await.0, [1]);
    let platform = Platform::new([r#"{"data":[],"total":0}"#]);
    assert!(platform.walk(platform.request(NUMBER)).await.0.is_empty());
}

#[tokio::test]
async fn a_total_of_nothing_beside_items_is_no_total() {
    let platform =
        Platform::new([r#"{"data":[1,2],"total":0}"#, r#"{"data":[3,4],"total":0}"#, r#"{"data":[],"total":0}"#]);
    assert_eq!(platform.walk(platform.request(NUMBER)).await.0, [1, 2, 3, 4]);
}

#[tokio::test]
async fn where_nothing_is_known_an_empty_page_is_the_end_and_with_a_size_a_short_one() {
    let platform = Platform::new([r#"{"data":[1,2]}"#, r#"{"data":[3]}"#, r#"{"data":[]}"#]);
    let (items, asked) = platform.walk(platform.request(NUMBER)).await;
    assert_eq!((items, asked.len()), (vec![1, 2, 3], 3));

    let platform = Platform::new([r#"{"data":[1,2]}"#, r#"{"data":[3]}"#]);
    let (items, asked) = platform.walk(platform.request(NUMBER).query("page[size]", 2)).await;
    assert_eq!((items, asked.len()), (vec![1, 2, 3], 2));

    let platform = Platform::new([r#"{"data":[1,2]}"#, r#"{"data":[]}"#]);
    let (items, asked) = platform.walk(platform.request(OFFSET).query("limit", 2)).await;
    assert_eq!((items, asked.len()), (vec![1, 2], 2));
}

#[tokio::test]
async fn an_offset_grows_by_the_items_that_came() {
    let platform =
        Platform::new([r#"{"data":[1,2,3],"total":6}"#, r#"{"data":[4,5],"total":6}"#, r#"{"data":[6],"total":6}"#]);
    let (items, asked) = platform.walk(platform.request(OFFSET)).await;
    assert_eq!(items, [1, 2, 3, 4, 5, 6]);
    assert_eq!(asked, ["", "offset=3", "offset=5"]);

    let platform = Platform::new([r#"{"data":[1],"more":true}"#, r#"{"data":[2],"more":false}"#]);
    let (_, asked) = platform.walk(platform.request(OFFSET).query("offset", 10)).await;
    assert_eq!(asked, ["offset=10", "offset=11"]);
}

#[tokio::test]
async fn an_offset_that_no_item_moves_is_the_end_whatever_the_flag_says() {
    let platform = Platform::new([r#"{"data":[1],"more":true}"#, r#"{"data":[],"more":true}"#]);
    let (items, asked) = platform.walk(platform.request(OFFSET)).await;
    assert_eq!((items, asked.len()), (vec![1], 2));
}

#[tokio::test]
async fn a_platform_that_does_not_know_the_parameter_is_not_asked_for_ever() {
    for info in [NUMBER, OFFSET] {
        let platform = Platform::new([r#"{"data":[1,2]}"#; 2]);
        let (items, said) = platform.lost(platform.request(info)).await;
        assert_eq!(items, [1, 2]);
        assert!(said.contains("same page twice"), "{said}");
    }
}

#[tokio::test]
async fn the_last_numbers_and_offsets_that_there_are_end_a_list_without_a_panic() {
    let platform = Platform::new([r#"{"data":[1],"more":true}"#]);
    assert_eq!(platform.walk(platform.request(NUMBER).query("page[number]", u32::MAX)).await.0, [1]);
    let platform = Platform::new([r#"{"data":[1],"total":9}"#]);
    assert_eq!(platform.walk(platform.request(FROM_ZERO).query("n", u64::MAX).query("p", u32::MAX)).await.0, [1]);
    let platform = Platform::new([r#"{"data":[1]}"#, r#"{"data":[]}"#]);
    assert_eq!(platform.walk(platform.request(OFFSET).query("offset", u64::MAX)).await.0, [1]);
}

#[tokio::test]
async fn a_list_that_is_nothing_but_its_items_is_a_page() {
    let platform = Platform::with_links([
        (r#"<https://shop.example.com/api/orders?after=2>; rel="next""#, "[1,2]"),
        (r#"</api/orders?after=4>; rel="prev first", <?after=4&x=a,b>; rel=next"#, "[3,4]"),
        (r#"</api/orders>; rel="first""#, "[5]"),
    ]);
    let (items, error) = collect(Items::<Vec<u32>>::new(platform.request(LINK).query("status", "paid"))).await;
    assert_eq!((items, error.is_none()), (vec![1, 2, 3, 4, 5], true));
    assert_eq!(platform.queries(), ["status=paid", "after=2", "after=4&x=a,b"]);
}

#[tokio::test]
async fn a_link_is_followed_whatever_the_page_says_of_itself() {
    let platform =
        Platform::with_links([("<?page=2>; rel=next", r#"{"data":[1],"more":false}"#), ("", r#"{"data":[2]}"#)]);
    assert_eq!(platform.walk(platform.request(LINK)).await.0, [1, 2]);
}

#[tokio::test]
async fn an_address_in_the_answer_is_followed_with_its_whole_path_and_query() {
    let platform = Platform::new([
        r#"{"data":[1],"link":"https://SHOP.example.com:443/api/v2/list/?page=2&filter[a]=b#top"}"#,
        r#"{"data":[2],"link":"more?page=3"}"#,
        r#"{"data":[3],"link":"./a|b/[c]/é?q=ü"}"#,
        r#"{"data":[4],"link":""}"#,
    ]);
    let (items, error) = collect(Items::<Anything>::new(platform.request(URL).query("status", "paid"))).await;
    assert_eq!((items, error.is_none()), (vec![1, 2, 3, 4], true));
    assert_eq!(
        platform.asked(),
        [
            "/api/orders?status=paid",
            "/api/v2/list/?page=2&filter[a]=b",
            "/api/v2/list/more?page=3",
            "/api/v2/list/a%7Cb/%5Bc%5D/%C3%A9?q=%C3%BC",
        ]
    );
}

#[tokio::test]
async fn an_address_that_is_not_below_the_endpoint_is_refused_and_not_shown() {
    for link in [
        "https://evil.example.net/api/orders?planted",
        "http://shop.example.com/api/orders?planted",
        "https://shop.example.com:8443/api/orders?planted",
        "https://shop.example.com.evil.example.net/api/orders?planted",
        "https://user:planted@shop.example.com/api/orders",
        "https://planted@shop.example.com/api/orders",
        "//evil.example.net/api/orders?planted",
        "/\\evil.example.net/api/orders?planted",
        "https://shop.example.com/apis/orders?planted",
        "https://shop.example.com/orders?planted",
        "/api/../admin?planted",
        "/api/%2e%2E/admin?planted",
        "../../admin?planted",
        "file:///api/planted",
        "javascript:planted",
        "https://[planted",
    ] {
        let body = serde_json::json!({"data": [1], "link": link}).to_string();
        let platform = Platform::new([body.leak()]);
        let (items, said) = platform.lost(platform.request(URL)).await;
        assert!(items.is_empty() && platform.asked().len() == 1, "{link}");
        assert!(!said.contains("planted") && !said.contains("evil"), "{link}: {said}");
    }
}

#[tokio::test]
async fn an_address_that_comes_twice_is_an_error_however_long_the_circle() {
    let platform = Platform::new([r#"{"data":[1],"link":"/api/orders"}"#]);
    assert!(platform.lost(platform.request(URL)).await.1.contains("given before"));

    let platform = Platform::new([
        r#"{"data":[1],"link":"?p=2"}"#,
        r#"{"data":[2],"link":"?p=3"}"#,
        r#"{"data":[3],"link":"https://shop.example.com/api/orders?p=2"}"#,
    ]);
    let (items, said) = platform.lost(platform.request(URL)).await;
    assert_eq!(items, [1, 2]);
    assert!(said.contains("given before"), "{said}");
}

#[tokio::test]
async fn a_page_that_does_not_say_what_its_style_needs_is_an_error_and_no_end() {
    for (info, body) in [
        (CURSOR, r#"{"data":[1],"more":true}"#),
        (CURSOR, r#"{"data":[1]}"#),
        (URL, r#"{"data":[1],"total":5}"#),
        (NUMBER, r#"{"data":[1],"next":"a"}"#),
        (UNSAID, r#"{"data":[1]}"#),
    ] {
        let platform = Platform::new([body]);
        platform.lost(platform.request(info)).await;
    }
}

/// Reads the first page, writes the token down, and reads the rest in another stream.
async fn resumed(bodies: [&'static str; 3], request: impl Fn(&Platform) -> Request) -> (Vec<u32>, Vec<String>, String) {
    let platform = Platform::new(bodies);
    let mut pages = Pages::<Anything>::new(request(&platform));
    let mut items = pages.try_next().await.unwrap().unwrap().into_items();
    let stored = pages.resume_token().unwrap().to_string();
    let token: ResumeToken = stored.parse().unwrap();
    assert_eq!(token, pages.resume_token().unwrap());
    let rest = Items::<Anything>::new(request(&platform)).resume_from(&token).unwrap();
    let (rest, error) = collect(rest).await;
    assert!(error.is_none(), "{error:?}");
    items.extend(rest);
    (items, platform.queries(), stored)
}

#[tokio::test]
async fn a_walk_of_each_style_is_taken_up_where_it_stood() {
    let by_cursor = [r#"{"data":[1],"next":"a.b"}"#, r#"{"data":[2],"next":"c"}"#, r#"{"data":[3],"next":""}"#];
    let by_total = [r#"{"data":[1,2],"total":5}"#, r#"{"data":[3,4],"total":5}"#, r#"{"data":[5],"total":5}"#];
    let by_flag = [r#"{"data":[1],"more":true}"#, r#"{"data":[2],"more":true}"#, r#"{"data":[3],"more":false}"#];
    let by_url = [r#"{"data":[1],"link":"?p=2&s=a.b"}"#, r#"{"data":[2],"link":"?p=3"}"#, r#"{"data":[3],"link":""}"#];

    let (items, asked, token) = resumed(by_cursor, |platform| platform.request(CURSOR)).await;
    assert_eq!((items, asked[2].as_str()), (vec![1, 2, 3], "page%5Bafter%5D=c"));
    assert!(token.ends_with(".c.a.b"), "{token}");

    let (items, asked, token) = resumed(by_flag, |platform| platform.request(NUMBER)).await;
    assert_eq!((items, asked[2].as_str()), (vec![1, 2, 3], "page%5Bnumber%5D=3"));
    assert!(token.ends_with(".n.2"), "{token}");

    let (items, _, _) = resumed(by_total, |platform| platform.request(NUMBER).query("page[size]", 2)).await;
    assert_eq!(items, [1, 2, 3, 4, 5]);

    let (items, asked, token) = resumed(by_total, |platform| platform.request(OFFSET)).await;
    assert_eq!((items, asked[2].as_str()), (vec![1, 2, 3, 4, 5], "offset=4"));
    assert!(token.ends_with(".o.2"), "{token}");

    let (items, asked, token) = resumed(by_url, |platform| platform.request(URL).query("status", "paid")).await;
    assert_eq!((items, asked.join(" ")), (vec![1, 2, 3], "status=paid p=2&s=a.b p=3".to_owned()));
    // The base64url of `/orders?p=2&s=a.b`.
    assert!(token.ends_with(".u.L29yZGVycz9wPTImcz1hLmI"), "{token}");
}

#[tokio::test]
async fn a_token_holds_for_the_same_filters_on_whatever_page_and_for_no_others() {
    let platform = Platform::new([]);
    let at = |page: u32, status: &str| platform.request(NUMBER).query("page[number]", page).query("status", status);
    let token = Pages::<Anything>::new(at(1, "paid")).resume_token().unwrap();
    assert!(Pages::<Anything>::new(at(3, "paid")).resume_from(&token).is_ok());
    assert!(Pages::<Anything>::new(platform.request(NUMBER).query("status", "paid")).resume_from(&token).is_ok());
    let refused = Pages::<Anything>::new(at(1, "sent")).resume_from(&token).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Paging);
    // There it is a filter like any other.
    let other = platform.request(NUMBER).query("status", "paid").query("cursor", "x");
    assert!(Pages::<Anything>::new(other).resume_from(&token).is_err());
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    for place in ["o.", "o.-1", "o.x", "u.", "u.%", "u.aHR0cHM6Ly9ldmls", "u.L2EgYg", "u.L2ENCg", "u._w", "x.1"] {
        let text = format!("0123456789abcdef.{place}");
        assert_eq!(text.parse::<ResumeToken>().unwrap_err().kind(), ErrorKind::Paging, "{text}");
    }
}

const KEYED: &OperationInfo = &OperationInfo::new("orders.list", Method::GET, "/orders")
    .security(&[&[SecurityScheme::ApiKey { name: "api_key", location: KeyLocation::Query }]])
    .paging(&Paging::url());

#[tokio::test]
async fn a_key_that_the_platform_repeats_in_an_address_is_sent_once_and_stored_nowhere() {
    let platform = Platform::new([
        r#"{"data":[1],"link":"?api_key=planted-key&p=2"}"#,
        r#"{"data":[2],"link":"?p=3&api_key=planted-key"}"#,
        r#"{"data":[3],"link":""}"#,
    ]);
    let request = platform.request_with(KEYED, Rest::new().with_auth(Auth::api_key("planted-key").unwrap()));
    let mut pages = Pages::<Anything>::new(request);
    while pages.try_next().await.unwrap().is_some() {
        if let Some(token) = pages.resume_token() {
            let debug = format!("{token:?} {pages:?}");
            assert!(!debug.contains("planted") && debug.contains("p="), "{debug}");
        }
    }
    assert_eq!(platform.queries(), ["api_key=planted-key", "p=2&api_key=planted-key", "p=3&api_key=planted-key"]);
}
