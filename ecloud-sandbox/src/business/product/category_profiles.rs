//! What the platform knows of its categories besides their names: attributes, limits, and words that speak for them.

use serde::Serialize;

use super::Category;
use crate::business::wire::wire_enum;

wire_enum! {
    /// What the values of an attribute are.
    AttributeKind { Text = "text", Number = "number", Choice = "choice" }
}

wire_enum! {
    /// Of what an attribute is a property.
    AttributeLevel { Item = "item", Sku = "sku" }
}

/// Something that the platform wants to know of a category's items.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: AttributeKind,
    level: AttributeLevel,
    pub(crate) required: bool,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(crate) values: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
}

impl Attribute {
    const fn text(name: &'static str) -> Self {
        let (kind, level) = (AttributeKind::Text, AttributeLevel::Item);
        Self { name, kind, level, required: false, values: &[], minimum: None, maximum: None, unit: None }
    }

    const fn choice(name: &'static str, values: &'static [&'static str]) -> Self {
        Self { kind: AttributeKind::Choice, values, ..Self::text(name) }
    }

    const fn number(name: &'static str, minimum: i64, maximum: i64, unit: &'static str) -> Self {
        let (minimum, maximum) = (Some(minimum), Some(maximum));
        Self { kind: AttributeKind::Number, minimum, maximum, unit: Some(unit), ..Self::text(name) }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    fn of_skus(name: &'static str) -> Self {
        Self { level: AttributeLevel::Sku, ..Self::text(name) }
    }
}

/// What is the same for all leaves of a top category.
#[derive(Debug)]
pub(crate) struct Profile {
    attributes: &'static [Attribute],
    pub(crate) title_length_max: usize,
    pub(crate) images_min: usize,
    pub(crate) images_max: usize,
    /// The names of the properties in which variants may differ.
    pub(crate) sku_dimensions: &'static [&'static str],
    pub(crate) size_chart: bool,
}

const KITCHEN: Profile = Profile {
    attributes: &[
        Attribute::text("origin"),
        Attribute::choice(
            "material",
            &["stoneware", "porcelain", "glass", "enamel", "cast iron", "steel", "wood", "bamboo"],
        ),
        Attribute::number("capacity", 1, 100_000, "millilitre"),
        Attribute::choice("dishwasher_safe", &["yes", "no"]),
    ],
    title_length_max: 120,
    images_min: 0,
    images_max: 10,
    sku_dimensions: &["colour", "size", "set"],
    size_chart: false,
};

const TEXTILES: Profile = Profile {
    attributes: &[
        Attribute::text("origin"),
        Attribute::choice("material", &["cotton", "linen", "silk", "wool", "velvet", "polyester"]).required(),
        Attribute::number("thread_count", 1, 2_000, "thread"),
    ],
    title_length_max: 60,
    images_min: 1,
    images_max: 8,
    sku_dimensions: &["colour", "size", "pattern"],
    size_chart: true,
};

const CLOTHING: Profile = Profile {
    attributes: &[
        Attribute::text("origin"),
        Attribute::choice("material", &["cotton", "linen", "wool", "silk", "leather", "canvas", "rubber", "straw"])
            .required(),
        Attribute::choice("wearer", &["women", "men", "unisex", "children"]),
        Attribute::choice("season", &["spring", "summer", "autumn", "winter", "all year"]),
    ],
    title_length_max: 60,
    images_min: 1,
    images_max: 8,
    sku_dimensions: &["colour", "size"],
    size_chart: true,
};

const ELECTRONICS: Profile = Profile {
    attributes: &[
        Attribute::text("origin"),
        Attribute::number("warranty", 0, 120, "month").required(),
        Attribute::choice("connector", &["usb-c", "usb-a", "lightning", "jack", "none"]),
        Attribute::number("power", 1, 5_000, "watt"),
    ],
    title_length_max: 80,
    images_min: 1,
    images_max: 10,
    sku_dimensions: &["colour", "size", "version"],
    size_chart: false,
};

const FOOD: Profile = Profile {
    attributes: &[
        Attribute::text("origin").required(),
        Attribute::number("shelf_life", 1, 3_650, "day").required(),
        Attribute::choice("storage", &["ambient", "chilled", "frozen"]).required(),
        Attribute::choice("organic", &["yes", "no"]),
    ],
    title_length_max: 60,
    images_min: 1,
    images_max: 6,
    sku_dimensions: &["colour", "size", "flavour", "weight"],
    size_chart: false,
};

const TOYS: Profile = Profile {
    attributes: &[
        Attribute::text("origin"),
        Attribute::number("age_from", 0, 216, "month").required(),
        Attribute::choice("material", &["wood", "cardboard", "plastic", "metal"]),
    ],
    title_length_max: 80,
    images_min: 1,
    images_max: 8,
    sku_dimensions: &["colour", "size", "pieces"],
    size_chart: false,
};

/// What an item of the leaf must be like.
pub(crate) fn of(category: &Category) -> &'static Profile {
    match category.parent_id.as_deref() {
        Some("C200") => &TEXTILES,
        Some("C300") => &CLOTHING,
        Some("C400") => &ELECTRONICS,
        Some("C500") => &FOOD,
        Some("C600") => &TOYS,
        _ => &KITCHEN,
    }
}

impl Profile {
    /// The attributes of items, in the platform's order.
    pub(crate) fn of_items(&self) -> impl Iterator<Item = &'static Attribute> + use<> {
        self.attributes.iter()
    }

    /// All attributes, those that every item must have first.
    pub(super) fn attributes(&self) -> Vec<Attribute> {
        let of_skus = self.sku_dimensions.iter().map(|name| Attribute::of_skus(name));
        let mut all: Vec<Attribute> = self.attributes.iter().copied().chain(of_skus).collect();
        all.sort_by_key(|attribute| !attribute.required);
        all
    }
}

/// What stands in a leaf, as buyers call it: words that speak for it besides its name.
pub(super) fn keywords(category_id: &str) -> &'static [&'static str] {
    match category_id {
        "C110" => &["cup", "beaker", "杯"],
        "C120" => &["wok", "saucepan", "skillet", "锅"],
        "C130" => &["cleaver", "knife", "blade", "刀"],
        "C210" => &["washcloth", "毛巾", "浴巾"],
        "C220" => &["sheet", "duvet", "pillow", "床单", "枕套"],
        "C230" => &["bolster", "pillow", "抱枕", "坐垫"],
        "C310" => &["boot", "sneaker", "slipper", "sandal", "鞋"],
        "C320" => &["blouse", "polo", "衬衫"],
        "C330" => &["cap", "beanie", "帽"],
        "C410" => &["earbud", "headset", "耳机"],
        "C420" => &["cable", "power", "bank", "充电"],
        "C430" => &["light", "led", "灯"],
        "C510" => &["oolong", "longjing", "茶"],
        "C520" => &["walnut", "cashew", "almond", "pistachio", "坚果"],
        "C530" => &["cracker", "bar", "零食"],
        "C610" => &["jigsaw", "tangram", "cube", "拼图"],
        _ => &[],
    }
}
