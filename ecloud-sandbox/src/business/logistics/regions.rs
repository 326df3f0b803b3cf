//! The regions of China: provinces, cities and districts, the same for all shops.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use serde::Serialize;

use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

wire_enum! {
    /// What a region is.
    RegionLevel { Province = "province", City = "city", District = "district" }
}

/// A province, a city or a district.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegionNode {
    region_code: &'static str,
    name: &'static str,
    level: RegionLevel,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_code: Option<&'static str>,
    full_name: String,
    divided: bool,
}

/// All regions, by code.
static REGIONS: LazyLock<BTreeMap<&'static str, RegionNode>> = LazyLock::new(|| {
    let lines = include_str!("../../seed/regions.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut regions: BTreeMap<&str, RegionNode> = BTreeMap::new();
    // Parents stand before their children.
    for (region_code, name) in lines.filter_map(|line| line.split_once('\t')) {
        let level = match region_code {
            code if code.ends_with("0000") => RegionLevel::Province,
            code if code.ends_with("00") => RegionLevel::City,
            _ => RegionLevel::District,
        };
        let parent = above(region_code).and_then(|code| regions.get_mut(code.as_str()));
        let (parent_code, full_name) = match parent {
            Some(parent) => {
                parent.divided = true;
                (Some(parent.region_code), format!("{} {name}", parent.full_name))
            }
            None => (None, name.to_owned()),
        };
        regions.insert(region_code, RegionNode { region_code, name, level, parent_code, full_name, divided: false });
    }
    regions
});

/// The code of the region that one of this code lies in.
fn above(code: &str) -> Option<String> {
    match code {
        code if code.ends_with("0000") => None,
        code if code.ends_with("00") => Some(format!("{}0000", &code[..2])),
        code => Some(format!("{}00", &code[..4])),
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listRegions" => list,
        "searchRegions" => search,
        "resolveRegion" => resolve,
        "getRegion" => get,
        _ => return None,
    })
}

/// `listRegions`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let parent = call.query.one("parent_code").map(find).transpose()?.map(|region| region.region_code);
    let children: Vec<&RegionNode> = REGIONS.values().filter(|region| region.parent_code == parent).collect();
    encode(&Numbered::of(&call.query)?.cut(&children, |region| *region))
}

/// `searchRegions`
pub(crate) fn search(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let text = call.query.one("text").unwrap_or_default();
    let fits = |region: &&RegionNode| region.name.contains(text) && call.query.wants("level", region.level.as_str());
    let found: Vec<&RegionNode> = REGIONS.values().filter(fits).collect();
    encode(&Numbered::of(&call.query)?.cut(&found, |region| *region))
}

/// `resolveRegion`
pub(crate) fn resolve(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut found = named(None, call.query.one("province").unwrap_or_default())?;
    for name in ["city", "district"] {
        let Some(text) = call.query.one(name) else { break };
        found = named(Some(found.region_code), text)?;
    }
    encode(found)
}

/// `getRegion`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.path("region_code"))?)
}

/// The region right below another that a name means: its whole name, or else the first that begins with it.
fn named(parent: Option<&str>, text: &str) -> Result<&'static RegionNode, Refusal> {
    let below = || REGIONS.values().filter(|region| region.parent_code == parent);
    let exact = below().find(|region| region.name == text);
    // One character alone means too little.
    let begun = || below().find(|region| text.chars().count() > 1 && region.name.starts_with(text));
    exact.or_else(begun).ok_or_else(|| Refusal::rule("logistics.region_not_found", "no region has these names"))
}

/// The region of a code.
pub(crate) fn find(code: &str) -> Result<&'static RegionNode, Refusal> {
    let message = "the platform has no such region";
    REGIONS.get(code).ok_or_else(|| Refusal::rule("logistics.region_not_found", message))
}

/// A region's code and those of the regions that it lies in, the smallest first.
pub(crate) fn up_from(code: &str) -> Result<Vec<&'static str>, Refusal> {
    let mut codes = Vec::new();
    let mut next = Some(find(code)?);
    while let Some(region) = next {
        codes.push(region.region_code);
        next = region.parent_code.and_then(|code| REGIONS.get(code));
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::{REGIONS, RegionLevel, up_from};

    #[test]
    fn every_region_but_a_province_lies_in_another() {
        assert_eq!(REGIONS.values().filter(|region| region.level == RegionLevel::Province).count(), 34);
        for region in REGIONS.values() {
            assert_eq!(region.parent_code.is_none(), region.level == RegionLevel::Province, "{}", region.region_code);
        }
        assert_eq!(up_from("330110").unwrap(), ["330110", "330100", "330000"]);
    }
}
