use proptest::prelude::*;

use super::*;
use crate::Json;

/// Pieces that documents are made of, whole ones and broken ones.
const PIECES: [&str; 40] = [
    "<Order>",
    "</Order>",
    "<id>",
    "</id>",
    "<note/>",
    "<lines>",
    "</lines>",
    "<labels>",
    "</labels>",
    "<entry>",
    "</entry>",
    "<key>",
    "</key>",
    "<value>",
    "</value>",
    "<total>",
    "</total>",
    "<amount>",
    "1",
    "</amount>",
    "<type>",
    "normal",
    "</type>",
    "&amp;",
    "&#13;",
    "&#0;",
    "&x;",
    "&",
    ";",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a>",
    "\r\n",
    "<",
    ">",
    "张",
    " a='b'",
];

fn harmless(body: &[u8]) {
    let _ = crate::codec::xml::read::<Order>(body);
    let _ = crate::codec::xml::read::<Json>(body);
    let _ = crate::codec::xml::read::<BTreeMap<String, Order>>(body);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        harmless(&body);
    }

    #[test]
    fn no_arrangement_of_markup_makes_the_reader_panic(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        harmless(text.as_bytes());
        harmless(format!("<Order>{text}</Order>").as_bytes());
    }

    #[test]
    fn a_document_that_is_cut_or_altered_makes_no_reader_panic(at in 0_usize..200, byte in any::<u8>()) {
        let order = Order {
            note: Some("a < b\r\n & 张".into()),
            labels: [("k".to_owned(), "v".to_owned())].into(),
            lines: vec![Line::default(), Line::default()],
            ..order()
        };
        let mut body = crate::codec::xml::to_string(&order).unwrap().into_bytes();
        let at = at % body.len();
        harmless(&body[..at]);
        body[at] = byte;
        harmless(&body);
    }

    #[test]
    fn any_text_comes_back_or_is_refused_when_it_is_written(note in any::<String>()) {
        let order = Order { note: Some(note.clone()), labels: [(note.clone(), note)].into(), ..order() };
        match crate::codec::xml::to_string(&order) {
            Ok(text) => prop_assert_eq!(read::<Order>(&text), order),
            Err(error) => prop_assert!(error.message().contains("a character that XML can't carry")),
        }
    }

    #[test]
    fn any_numbers_come_back(amount in any::<i64>(), quantity in any::<u32>(), weight in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
        let line = Line { quantity, weight: Some(weight), ..Line::default() };
        let order = Order { total: Some(Money::new(amount, crate::Currency::CNY)), lines: vec![line], ..order() };
        prop_assert_eq!(read::<Order>(&written(&order)), order);
    }
}

/// Work that grows with the square of the size would take minutes here.
#[test]
fn large_documents_of_any_make_are_read_in_one_go() {
    let many = 20_000;
    let children: String = (0..many).map(|number| format!("<a{number}/>")).collect();
    let references = "&amp;".repeat(many);
    let comments = "a<!-- -->".repeat(many);
    let entries: String = (0..many).map(|key| format!("<entry><key>{key}</key><value/></entry>")).collect();
    for text in [
        format!("<Order>{children}</Order>"),
        format!("<Order><note>{references}</note></Order>"),
        format!("<Order><note>{comments}</note></Order>"),
        format!("<Order><labels>{entries}</labels></Order>"),
        format!("<Order>{}</Order>", "<tags/><lines><quantity>1</quantity><sku/></lines>".repeat(many)),
        format!("<Order>{}", "<note>\n</note>".repeat(many)),
        format!("<Order>{}</Order>", "\n<a>\r</a> &#32;".repeat(many)),
        "<".repeat(many),
        "<a".repeat(many),
        "&".repeat(many),
        "<!--".repeat(many),
        "<Order a='".repeat(many),
        format!("<{}/>", "a".repeat(many)),
    ] {
        harmless(text.as_bytes());
    }
}
