//! Which operations of somebody else's document are lists, and how they page.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{Page, PageStyle, Paging, Position, Shape, Ty};

/// A document with `GET /orders`, which takes these parameters in its query and answers with this schema.
fn document(parameters: &str, schema: &str) -> String {
    let each = parameters.split_whitespace().map(|parameter| {
        let (name, ty) = parameter.split_once(':').unwrap_or((parameter, "integer"));
        format!("{{name: '{name}', in: query, schema: {{type: {ty}}}}}")
    });
    let parameters = each.collect::<Vec<_>>().join(", ");
    format!(
        "openapi: 3.0.3
info: {{title: Shop, version: '1'}}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{parameters}]
      responses:
        '200': {{description: All., content: {{application/json: {{schema: {schema}}}}}}}
components:
  schemas:
    Order: {{type: object, properties: {{a: {{type: string}}}}}}
    Orders: {{type: array, items: {{$ref: '#/components/schemas/Order'}}}}
"
    )
}

/// How the list pages: style, parameter, size, and where its answer says where it stands and has its items.
fn paged(reading: &Reading) -> Option<(Paging, Option<Page>)> {
    let (_, operation) = reading.domain.operations().next().expect("an operation");
    let paging = operation.page.clone()?;
    let model = operation.output.model().and_then(|name| reading.domain.model(name));
    let page = model.and_then(|(_, model)| match &model.shape {
        Shape::Struct(shape) => shape.page.clone(),
        _ => None,
    });
    Some((paging, page))
}

/// The same in one line.
fn told(name: &str, parameters: &str, schema: &str) -> String {
    let reading = foreign::read(name, &document(parameters, schema));
    let Some((paging, page)) = paged(&reading) else {
        return "no list".to_owned();
    };
    let mut text = paging.style.as_str().to_owned();
    for (word, name) in [("by", &paging.parameter), ("size", &paging.size)] {
        if let Some(name) = name {
            text.push_str(&format!(" {word} {name}"));
        }
    }
    if paging.first != 1 {
        text.push_str(&format!(" from {}", paging.first));
    }
    if let Some(page) = page {
        assert_eq!(page.item, Ty::Model("Order".to_owned()));
        let way = |way: &[String]| way.join(".");
        let position = match &page.position {
            Position::Cursor(next) => format!("next {}", way(next)),
            Position::Url(next) => format!("url {}", way(next)),
            Position::More(more) => format!("more {}", way(more)),
            Position::Total(total) => format!("total {}", way(total)),
            Position::Number => "number".to_owned(),
            Position::Open => "open".to_owned(),
        };
        text.push_str(&format!(", items {}, {position}", way(&page.items)));
    }
    text
}

const ORDERS: &str = "{$ref: '#/components/schemas/Orders'}";

fn object(properties: &str) -> String {
    format!("{{type: object, properties: {{{}}}}}", properties.replace("ORDERS", ORDERS))
}

#[test]
fn a_cursor_goes_in_and_the_next_one_comes_out() {
    let text = "{type: string}";
    for (index, (parameters, properties, expected)) in [
        (
            "cursor:string limit",
            format!("orders: ORDERS, cursor: {text}, errors: {{type: array, items: {{}}}}"),
            "cursor by cursor size limit, items orders, next cursor",
        ),
        (
            "pageToken:string pageSize",
            format!("items: ORDERS, pagination: {{type: object, properties: {{nextToken: {text}, previousToken: {text}}}}}"),
            "cursor by pageToken size pageSize, items items, next pagination.next_token",
        ),
        (
            "NextToken:string MaxResultsPerPage",
            format!("payload: {{type: object, properties: {{Orders: ORDERS, NextToken: {text}}}}}"),
            "cursor by NextToken size MaxResultsPerPage, items payload.orders, next payload.next_token",
        ),
        (
            "offset:string limit",
            format!("list: ORDERS, next_offset: {text}"),
            "cursor by offset size limit, items list, next next_offset",
        ),
        (
            "after:string limit",
            format!(
                "results: ORDERS, paging: {{type: object, properties: {{next: {{type: object, properties: {{after: {text}, link: {text}}}}}}}}}"
            ),
            "cursor by after size limit, items results, next paging.next.after",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(told(&format!("pages_cursor_{index}"), parameters, &object(&properties)), expected);
    }
}

#[test]
fn a_number_or_an_offset_goes_in_and_the_end_may_be_told() {
    let number = "{type: integer}";
    for (index, (parameters, properties, expected)) in [
        ("page per_page", "data: ORDERS".to_owned(), "number by page size per_page, items data, open"),
        (
            "page pageSize",
            format!("data: ORDERS, total: {number}"),
            "number by page size pageSize, items data, total total",
        ),
        (
            "page[number] page[size]",
            format!("data: ORDERS, meta: {{type: object, properties: {{total_count: {number}, count: {number}}}}}"),
            "number by page[number] size page[size], items data, total meta.total_count",
        ),
        (
            "page limit",
            "data: ORDERS, has_more: {type: boolean}".to_owned(),
            "number by page size limit, items data, more has_more",
        ),
        (
            "offset:number limit:number",
            format!("orders: ORDERS, count: {number}, offset: {number}, limit: {number}"),
            "offset by offset size limit, items orders, total count",
        ),
        ("skip take", "value: ORDERS".to_owned(), "offset by skip size take, items value, open"),
        ("start", "value: ORDERS".to_owned(), "no list"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(told(&format!("pages_number_{index}"), parameters, &object(&properties)), expected);
    }
    assert_eq!(told("pages_plain", "page per_page", ORDERS), "number by page size per_page");
}

#[test]
fn an_address_comes_out_where_nothing_goes_in() {
    let text = "{type: string, nullable: true}";
    let link = format!("{{type: object, properties: {{next: {text}, prev: {text}}}}}");
    assert_eq!(
        told("pages_address", "q:string", &object(&format!("data: ORDERS, links: {link}"))),
        "url, items data, url links.next"
    );
    let href = "{type: object, properties: {next: {type: object, properties: {href: {type: string}}}}}";
    assert_eq!(
        told(
            "pages_href",
            "",
            &object(&format!("_embedded: {{type: object, properties: {{orders: ORDERS}}}}, _links: {href}"))
        ),
        "url, items embedded.orders, url links.next.href"
    );
    // Where the last page's address is told too, the next one's may never end.
    let last = format!("{{type: object, properties: {{next: {text}, last: {text}}}}}");
    assert_eq!(told("pages_last", "", &object(&format!("data: ORDERS, links: {last}"))), "no list");
}

#[test]
fn a_link_header_leads_on() {
    let text = document("page per_page", ORDERS);
    let text = text.replace("{description: All.,", "{description: All., headers: {Link: {schema: {type: string}}},");
    let (paging, _) = paged(&foreign::read("pages_link", &text)).expect("a list");
    assert_eq!((paging.style, paging.parameter, paging.size.as_deref()), (PageStyle::Link, None, Some("per_page")));
}

#[test]
fn the_first_number_is_what_the_document_says() {
    let text = document("page size", &object("data: ORDERS"));
    let zero = text.replacen("schema: {type: integer}", "schema: {type: integer, default: 0}", 1);
    assert_eq!(paged(&foreign::read("pages_zero", &zero)).expect("a list").0.first, 0);
    let said =
        text.replacen("schema: {type: integer}", "description: Zero-based page index., schema: {type: integer}", 1);
    assert_eq!(paged(&foreign::read("pages_said", &said)).expect("a list").0.first, 0);
    assert_eq!(paged(&foreign::read("pages_one", &text)).expect("a list").0.first, 1);
}

#[test]
fn what_only_looks_like_a_list_is_none() {
    for (index, (parameters, schema)) in [
        ("cursor:string", "{type: string}".to_owned()),
        ("cursor:string", object("orders: ORDERS, returns: ORDERS, cursor: {type: string}")),
        ("cursor:string limit", object("data: ORDERS")),
        ("limit", object("data: ORDERS")),
        ("after:string", object("data: ORDERS, next: {type: integer}")),
    ]
    .into_iter()
    .enumerate()
    {
        let told = told(&format!("pages_none_{index}"), parameters, &schema);
        let ambiguous = index == 1;
        if ambiguous {
            // Of two lists it's the one that the path names.
            assert_eq!(told, "cursor by cursor, items orders, next cursor");
        } else {
            assert_eq!(told, "no list", "{schema}");
        }
    }
    let post =
        document("cursor:string", &object("data: ORDERS, cursor: {type: string}")).replace("    get:", "    post:");
    assert_eq!(paged(&foreign::read("pages_post", &post)), None);
}

#[test]
fn an_overlay_declares_pages_or_says_that_there_are_none() {
    let text = document(
        "from limit q:string",
        &object("found: ORDERS, seen: ORDERS, last_page: {type: boolean}, all: {type: integer}"),
    );
    assert_eq!(paged(&foreign::read("pages_unsaid", &text)), None);
    let overlay = "\
ecloud-overlay: 1
operations:
  listOrders:
    page: {style: offset, parameter: from, items: /found, total: /all}
";
    let reading = foreign::try_read("pages_overlay", &text, Some(overlay)).expect("the document is read");
    let (paging, page) = paged(&reading).expect("a list");
    assert_eq!(
        (paging.style, paging.parameter.as_deref(), paging.size.as_deref()),
        (PageStyle::Offset, Some("from"), Some("limit"))
    );
    let page = page.expect("the page");
    assert_eq!((page.position, page.items), (Position::Total(vec!["all".to_owned()]), vec!["found".to_owned()]));

    let guessed = document("page per_page", &object("data: ORDERS"));
    let never = "ecloud-overlay: 1\noperations: {listOrders: {page: false}}\n";
    let reading = foreign::try_read("pages_never", &guessed, Some(never)).expect("the document is read");
    assert_eq!(paged(&reading), None);
}

#[test]
fn an_overlay_that_names_what_isnt_there_is_refused_with_its_place() {
    let text = document("page per_page", &object("data: ORDERS"));
    for (index, (page, reason)) in [
        ("{style: number, parameter: seite}", "has no parameter `seite` in its query"),
        ("{style: number, parameter: page, items: /rows}", "answers with nothing at `/rows`"),
        ("{style: cursor, parameter: page}", "`next` must say where the answer names the next page"),
    ]
    .into_iter()
    .enumerate()
    {
        let overlay = format!("ecloud-overlay: 1\noperations:\n  listOrders:\n    page: {page}\n");
        let problems =
            foreign::try_read(&format!("pages_refused_{index}"), &text, Some(&overlay)).expect_err("a refusal");
        let text = problems.to_string();
        assert!(text.contains(reason) && text.contains("overlay.yaml:4"), "{text}");
    }
}

#[test]
fn a_page_that_is_two_kinds_of_list_is_the_first_one() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    get:
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses: {'200': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}}
  /returns:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {'200': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}}
components:
  schemas:
    Page: {type: object, properties: {data: {type: array, items: {type: string}}, cursor: {type: string}}}
";
    let reading = foreign::read("pages_two", text);
    let styles: Vec<Option<PageStyle>> =
        reading.domain.operations().map(|(_, operation)| operation.page.as_ref().map(|page| page.style)).collect();
    assert_eq!(styles, [Some(PageStyle::Cursor), None]);
    assert_eq!(reading.repairs.len(), 1);
}
