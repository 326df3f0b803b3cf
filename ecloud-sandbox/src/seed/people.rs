//! Whom goods go to, and where they come from. All people are made up.

use std::sync::Arc;

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::logistics::{Address, AddressUse, addresses, waybill_accounts};
use crate::business::trade::{Receiver, Region};
use crate::dice::Dice;
use crate::protocol::sensitive::{Kind, Safe};

const FAMILIES: [&str; 16] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "欧阳"];
const GIVEN: [&str; 16] =
    ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "小雨"];
const STREETS: [&str; 10] = [
    "文一西路",
    "人民路",
    "中山路",
    "解放路",
    "建国门外大街",
    "南京西路",
    "天府大道",
    "珠江新城华夏路",
    "滨海大道",
    "长江路",
];

/// Province, city, district, postal code.
const REGIONS: [(&str, &str, &str, &str); 8] = [
    ("浙江省", "杭州市", "余杭区", "311100"),
    ("上海市", "上海市", "静安区", "200040"),
    ("北京市", "北京市", "朝阳区", "100020"),
    ("广东省", "广州市", "天河区", "510620"),
    ("广东省", "深圳市", "南山区", "518000"),
    ("四川省", "成都市", "武侯区", "610041"),
    ("江苏省", "南京市", "玄武区", "210018"),
    ("山东省", "青岛市", "市南区", "266000"),
];

fn region(index: usize) -> Region {
    let (province, city, district, zip) = REGIONS[index % REGIONS.len()];
    Region {
        country: "CN".to_owned(),
        province: province.to_owned(),
        city: city.to_owned(),
        district: Some(district.to_owned()),
        town: None,
        zip: Some(zip.to_owned()),
    }
}

/// A receiver that the dice throw.
pub(super) fn receiver(safe: &Arc<Safe>, dice: &mut Dice) -> Receiver {
    let name = format!("{}{}", dice.pick(&FAMILIES), dice.pick(&GIVEN));
    let phone = format!("1{}{:09}", dice.between(38, 39) % 100, dice.below(1_000_000_000));
    let address = format!("{}{}号{}室", dice.pick(&STREETS), dice.between(1, 999), dice.between(101, 2_904));
    Receiver {
        name: safe.personal(Kind::Name, &name),
        phone: safe.personal(Kind::Phone, &phone[..11]),
        address: safe.personal(Kind::Address, &address),
        region: region(dice.below(REGIONS.len() as u64) as usize),
    }
}

/// The receiver of orders that a test places without naming one.
pub(crate) fn some_receiver(safe: &Arc<Safe>) -> Receiver {
    Receiver {
        name: safe.personal(Kind::Name, "张伟"),
        phone: safe.personal(Kind::Phone, "13800138000"),
        address: safe.personal(Kind::Address, "文一西路969号"),
        region: region(0),
    }
}

/// The shop's addresses, a warehouse that sends and takes back, and another that only takes back, and its accounts with carriers.
pub(super) fn move_in(shop: &mut Shop, hour: Timestamp) {
    let since = hour.offset_by_millis(-60 * 86_400_000);
    let uses: [(&[AddressUse], &[AddressUse], &str, usize); 2] = [
        (&[AddressUse::Sender, AddressUse::Return], &[AddressUse::Sender, AddressUse::Return], "良睦路1399号", 0),
        (&[AddressUse::Return], &[], "沪太路3100号", 1),
    ];
    for (uses, default_for, street, place) in uses {
        let address = Address {
            address_id: shop.next_id("A"),
            uses: uses.to_vec(),
            default_for: default_for.to_vec(),
            name: shop.safe.personal(Kind::Name, "李师傅"),
            phone: shop.safe.personal(Kind::Phone, "13900139000"),
            address: shop.safe.personal(Kind::Address, street),
            region: region(place),
            created_at: since,
            modified_at: since,
            version: 1,
        };
        addresses::add(shop, address, since);
    }
    waybill_accounts::open_all(shop, since);
}
