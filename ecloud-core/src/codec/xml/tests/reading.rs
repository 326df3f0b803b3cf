use super::*;
use crate::{Currency, Json};

#[test]
fn what_was_written_comes_back() {
    let whole = Order {
        note: Some(" \r\n\t<&>]]>'\" 张伟 \u{85}\u{2028} ".into()),
        lines: vec![
            Line { sku: " ".into(), quantity: u32::MAX, gift: true, weight: Some(-0.25e-7) },
            Line { weight: Some(1.0), ..Line::default() },
        ],
        tags: vec![String::new(), "\n".into(), " a ".into()],
        labels: [("".to_owned(), "".to_owned()), (" k ".to_owned(), "\r".to_owned())].into(),
        total: Some(Money::new(i64::MIN, Currency::CNY)),
        at: Some("2026-11-22T08:30:00.000Z".parse().unwrap()),
        phone: Some(serde_json::from_str(r#"{"masked":"138****8000"}"#).unwrap()),
        memo: Nullable::Value(String::new()),
        kind: Some(Kind::Normal),
        ..order()
    };
    for order in [whole, order(), Order::default()] {
        let text = crate::codec::xml::to_string(&order).unwrap();
        assert_eq!(read::<Order>(&text), order, "{text}");
    }
}

#[test]
fn a_list_may_have_no_element_and_its_items_may_stand_anywhere() {
    assert_eq!(read::<Order>("<Order/>"), Order::default());
    let order: Order = read(
        "<Order>\n  <tags>a</tags>\n  <lines><sku>S1</sku><quantity>1</quantity></lines>\n  <tags>b</tags>\
         <id>T1</id><lines><quantity>2</quantity><sku>S2</sku></lines><tags/>\n</Order>",
    );
    assert_eq!(order.tags, ["a", "b", ""]);
    assert_eq!(order.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn required_lists_and_nulls_are_found_absent_at_any_depth() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Page {
        items: Vec<Item>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Item {
        parts: Vec<u32>,
        #[serde(deserialize_with = "crate::codec::null_as_empty")]
        names: Vec<String>,
        note: Option<String>,
    }
    assert_eq!(read::<Page>("<Page/>").items, []);
    let page: Page = read("<Page><items/><items><parts>1</parts></items><items><names>a</names></items></Page>");
    assert_eq!(page.items.iter().map(|item| item.parts.len()).collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!(page.items.iter().map(|item| item.names.len()).collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn what_has_to_be_there_is_named_with_its_object() {
    let line = "<lines><sku>a</sku></lines>";
    assert_eq!(refusal(&format!("<Order>{line}</Order>")), "`lines[0]`: missing field `quantity`");
}

#[test]
fn unknown_elements_and_attributes_are_passed_over() {
    let order: Order = read(
        r#"<?xml version='1.0' encoding='utf-8' standalone="yes"?>
        <!-- from a later version -->
        <Order xmlns="urn:x" a="&lt;&#10;"><later><deep>1</deep><deep/></later><id b='"'>T1</id ><later/></Order>
        <!-- end -->
        "#,
    );
    assert_eq!(order, super::order());
}

#[test]
fn texts_keep_their_blanks_and_line_breaks_are_line_feeds() {
    let note = |inside: &str| read::<Order>(&format!("<Order><note>{inside}</note></Order>")).note.unwrap();
    assert_eq!(note("  a  "), "  a  ");
    assert_eq!(note(" "), " ");
    assert_eq!(note("a\r\nb\rc\n"), "a\nb\nc\n");
    assert_eq!(note("a&#13;&#xD;&#x0a;"), "a\r\r\n");
    assert_eq!(note("&amp;lt;&#x5F20;&quot;&apos;&gt;"), "&lt;张\"'>");
    assert_eq!(note("a<!-- b -->c<![CDATA[<d> & ]]>e"), "ac<d> & e");
    assert_eq!(note(""), "");
}

#[test]
fn scalars_are_read_as_the_type_asks_blanks_around_them_or_not() {
    let line: Line =
        read("<Line><sku>007</sku><quantity>\n 7 </quantity><gift> true</gift><weight>1e3</weight></Line>");
    assert_eq!(line, Line { sku: "007".into(), quantity: 7, gift: true, weight: Some(1000.0) });
    for (member, text) in [
        ("quantity", "seven"),
        ("quantity", ""),
        ("quantity", "-1"),
        ("quantity", "007"),
        ("quantity", "4294967296"),
        ("quantity", "1.0"),
        ("gift", "1"),
        ("weight", "NaN"),
    ] {
        let others = if member == "quantity" { "" } else { "<quantity>1</quantity>" };
        let said = refusal_as::<Line>(&format!("<Line><sku/>{others}<{member}>{text}</{member}></Line>"));
        assert!(said.starts_with(&format!("`{member}`: ")), "{said}");
        assert!(text.is_empty() || !said.contains(&format!("`{text}`")), "{said}");
    }
}

#[test]
fn maps_take_their_entries_in_any_order_and_pass_over_the_rest() {
    let order: Order = read(
        "<Order><labels><entry><value>1</value><key>a</key></entry><other/><entry><key/><value/></entry></labels></Order>",
    );
    assert_eq!(order.labels, [("a".to_owned(), "1".to_owned()), (String::new(), String::new())].into());
    let labels = |entries: &str| refusal(&format!("<Order><labels>{entries}</labels></Order>"));
    assert_eq!(labels("<entry><value/></entry>"), "`labels.entry[0]`: an entry without a key");
    assert_eq!(labels("<entry><key/></entry>"), "`labels.entry[0]`: missing field `value`");
    let twice = "<entry><key>a</key><value/></entry>".repeat(2);
    assert_eq!(labels(&twice), "`labels.entry[1]`: a key that stood before");
}

#[test]
fn without_a_type_a_document_is_read_as_it_looks() {
    let value: Json = read("<Any><a>1</a><b><c/></b><a>2</a><d> </d></Any>");
    assert_eq!(value, serde_json::json!({"a": ["1", "2"], "b": {"c": ""}, "d": " "}));
}
