use super::super::tree::Tree;
use super::*;

/// A refusal of the text itself, without its place.
fn refused_text(text: &str) -> String {
    let said = refusal(text);
    said.rsplit_once(", at byte ").unwrap_or_else(|| panic!("no place in {said}")).0.to_owned()
}

#[test]
fn document_type_definitions_and_entities_of_their_own() {
    assert_eq!(refused_text("<!DOCTYPE Order><Order/>"), "a document type definition");
    let laughs = r#"<!DOCTYPE Order [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Order><note>&b;</note></Order>"#;
    assert_eq!(refused_text(laughs), "a document type definition");
    let file = r#"<?xml version="1.0"?><!DOCTYPE Order SYSTEM "file:///etc/passwd"><Order/>"#;
    assert_eq!(refused_text(file), "a document type definition");
    assert_eq!(refused_text("<Order><note>&b;</note></Order>"), "a reference to an entity that isn't defined");
    assert_eq!(refused_text("<Order><note>&nbsp;</note></Order>"), "a reference to an entity that isn't defined");
    assert_eq!(refused_text("<Order a='&b;'/>"), "a reference to an entity that isn't defined");
    assert_eq!(refused_text("<Order><note>a & b</note></Order>"), "a `&` that begins no reference");
}

#[test]
fn processing_instructions_and_misplaced_declarations() {
    assert_eq!(refused_text("<?php echo 1 ?><Order/>"), "a processing instruction");
    assert_eq!(refused_text("<Order><?go?></Order>"), "a processing instruction");
    for text in
        [" <?xml version='1.0'?><Order/>", "<Order><?xml version='1.0'?></Order>", "<Order/><?xml version='1.0'?>"]
    {
        assert_eq!(refused_text(text), "an XML declaration that isn't at the beginning", "{text}");
    }
}

#[test]
fn another_root() {
    assert_eq!(
        refusal("<Refund><id>T1</id></Refund>"),
        "`the whole body`: the root element is `Refund` where `Order` is expected"
    );
    assert_eq!(refusal("<order/>"), "`the whole body`: the root element is `order` where `Order` is expected");
    assert_eq!(refusal("<e:Order/>"), "`the whole body`: the root element is `e:Order` where `Order` is expected");
}

#[test]
fn what_stands_behind_or_before_the_root() {
    assert_eq!(refused_text("<Order/><Order/>"), "a second root element");
    for text in ["<Order/>x", "x<Order/>", "<Order/>&amp;", "<Order/><![CDATA[]]>", "\u{feff}\u{a0}<Order/>"] {
        assert_eq!(refused_text(text), "text outside of the root element", "{text}");
    }
    assert_eq!(refused_text("<Order/></Order>"), "an end tag without a start tag");
    assert_eq!(refused_text("\u{feff}\u{feff}<Order/>"), "a character that XML can't carry");
}

#[test]
fn texts_among_elements_and_elements_in_place_of_texts() {
    assert_eq!(refused_text("<Order>x<id>T1</id></Order>"), "text where elements should be");
    assert_eq!(refused_text("<Order><id>T1</id>x</Order>"), "text where elements should be");
    assert_eq!(refused_text("<Order><later>x<deep/></later></Order>"), "text where elements should be");
    assert_eq!(refusal("<Order>x</Order>"), "`the whole body`: a text where elements are expected");
    assert_eq!(refusal("<Order><total>12</total></Order>"), "`total`: a text where elements are expected");
    assert_eq!(refusal("<Order><id><x/></id></Order>"), "`id`: elements where a text is expected");
}

#[test]
fn an_element_that_stands_twice() {
    assert_eq!(refusal("<Order><id>1</id><id>1</id></Order>"), "`id`: 2 elements where one is expected");
    let total = "<total><amount>1</amount><currency>CNY</currency></total>";
    assert_eq!(
        refusal(&format!("<Order>{total}<id>1</id>{total}{total}</Order>")),
        "`total`: 3 elements where one is expected"
    );
    let phone = "<phone><masked>1</masked><masked>2</masked></phone>";
    assert_eq!(refusal(&format!("<Order>{phone}</Order>")), "`phone.masked`: 2 elements where one is expected");
}

#[test]
fn characters_that_xml_does_not_have() {
    for inside in ["\0", "\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
        for text in [
            format!("<Order><note>{inside}</note></Order>"),
            format!("<Order a='{inside}'/>"),
            format!("<Order/><!--{inside}-->"),
        ] {
            assert_eq!(refused_text(&text), "a character that XML can't carry", "{text:?}");
        }
    }
    for reference in [
        "&#0;",
        "&#1;",
        "&#x1f;",
        "&#xd800;",
        "&#xfffe;",
        "&#x110000;",
        "&#99999999999;",
        "&#;",
        "&#x;",
        "&#+65;",
        "&#-1;",
        "&#X41;",
    ] {
        let said = refused_text(&format!("<Order><note>{reference}</note></Order>"));
        assert_eq!(said, "a reference to a character that XML can't carry", "{reference}");
    }
    let said = refusal("<Order><note>a\u{1}</note></Order>");
    assert_eq!(said, "a character that XML can't carry, at byte 14");
}

#[test]
fn encodings_and_versions_of_their_own() {
    for encoding in ["GBK", "UTF-16", "ISO-8859-1", "", "utf8"] {
        let said = refused_text(&format!("<?xml version='1.0' encoding='{encoding}'?><Order/>"));
        assert_eq!(said, "another encoding than UTF-8", "{encoding}");
    }
    for declaration in ["<?xml version='1.1'?>", "<?xml version='2.0'?>", "<?xml encoding='utf-8'?>", "<?xml?>"] {
        assert_eq!(refused_text(&format!("{declaration}<Order/>")), "another version than XML 1.0", "{declaration}");
    }
    for rest in
        ["encodin='GBK'", "standalone='yes' encoding='utf-8'", "encoding=utf-8", "encoding='utf-8' encoding='GBK'"]
    {
        let said = refused_text(&format!("<?xml version='1.0' {rest}?><Order/>"));
        assert_eq!(said, "an XML declaration that isn't well formed", "{rest}");
    }
    read::<Order>("<?xml version='1.0' encoding='utf-8' standalone='yes'?><Order/>");
    let read = |body: &[u8]| crate::codec::xml::read::<Order>(body).unwrap_err();
    assert_eq!(
        read(b"<Order><note>\xd5\xc5</note></Order>"),
        "the body is not the XML expected: not UTF-8, at byte 13"
    );
    assert_eq!(read(b"\xff\xfe<\0O\0"), "the body is not the XML expected: not UTF-8, at byte 0");
}

#[test]
fn more_than_a_reader_should_take() {
    let nested = |depth: usize| format!("<Order>{}{}</Order>", "<a>".repeat(depth - 1), "</a>".repeat(depth - 1));
    assert_eq!(read::<Order>(&nested(64)), Order::default());
    assert_eq!(refused_text(&nested(65)), "elements nested deeper than 64");
    let wide = |count: usize| format!("<Order>{}</Order>", "<a/>".repeat(count - 1));
    assert!(Tree::read(&wide(1_000_000)).is_ok());
    assert_eq!(refused_text(&wide(1_000_001)), "more than 1000000 elements");
    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|number| format!(" a{number}='1'")).collect();
        format!("<Order{attributes}/>")
    };
    assert_eq!(read::<Order>(&attributes(32)), Order::default());
    assert_eq!(refused_text(&attributes(33)), "an element with too many attributes");
}

#[test]
fn what_is_not_well_formed() {
    assert_eq!(refused_text("<Order><id></Order></id>"), "an end tag that doesn't match its start tag");
    for text in ["", " ", "<Order>", "<Order><id>T1</id>", "<!-- a -->"] {
        assert_eq!(refused_text(text), "it ends too early", "{text}");
    }
    for text in ["<Order", "<Order a='", "<!-- ", "<![CDATA[", "<Order/><", "<?xml", "<!", "<!x>"] {
        assert_eq!(refused_text(text), "it breaks off", "{text}");
    }
    for text in ["<1/>", "<>", "< Order/>", "</>", "<a$/>", "<Order><a\u{d7}/></Order>"] {
        let said = refused_text(text);
        assert!(
            ["an element without a proper name", "an end tag without a start tag"].contains(&&*said),
            "{text}: {said}"
        );
    }
    for text in
        ["<Order a/>", "<Order a=1/>", "<Order a='1' a='2'/>", "<Order a='<'/>", "<Order 1='1'/>", "<Order a='&'/>"]
    {
        assert_eq!(refused_text(text), "an attribute that isn't well formed", "{text}");
    }
    assert_eq!(refused_text("<Order><!-- a -- b --></Order>"), "`--` in a comment");
    assert_eq!(refused_text("<Order><note>]]></note></Order>"), "`]]>` in a text");
}

#[test]
fn no_refusal_shows_what_stood_there() {
    for text in [
        "<Order><total><amount>13800138000x</amount><currency>CNY</currency></total></Order>",
        "<Order><at>13800138000</at></Order>",
        "<Order><type>13800138000</type></Order>",
        "<Order><id>1</id>13800138000</Order>",
        "<Order><note>13800138000\u{1}</note></Order>",
        "<Order><labels><entry><key>13800138000</key></entry></labels></Order>",
    ] {
        let said = refusal(text);
        assert!(!said.contains("13800138000"), "{said}");
    }
}

#[test]
fn a_number_that_is_too_large_for_its_type() {
    for number in ["1e309", "-0.5e999993", "1e99999999999999999999"] {
        let line = format!("<Order><lines><sku>S</sku><quantity>1</quantity><weight>{number}</weight></lines></Order>");
        assert!(
            refusal(&line).ends_with("something else than a number of the type f64"),
            "{number}: {}",
            refusal(&line)
        );
    }
    let line = "<Order><lines><sku>S</sku><quantity>4294967296</quantity></lines></Order>";
    assert!(refusal(line).ends_with("something else than a number of the type u32"));
}
