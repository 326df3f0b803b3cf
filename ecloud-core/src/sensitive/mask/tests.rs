use super::*;
use crate::sensitive::FieldKind;
use proptest::prelude::*;

fn check(mask: fn(&str) -> String, table: &[(&str, &str)]) {
    for (text, masked) in table {
        assert_eq!(mask(text), *masked, "{text:?}");
    }
}

#[test]
fn of_a_name_the_surname_or_the_first_letter_stays() {
    check(
        name,
        &[
            ("张伟", "张*"),
            ("王小雨", "王**"),
            ("张王小明", "张***"),
            ("张 伟", "张*"),
            ("欧阳", "欧*"),
            ("欧阳修", "欧阳*"),
            ("司马相如", "司马**"),
            ("买买提·艾力", "买**·**"),
            ("阿·买买提", "阿·**"),
            ("古丽娜尔•阿卜杜拉•买买提", "古**·**·**"),
            ("·艾力", "**·**"),
            ("乡·🏽", "乡*"),
            ("张三（前台）不在放门口", "张***"),
            ("𠮷田", "𠮷*"),
            ("John Smith", "J***"),
            ("Éva", "É***"),
            ("E\u{301}va", "E\u{301}***"),
            ("김철수", "김***"),
            ("👨‍👩‍👧‍👦之家", "👨‍👩‍👧‍👦***"),
            ("张", "*"),
            ("J", "*"),
            ("👩🏽", "*"),
            ("", "*"),
            ("  ", "*"),
            ("\u{202e}张伟", "***"),
            ("\n\u{0}x", "***"),
        ],
    );
    let stacked = format!("Z{}ed", "\u{301}".repeat(100_000));
    assert_eq!(name(&stacked), "***");
    assert_eq!(name(&"张".repeat(100_000)), "张***");
}

#[test]
fn of_a_phone_number_code_and_last_digits_stay_and_no_extension() {
    check(
        phone,
        &[
            ("13800138000", "138****8000"),
            ("138 0013 8000", "138****8000"),
            ("138-0013-8000", "138****8000"),
            ("１３８００１３８０００", "138****8000"),
            ("+8613800138000", "+86 138****8000"),
            ("008613800138000", "+86 138****8000"),
            ("8613800138000", "+86 138****8000"),
            ("+86-138-0013-8000", "+86 138****8000"),
            ("18877771111-1234", "188****1111-***"),
            ("18877771111转1234", "188****1111-***"),
            ("18877771111,1234", "188****1111-***"),
            ("18877771111 ext. 99", "188****1111-***"),
            ("+86 18877771111-1", "+86 188****1111-***"),
            ("010-12345678", "010-****5678"),
            ("(010)12345678", "010-****5678"),
            ("0571-87654321", "0571-****4321"),
            ("0571-87654321-801", "0571-****4321-***"),
            ("0571-7654321-801", "0571-****321-***"),
            ("0571 7654321", "0571-****321"),
            ("87654321", "****4321"),
            ("7654321", "****321"),
            ("4008001234", "****1234"),
            ("+1 415 555 2671", "+1 ****2671"),
            ("+44 20 7946 0958", "+44 ****0958"),
            ("+85298765432", "+852 ****5432"),
            ("+886 912 345 678", "+886 ****5678"),
            ("+86 10 12345678", "+86 ****5678"),
            ("电话：13800138000（白天）", "138****8000"),
            ("13800138000/13900139000", "****"),
            ("110", "****"),
            ("10086", "****"),
            ("+1", "****"),
            ("138****8000", "****-***"),
            ("", "****"),
            ("张伟", "****"),
            ("📱", "****"),
        ],
    );
    assert_eq!(phone(&"1".repeat(100_000)), "****");
}

#[test]
fn of_an_address_province_to_town_stay() {
    check(
        address,
        &[
            ("浙江省杭州市余杭区五常街道文一西路969号", "浙江省杭州市余杭区五常街道****"),
            ("浙江省杭州市余杭区文一西路969号 🏠", "浙江省杭州市余杭区****"),
            ("浙江省 杭州市 余杭区 文一西路969号", "浙江省 杭州市 余杭区****"),
            ("浙江杭州市余杭区文一西路969号", "浙江杭州市余杭区****"),
            ("北京市朝阳区建国路1号", "北京市朝阳区****"),
            ("上海市浦东新区世纪大道100号市民中心", "上海市浦东新区****"),
            ("江苏省南京市鼓楼区中山路1号", "江苏省南京市鼓楼区****"),
            ("江西省景德镇市珠山区瓷都大道", "江西省景德镇市珠山区****"),
            ("青海省海西蒙古族藏族自治州德令哈市柴达木路", "青海省海西蒙古族藏族自治州德令哈市****"),
            (
                "云南省临沧市双江拉祜族佤族布朗族傣族自治县勐勐镇1组",
                "云南省临沧市双江拉祜族佤族布朗族傣族自治县勐勐镇****",
            ),
            ("新疆维吾尔自治区乌鲁木齐市天山区解放路", "新疆维吾尔自治区乌鲁木齐市天山区****"),
            ("内蒙古自治区锡林郭勒盟苏尼特右旗赛汉塔拉镇", "内蒙古自治区锡林郭勒盟苏尼特右旗赛汉塔拉镇****"),
            ("香港特别行政区弥敦道1号", "香港特别行政区****"),
            ("杭州市西湖区翠苑小区3幢", "杭州市西湖区****"),
            ("翠苑小区3幢张三家", "****"),
            ("文一西路969号", "****"),
            ("人民路市场3号", "****"),
            ("北京西路1号", "****"),
            ("上海路社区5栋", "****"),
            ("1 Infinite Loop, Cupertino", "****"),
            ("浙江省杭州市余杭区\u{301}文一西路", "****"),
            ("🏠", "****"),
            ("", "****"),
            ("区", "****"),
            ("市市区区", "****"),
        ],
    );
    assert_eq!(address(&"文".repeat(100_000)), "****");
}

#[test]
fn of_an_email_address_the_first_letter_and_the_domain_stay() {
    check(
        email,
        &[
            ("ann@example.com", "a****@example.com"),
            (" ann@example.com\n", "a****@example.com"),
            ("é\u{301}va@example.com", "é\u{301}****@example.com"),
            ("a@example.com", "****@example.com"),
            ("👩🏽@example.com", "****@example.com"),
            ("\"a@b\"@mail.example.com", "\"****@mail.example.com"),
            ("13800138000@139.com", "1****@139.com"),
            ("a@13800138000.com", "****"),
            ("@example.com", "****@example.com"),
            ("ann@张伟.cn", "****"),
            ("ann@localhost", "****"),
            ("ann@a..b", "****"),
            ("ann", "****"),
            ("", "****"),
        ],
    );
}

#[test]
fn of_an_identity_number_the_first_and_the_last_character_stay() {
    check(
        id_number,
        &[
            ("11010519491231002X", "1****X"),
            ("110105491231002", "1****2"),
            ("1101 0519 4912 3100 2X", "1****X"),
            ("E12345678", "E****8"),
            ("１１０１０５１９４９１２３１００２Ｘ", "****"),
            ("１１０１０５４９１２３１００２", "1****2"),
            ("12345", "****"),
            ("张伟的证件", "****"),
            ("", "****"),
            ("1", "****"),
        ],
    );
    assert_eq!(id_number(&"1".repeat(100_000)), "****");
}

#[test]
fn of_a_bank_account_the_last_four_digits_stay() {
    check(
        bank_account,
        &[
            ("6222020200112233445", "****3445"),
            ("6222 0202-0011 2233 445", "****3445"),
            ("DE89370400440532013000", "****3000"),
            ("1234567", "****"),
            ("工商银行6222020200112233445", "****"),
            ("", "****"),
        ],
    );
    assert_eq!(bank_account(&"1".repeat(100_000)), "****");
}

#[test]
fn the_mask_of_a_kind_is_that_of_its_function() {
    assert_eq!(FieldKind::Phone.mask("13800138000"), "138****8000");
    assert_eq!(FieldKind::IdNumber.mask("11010519491231002X"), "1****X");
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| digit(*c).is_some()).count()
}

/// Texts of what people type, and of what they don't.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9+()（）\\-转,. ]{0,30}",
        "[张王欧阳买提·省市区县镇乡街道路小号北京浙江0-9 \u{301}\u{200d}👩🏽@.a-z]{0,40}",
    ]
}

proptest! {
    #[test]
    fn no_text_makes_a_mask_panic_and_none_grows_long(text in any_text()) {
        for kind in FieldKind::ALL {
            let masked = kind.mask(&text);
            prop_assert!(masked.contains('*'), "{kind}: {masked}");
            prop_assert!(masked.len() <= 48.max(text.len()) + 16, "{kind}: {masked}");
        }
    }

    #[test]
    fn what_a_mask_shows_ends_between_graphemes(text in any_text()) {
        use unicode_segmentation::UnicodeSegmentation;
        for kind in [FieldKind::Name, FieldKind::Address, FieldKind::Email] {
            let masked = kind.mask(&text);
            let shown = masked.split('*').next().unwrap_or_default();
            let trimmed = text.trim();
            if !shown.is_empty() && trimmed.starts_with(shown) {
                let mut ends = trimmed.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
                prop_assert!(ends.any(|end| end == shown.len()), "{kind}: {masked}");
            }
        }
    }

    #[test]
    fn a_phone_mask_hides_four_digits_at_least(text in "[0-9+()\\-转,. ]{0,30}") {
        let masked = phone(&text);
        prop_assert!(digits(&masked) <= 8, "{masked}");
        prop_assert!(digits(&masked) == 0 || digits(&masked) + 4 <= digits(&text), "{text} {masked}");
        prop_assert!(masked.chars().all(|c| c.is_ascii_digit() || "+* -".contains(c)), "{masked}");
    }

    #[test]
    fn an_address_mask_shows_chinese_characters_alone_and_nothing_from_the_first_number_on(text in any_text()) {
        let masked = address(&text);
        let shown = masked.strip_suffix("****").unwrap();
        prop_assert!(text.trim_start().starts_with(shown));
        prop_assert!(!shown.chars().any(|c| c.is_ascii_alphanumeric() || digit(c).is_some()), "{masked}");
        prop_assert!(shown.chars().count() <= 60, "{masked}");
    }

    #[test]
    fn number_masks_show_four_characters_at_most(text in any_text()) {
        for mask in [id_number, bank_account] {
            prop_assert!(mask(&text).replace('*', "").len() <= 4);
        }
        prop_assert!(name(&text).split('*').next().unwrap().len() <= LARGEST_GRAPHEME);
    }
}
