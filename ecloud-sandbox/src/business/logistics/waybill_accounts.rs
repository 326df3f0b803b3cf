//! Accounts with carriers, which waybills draw their numbers from.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The carriers that run their branches themselves and settle by month; those of the others are firms of their own, paid before.
const BY_MONTH: [&str; 3] = ["ems", "jd", "sf"];
/// How many numbers a shop has with each carrier when it opens.
const FIRST_NUMBERS: u32 = 100_000;

wire_enum! {
    /// How the numbers of an account are paid for.
    WaybillSettlement { Prepaid = "prepaid", Monthly = "monthly" }
}

wire_enum! {
    /// What changes an account.
    WaybillEntryKind { Recharge = "recharge", Use = "use", GiveBack = "give_back" }
}

/// An account of the shop with a branch of a carrier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WaybillAccount {
    waybill_account_id: String,
    carrier_code: String,
    branch_code: String,
    branch_name: String,
    settlement: WaybillSettlement,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<u64>,
    used: u64,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
}

impl Row for WaybillAccount {
    fn id(&self) -> &str {
        &self.waybill_account_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl WaybillAccount {
    /// Refuses an account whose numbers have run out.
    pub(super) fn check_balance(&self) -> Result<(), Refusal> {
        if self.balance == Some(0) { Err(is_empty()) } else { Ok(()) }
    }
}

/// One thing that was put into an account or drawn from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WaybillEntry {
    waybill_entry_id: String,
    waybill_account_id: String,
    kind: WaybillEntryKind,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waybill_id: Option<String>,
    created_at: Timestamp,
}

impl Row for WaybillEntry {
    const IS_FINAL: bool = true;

    fn id(&self) -> &str {
        &self.waybill_entry_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listWaybillAccounts" => list,
        "getWaybillAccount" => get,
        "rechargeWaybillAccount" => recharge,
        "listWaybillAccountFlow" => flow,
        _ => return None,
    })
}

/// `listWaybillAccounts`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let carrier = call.query.one("carrier_code");
    let wanted = |it: &&WaybillAccount| {
        carrier.is_none_or(|carrier| it.carrier_code == carrier)
            && call.query.wants("settlement", it.settlement.as_str())
    };
    let accounts = call.shop.waybill_accounts.oldest_first(None).map(|account| &**account);
    let accounts: Vec<&WaybillAccount> = accounts.filter(wanted).collect();
    encode(&Numbered::of(&call.query)?.cut(&accounts, |account| *account))
}

/// `getWaybillAccount`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("waybill_account_id"))?)
}

/// How many numbers are bought.
#[derive(Deserialize)]
struct WaybillRecharge {
    quantity: u32,
}

/// `rechargeWaybillAccount`
fn recharge(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillRecharge = call.input()?;
    let account = find(call.shop, call.path("waybill_account_id"))?.clone();
    if account.settlement != WaybillSettlement::Prepaid {
        let message = "the account is settled by month: its numbers never run out";
        return Err(Refusal::rule("logistics.waybill_account_not_prepaid", message));
    }
    encode(&enter(call.shop, account, WaybillEntryKind::Recharge, i64::from(input.quantity), None, call.now))
}

/// `listWaybillAccountFlow`
fn flow(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let account = find(call.shop, call.path("waybill_account_id"))?;
    let (from, to) = (call.query.time("created_from")?, call.query.time("created_to")?);
    let wanted = |it: &&WaybillEntry| {
        it.waybill_account_id == account.waybill_account_id
            && call.query.wants("kind", it.kind.as_str())
            && from.is_none_or(|from| from <= it.created_at)
            && to.is_none_or(|to| it.created_at < to)
    };
    let entries = call.shop.waybill_entries.oldest_first(None).map(|entry| &**entry);
    let entries: Vec<&WaybillEntry> = entries.filter(wanted).collect();
    encode(&Numbered::of(&call.query)?.cut(&entries, |entry| *entry))
}

/// Opens an account with each carrier that gives waybills, with as many numbers as a shop needs for long.
pub(crate) fn open_all(shop: &mut Shop, now: Timestamp) {
    let carriers = std::sync::Arc::clone(&shop.carriers);
    for carrier in carriers.iter().filter(|carrier| carrier.waybills) {
        open(shop, carrier.carrier_code, "杭州余杭营业部", FIRST_NUMBERS, now);
    }
}

/// Opens an account with a branch of a carrier; so many numbers are bought at once where they are prepaid.
pub(crate) fn open(shop: &mut Shop, carrier_code: &str, branch_name: &str, numbers: u32, now: Timestamp) {
    let monthly = BY_MONTH.contains(&carrier_code);
    let count = shop.waybill_accounts.iter().filter(|account| account.carrier_code == carrier_code).count();
    let account = WaybillAccount {
        waybill_account_id: shop.next_id("WA"),
        carrier_code: carrier_code.to_owned(),
        branch_code: format!("{}-571{:03}", carrier_code.to_uppercase(), count + 1),
        branch_name: branch_name.to_owned(),
        settlement: if monthly { WaybillSettlement::Monthly } else { WaybillSettlement::Prepaid },
        balance: (!monthly).then_some(0),
        used: 0,
        created_at: now,
        modified_at: now,
        version: 1,
    };
    shop.waybill_accounts.put(account.clone());
    if !monthly && numbers > 0 {
        enter(shop, account, WaybillEntryKind::Recharge, i64::from(numbers), None, now);
    }
}

/// The account of an identifier.
pub(super) fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a WaybillAccount, Refusal> {
    let found = shop.waybill_accounts.get(id).map(|account| &**account);
    found.ok_or_else(|| Refusal::rule("logistics.waybill_account_not_found", "the shop has no such account"))
}

/// The account that a carrier's next number is drawn from: the one that is named, or the oldest that has any left.
pub(super) fn to_draw_from(shop: &Shop, carrier_code: &str, named: Option<&WaybillAccount>) -> Result<String, Refusal> {
    if let Some(account) = named {
        if account.carrier_code != carrier_code {
            return Err(Refusal::rule("logistics.waybill_account_unsuitable", "the account is with another carrier"));
        }
        account.check_balance()?;
        return Ok(account.waybill_account_id.clone());
    }
    let mut accounts = shop.waybill_accounts.oldest_first(None).filter(|it| it.carrier_code == carrier_code);
    let usable = accounts.find(|account| account.check_balance().is_ok());
    usable.map(|account| account.waybill_account_id.clone()).ok_or_else(is_empty)
}

fn is_empty() -> Refusal {
    Refusal::rule("logistics.waybill_balance_empty", "the account with the carrier has no numbers left")
}

/// A waybill draws its number.
pub(super) fn draw(shop: &mut Shop, id: &str, waybill_id: &str, now: Timestamp) -> Result<(), Refusal> {
    let account = find(shop, id)?.clone();
    enter(shop, account, WaybillEntryKind::Use, -1, Some(waybill_id), now);
    Ok(())
}

/// A waybill that is cancelled gives its number back.
pub(super) fn give_back(shop: &mut Shop, id: &str, waybill_id: &str, now: Timestamp) -> Result<(), Refusal> {
    let account = find(shop, id)?.clone();
    enter(shop, account, WaybillEntryKind::GiveBack, 1, Some(waybill_id), now);
    Ok(())
}

/// Enters what changes an account, and answers with the account.
fn enter(
    shop: &mut Shop,
    mut account: WaybillAccount,
    kind: WaybillEntryKind,
    quantity: i64,
    waybill_id: Option<&str>,
    now: Timestamp,
) -> WaybillAccount {
    account.balance = account.balance.map(|balance| balance.saturating_add_signed(quantity));
    if kind != WaybillEntryKind::Recharge {
        account.used = account.used.saturating_add_signed(-quantity);
    }
    account.version += 1;
    account.modified_at = account.modified_at.max(now);
    let entry = WaybillEntry {
        waybill_entry_id: shop.next_id("WE"),
        waybill_account_id: account.waybill_account_id.clone(),
        kind,
        quantity,
        balance: account.balance,
        waybill_id: waybill_id.map(str::to_owned),
        created_at: now,
    };
    shop.waybill_entries.put(entry);
    shop.waybill_accounts.put(account.clone());
    account
}
