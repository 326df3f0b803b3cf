//! Postal addresses.

use unicode_segmentation::UnicodeSegmentation;

use super::HIDDEN;

/// Masks a postal address: province, city, district and town stay, what follows is hidden. `浙江省杭州市余杭区文一西路969号` is
/// `浙江省杭州市余杭区****`.
///
/// It reads Chinese addresses from their beginning, as they are written, and is careful: where it isn't sure that a part is a district and
/// not a street or an estate, that part is hidden with the rest. An address in another form is hidden as a whole.
pub fn address(text: &str) -> String {
    let text = text.trim_start();
    let mut shown = 0;
    for level in [province, city, district, town] {
        let rest = &text[shown..];
        let start = rest.len() - rest.trim_start_matches([' ', '\t', '\u{3000}', ',', '，', '-', '/']).len();
        if let Some(length) = level(&rest[start..]) {
            shown += start + length;
        }
    }
    // A mark that belongs to the last character shown would be torn off, so then nothing is shown.
    let is_boundary = text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at <= shown).any(|at| at == shown);
    format!("{}{HIDDEN}", if is_boundary || shown == text.len() { &text[..shown] } else { "" })
}

/// The short names of the provinces, autonomous regions and municipalities, and of the special administrative regions.
const PROVINCES: [&str; 34] = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];

fn province(text: &str) -> Option<usize> {
    let name = PROVINCES.iter().find(|name| text.starts_with(**name))?;
    let rest = &text[name.len()..];
    let suffixes = ["省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区"];
    match suffixes.iter().find(|suffix| rest.starts_with(**suffix)) {
        Some(suffix) => Some(name.len() + suffix.len()),
        // `北京西路1号` and `上海路社区` are no provinces.
        None if rest.starts_with(STREETS) => None,
        None => (city(rest).is_some() || district(rest).is_some()).then_some(name.len()),
    }
}

fn city(text: &str) -> Option<usize> {
    part(text, &[("自治州", 10), ("地区", 5), ("市", 5), ("盟", 5)], &MARKETS)
}

fn district(text: &str) -> Option<usize> {
    let suffixes = [("自治县", 13), ("自治旗", 10), ("区", 6), ("县", 6), ("旗", 8), ("市", 5)];
    part(text, &suffixes, &ESTATES).filter(|end| !is_estate(text, *end, &MARKETS))
}

fn town(text: &str) -> Option<usize> {
    let offices = ["街道口", "街道办", "镇政府", "乡政府", "乡村", "乡间"];
    part(text, &[("街道", 7), ("镇", 7), ("乡", 7), ("苏木", 7)], &offices)
}

/// What ends like a city and isn't one.
const MARKETS: [&str; 7] = ["市场", "市民", "市政", "市委", "市立", "市区", "市内"];

/// What ends like a district and isn't one.
const ESTATES: [&str; 17] = [
    "小区",
    "社区",
    "园区",
    "校区",
    "厂区",
    "院区",
    "景区",
    "片区",
    "街区",
    "营区",
    "库区",
    "住宅区",
    "宿舍区",
    "家属区",
    "生活区",
    "别墅区",
    "工业区",
];

const STREETS: [char; 11] = ['路', '街', '道', '巷', '弄', '号', '栋', '幢', '室', '座', '厦'];

/// The length of a part that `text` begins with: a name of Chinese characters, and a suffix with the most characters that come before it.
fn part(text: &str, suffixes: &[(&str, usize)], others: &[&str]) -> Option<usize> {
    let longest = suffixes.iter().map(|(_, most)| *most).max().unwrap_or_default();
    for (count, (at, c)) in text.char_indices().enumerate() {
        if count > longest || !is_han(c) {
            return None;
        }
        let found = suffixes.iter().find(|(suffix, _)| count >= 1 && text[at..].starts_with(*suffix));
        if let Some((suffix, most)) = found {
            let end = at + suffix.len();
            return (count <= *most && is_name(&text[..at], count) && !is_estate(text, end, others)).then_some(end);
        }
    }
    None
}

/// Whether a word that only looks like a division stands where its suffix ends.
fn is_estate(text: &str, end: usize, others: &[&str]) -> bool {
    others.iter().any(|other| text.match_indices(other).any(|(at, _)| at < end && end <= at + other.len()))
}

/// Whether the text before a suffix can be the name of a division: no street in it, unless it is short, as in 鼓楼区 and 路桥区.
fn is_name(name: &str, count: usize) -> bool {
    !name.ends_with(STREETS) && (count <= 2 || !name.contains(STREETS))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
