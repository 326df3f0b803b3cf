//! After the platform has refused a signature.

use ecloud_core::dialect::ecloud::{
    ParameterDifference, ParameterPlace, SignatureComparison, SignatureDifference, SignatureTrace,
};

use crate::{all_shown, assert_harmless, refusal, trace};

fn difference(trace: &SignatureTrace) -> SignatureDifference {
    assert_harmless(&all_shown(trace));
    match trace.comparison() {
        SignatureComparison::Different(difference) => difference,
        other => panic!("{other:?}"),
    }
}

/// Number, place, name and kind of the parameter that differs.
fn parameter(trace: &SignatureTrace) -> (usize, ParameterPlace, String, ParameterDifference) {
    match difference(trace) {
        SignatureDifference::Parameter { number, place, name, difference, .. } => (number, place, name, difference),
        other => panic!("{other:?}"),
    }
}

/// The lines that show the difference.
fn picture(trace: &SignatureTrace) -> Vec<String> {
    let shown = trace.to_string();
    let lines = shown.lines().skip_while(|line| !line.starts_with("    signed ")).take(3);
    lines.map(str::to_owned).collect()
}

/// The character above the mark, in both lines.
fn marked(trace: &SignatureTrace) -> (Option<char>, Option<char>) {
    let lines = picture(trace);
    let column = lines[2].chars().position(|character| character == '^').unwrap();
    (lines[0].chars().nth(column), lines[1].chars().nth(column))
}

#[tokio::test]
async fn equal_strings_say_that_the_secrets_differ() {
    let error = refusal(Some).await;
    let trace = error.signature_trace().unwrap();
    assert_eq!(trace.comparison(), SignatureComparison::Same);
    assert_eq!(trace.expected(), Some(trace.string_to_sign()));
    let message =
        "not the one; both sides signed the same, so the secrets differ (this one's fingerprint: ce385b21ca2f5084)";
    assert_eq!(error.message(), message);
    let shown = trace.to_string();
    assert!(shown.contains("the same string, so the secrets differ") && shown.contains("environment"), "{shown}");
    assert!(shown.contains(&format!("app secret  fingerprint {}", trace.key_fingerprint())), "{shown}");
    assert_harmless(&format!("{error} {error:?} {error:#?} {}", all_shown(trace)));
}

#[tokio::test]
async fn a_platform_that_says_nothing_leaves_what_was_signed() {
    let error = refusal(|_| None).await;
    let trace = error.signature_trace().unwrap();
    assert_eq!((trace.comparison(), trace.expected()), (SignatureComparison::Unknown, None));
    assert!(trace.to_string().contains("doesn't say what it expected"), "{trace}");
    assert_eq!(error.message(), "not the one; the signature's trace shows what was signed");
}

#[tokio::test]
async fn a_difference_in_the_method_is_the_first() {
    let trace = trace(|signed| signed.replacen("GET|", "GOT|", 1).replace("page=2", "page=3")).await;
    assert_eq!(difference(&trace), SignatureDifference::Method);
    assert_eq!(picture(&trace), ["    signed    GET", "    expected  GOT", "               ^"]);
}

#[tokio::test]
async fn a_difference_in_the_path_is_marked() {
    let trace = trace(|signed| signed.replace("/v1/orders|", "/v2/orders|").replace("page=2", "page=3")).await;
    assert_eq!(difference(&trace), SignatureDifference::Path);
    assert_eq!(
        picture(&trace),
        ["    signed    /trade/v1/orders", "    expected  /trade/v2/orders", "                      ^"]
    );
    assert!(trace.to_string().contains("the first difference is the path\n"), "{trace}");
}

#[tokio::test]
async fn a_path_that_goes_on_is_marked_behind_its_end() {
    let trace = trace(|signed| signed.replace("/orders|", "/orders/|")).await;
    assert_eq!(difference(&trace), SignatureDifference::Path);
    assert_eq!(marked(&trace), (None, Some('/')));
}

#[tokio::test]
async fn a_difference_in_the_timestamp_is_marked() {
    let trace = trace(|signed| signed.replace("|1795336200|", "|1795336200000|")).await;
    assert_eq!(difference(&trace), SignatureDifference::Timestamp);
    assert_eq!(marked(&trace), (None, Some('0')));
}

#[tokio::test]
async fn another_value_of_a_harmless_parameter_is_shown() {
    let trace = trace(|signed| signed.replace("page=2", "page=3")).await;
    assert_eq!(parameter(&trace), (6, ParameterPlace::Query, "page".to_owned(), ParameterDifference::Value));
    assert_eq!(picture(&trace), ["    signed    page=2", "    expected  page=3", "                   ^"]);
}

#[tokio::test]
async fn another_value_of_a_personal_parameter_is_shown_as_a_shape() {
    let trace = trace(|signed| signed.replace("%2013800138000", "+13800138000")).await;
    assert_eq!(parameter(&trace), (5, ParameterPlace::Query, "keyword".to_owned(), ParameterDifference::Value));
    assert_eq!(
        picture(&trace),
        [
            "    signed    keyword=%XX%XX%XX%XX%XX%XX%2099999999999",
            "    expected  keyword=%XX%XX%XX%XX%XX%XX+99999999999",
            "                                        ^"
        ]
    );
}

#[tokio::test]
async fn another_token_is_a_value_that_differs() {
    let trace = trace(|signed| {
        let start = signed.find("sha256:").unwrap() + 7;
        format!("{}0123456789abcdef{}", &signed[..start], &signed[start + 16..])
    })
    .await;
    assert_eq!(parameter(&trace), (1, ParameterPlace::Header, "authorization".to_owned(), ParameterDifference::Value));
    assert!(picture(&trace)[1].contains(":authorization=sha256:0123456789abcdef"), "{trace}");
}

#[tokio::test]
async fn a_parameter_that_the_platform_lacks_is_named() {
    let trace = trace(|signed| signed.replace(":x-ecloud-tag=blue&", "")).await;
    let expected = (4, ParameterPlace::Header, "x-ecloud-tag".to_owned(), ParameterDifference::OnlySigned);
    assert_eq!(parameter(&trace), expected);
    assert!(trace.to_string().contains("parameter 4, header `x-ecloud-tag`: only this side has it"), "{trace}");
    assert_eq!(marked(&trace), (Some(':'), Some('k')));
}

#[tokio::test]
async fn a_last_parameter_that_the_platform_lacks_is_named() {
    let trace = trace(|signed| signed.replace("&page=2", "")).await;
    assert_eq!(parameter(&trace), (6, ParameterPlace::Query, "page".to_owned(), ParameterDifference::OnlySigned));
    assert_eq!(picture(&trace), ["    signed    page=2", "    expected  (nothing)", "              ^"]);
}

#[tokio::test]
async fn a_parameter_that_the_platform_adds_is_named() {
    let trace = trace(|signed| signed.replace("&page=2", "&limit=9&page=2")).await;
    assert_eq!(parameter(&trace), (6, ParameterPlace::Query, "limit".to_owned(), ParameterDifference::OnlyExpected));
    let last = crate::trace(|signed| signed + "&z=1").await;
    assert_eq!(parameter(&last), (7, ParameterPlace::Query, "z".to_owned(), ParameterDifference::OnlyExpected));
}

#[tokio::test]
async fn a_header_that_became_another_is_one_too_many_on_each_side() {
    let trace = trace(|signed| signed.replace(":x-ecloud-tag=blue", "x-ecloud-tag=blue")).await;
    let expected = (4, ParameterPlace::Header, "x-ecloud-tag".to_owned(), ParameterDifference::OnlySigned);
    assert_eq!(parameter(&trace), expected);
}

#[tokio::test]
async fn another_order_is_told_as_such() {
    let trace = trace(|signed| {
        let (before, keyword) = signed.split_once("&keyword=").unwrap();
        let keyword = keyword.strip_suffix("&page=2").unwrap();
        format!("{before}&page=2&keyword={keyword}")
    })
    .await;
    assert_eq!(parameter(&trace), (5, ParameterPlace::Query, "keyword".to_owned(), ParameterDifference::Order));
}

#[tokio::test]
async fn another_way_to_write_the_same_is_a_matter_of_form() {
    let trace = trace(|signed| signed.replace('|', "\n")).await;
    assert_eq!(difference(&trace), SignatureDifference::Form);
    assert!(picture(&trace)[1].starts_with(r"    expected  XXX\n/xxxxx/x9/xxxxxx\n9999"), "{trace}");
    assert_eq!(marked(&trace), (Some('|'), Some('\\')));
}

#[tokio::test]
async fn long_values_are_cut_off_around_the_difference() {
    let long = format!("&keyword={}", "a".repeat(5000));
    let trace = trace(move |signed| signed.replace("&keyword=", &long)).await;
    let lines = picture(&trace);
    assert!(lines[1].ends_with('…') && lines[1].chars().count() < 100, "{lines:?}");
    assert_eq!(marked(&trace), (Some('%'), Some('x')));
}

#[tokio::test]
async fn shapes_are_explained_once() {
    let legend = "x and X stand for letters";
    let personal = trace(|signed| signed.replace("page=2", "page=3")).await.to_string();
    assert_eq!(personal.matches(legend).count(), 1, "{personal}");
    let client = crate::refusing(|signed| Some(signed.replace('|', "\n")));
    let request = client.for_shop("shop-1").request(ecloud_core::Method::GET, "/trade/v1/orders");
    let error = request.send::<()>().await.unwrap_err();
    let form = error.signature_trace().unwrap().to_string();
    assert_eq!(form.matches(legend).count(), 1, "{form}");
}

#[tokio::test]
async fn another_way_to_write_the_same_pairs_is_not_the_same() {
    for (from, to) in [("&page=2", "&&page=2"), ("&page=2", "&page=2&")] {
        let trace = trace(move |signed| signed.replace(from, to)).await;
        assert_eq!(parameter(&trace).3, ParameterDifference::OnlyExpected, "{trace}");
    }
    let client = crate::refusing(|signed| Some(signed.replace("&page=", "&page")));
    let error = client.for_shop("shop-1").request(ecloud_core::Method::GET, "/x").query("page", "").send::<()>().await;
    assert_eq!(difference(error.unwrap_err().signature_trace().unwrap()), SignatureDifference::Form);
}

#[tokio::test]
async fn the_longest_string_is_compared_too() {
    let client = crate::refusing(Some);
    let request = client.for_shop("shop-1").request(ecloud_core::Method::GET, "/x").query("q", "张".repeat(7000));
    let error = request.send::<()>().await.unwrap_err();
    assert_eq!(error.signature_trace().unwrap().comparison(), SignatureComparison::Same);
}
