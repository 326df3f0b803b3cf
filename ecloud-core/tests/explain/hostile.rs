//! A platform may answer with anything.

use ecloud_core::dialect::ecloud::SignatureComparison;
use proptest::prelude::*;

use crate::{TOKEN, all_shown, assert_harmless, refusal, trace};

/// More than any picture takes.
const LONGEST_PICTURE: usize = 12_000;

async fn assert_bounded(expected: String) {
    let trace = trace(move |_| expected.clone()).await;
    let shown = all_shown(&trace);
    assert!(shown.len() < 2 * LONGEST_PICTURE, "{} bytes", shown.len());
    assert!(shown.chars().all(|character| character == '\n' || !character.is_control()), "{shown:?}");
    assert_harmless(&shown);
    assert!(matches!(trace.comparison(), SignatureComparison::Different(_)));
}

#[tokio::test]
async fn strings_of_any_size_and_making_are_shown_in_bounds() {
    let megabyte = |piece: &str| piece.repeat(1024 * 1024 / piece.len());
    for expected in [
        String::new(),
        "|".to_owned(),
        "|||".to_owned(),
        "||||||||".to_owned(),
        "GET|/trade/v1/orders|1795336200|".to_owned(),
        "GET|/trade/v1/orders|1795336200|&&&=&==".to_owned(),
        "GET|/trade/v1/orders|1795336200|:authorization".to_owned(),
        "GET|/trade/v1/orders|1795336200|%".to_owned(),
        "GET|/trade/v1/orders|1795336200|%E5%BC%A0=%E".to_owned(),
        "GET|/trade/v1/orders\u{1b}[2J\r\n\u{202e}\u{0}|1|a=\u{7f}".to_owned(),
        "GET|/trade/v1/张伟13800138000|1795336200|".to_owned(),
        "张伟|张伟|13800138000张伟|张伟=张伟".to_owned(),
        "GET|/trade/v1/orders|1795336200|keyword%3D13800138000".to_owned(),
        megabyte("x"),
        megabyte("张"),
        megabyte("|"),
        megabyte("\u{0}"),
        format!("GET|{}|1|", megabyte("/a")),
        format!("GET|/trade/v1/orders|1795336200|{}", megabyte("a=1&")),
        format!("GET|/trade/v1/orders|1795336200|:{}=1", megabyte("a")),
        format!("GET|/trade/v1/orders|1795336200|{}", megabyte("\u{1b}")),
    ] {
        assert_bounded(expected).await;
    }
}

#[tokio::test]
async fn what_is_kept_of_a_platforms_string_is_bounded() {
    let trace = trace(|_| "张".repeat(400_000)).await;
    let kept = trace.expected().unwrap().len();
    assert!((256 * 1024 - 3..=256 * 1024).contains(&kept), "{kept}");
}

#[tokio::test]
async fn a_token_that_a_platform_forgot_to_mask_is_masked() {
    let with_token = |signed: String| {
        let start = signed.find("sha256:").unwrap();
        format!("{}Bearer%20{TOKEN}{}", &signed[..start], &signed[start + 23..])
    };
    let trace = trace(with_token).await;
    assert_eq!(trace.comparison(), SignatureComparison::Same);
    assert!(!trace.expected().unwrap().contains(TOKEN));
}

#[tokio::test]
async fn a_string_with_the_token_anywhere_else_is_not_kept() {
    for expected in [
        format!("GET|/{TOKEN}|1|"),
        format!("{TOKEN}|/|1|"),
        format!("GET|/|1|authorization=Bearer%20{TOKEN}&:authorization=x"),
        format!("GET|/|1|{TOKEN}=1"),
        TOKEN.to_owned(),
    ] {
        let error = refusal(move |_| Some(expected.clone())).await;
        let trace = error.signature_trace().unwrap();
        assert_eq!(trace.expected(), None);
        assert!(trace.to_string().contains("the access token in clear"), "{trace}");
        assert_harmless(&format!("{error} {error:?} {}", all_shown(trace)));
    }
}

#[tokio::test]
async fn many_parameters_are_listed_in_bounds() {
    let client = crate::refusing(Some);
    let mut request = crate::request(&client);
    for number in 0..400 {
        request = request.query(&format!("name-{number}-{}", "n".repeat(40)), "v".repeat(80));
    }
    let shown = request.explain().unwrap().to_string();
    assert!(shown.len() < LONGEST_PICTURE, "{}", shown.len());
    assert!(shown.contains("and 358 more"), "{shown}");
    let error = request.send::<()>().await.unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
    let shown = format!("{error:?}");
    assert!(shown.len() < LONGEST_PICTURE, "{}", shown.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_string_makes_it_panic(prefix in 0_usize..200, text in "[|&=:%A-Za-z0-9/\\PC\\n]{0,80}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let trace = runtime.block_on(trace(move |signed| {
            format!("{}{text}", signed.get(..prefix).unwrap_or_default())
        }));
        let shown = all_shown(&trace);
        prop_assert!(shown.len() < 2 * LONGEST_PICTURE);
        prop_assert!(shown.chars().all(|character| character == '\n' || !character.is_control()));
    }
}

#[tokio::test]
async fn each_token_that_a_platform_forgot_to_mask_is_masked() {
    let trace = trace(|signed| format!("{signed}&:authorization=Bearer%20{TOKEN}")).await;
    assert!(trace.expected().unwrap().contains("&:authorization=sha256:08f192d3152601ee"), "{trace}");
    assert_harmless(&all_shown(&trace));
}
