//! What buyers of the seeded shop ask for besides their money back.

use ecloud_core::Timestamp;

use super::people;
use crate::business::Shop;
use crate::business::trade::address_changes::{apply, ask, withdraw};
use crate::business::trade::invoice::{
    Application, CompanyTitle, CreditNoteReason, InvoiceKind, InvoiceRejectionReason, Title, apply_for,
};
use crate::business::trade::invoices::{InvoiceIssue, InvoiceRejection, RedLetter, issued, red_lettered, rejected};
use crate::platform::Refusal;
use crate::protocol::sensitive::Kind;

const HOUR_MILLIS: i64 = 3_600_000;

/// Some buyers ask for another receiver of their paid order: one in three waits for the seller, has the new receiver, or has thought better
/// of it.
pub(super) fn another_address(
    shop: &mut Shop,
    index: usize,
    order_id: &str,
    at: Timestamp,
    hour: Timestamp,
) -> Result<(), Refusal> {
    let at = at.max(hour.offset_by_millis(-20 * HOUR_MILLIS));
    let receiver = people::some_receiver(&shop.safe);
    let change = ask(shop, order_id, receiver, at)?;
    let later = at.offset_by_millis(HOUR_MILLIS / 2).min(hour);
    match index % 3 {
        0 => Ok(()),
        1 => apply(shop, change, later).map(drop),
        _ => withdraw(shop, &change.address_change_id, later).map(drop),
    }
}

/// A buyer applies for an invoice, every other one for a company. It waits for the seller, is issued, was rejected, or was cancelled and is
/// to be issued again.
pub(super) fn invoice(
    shop: &mut Shop,
    index: usize,
    order_id: &str,
    at: Timestamp,
    hour: Timestamp,
) -> Result<(), Refusal> {
    let later = |hours: i64| at.offset_by_millis(hours * HOUR_MILLIS).min(hour);
    let application = if index.is_multiple_of(2) { for_person(shop) } else { for_company(shop) };
    let invoice = apply_for(shop, order_id, application, later(2))?;
    let number = |book: u32| format!("2631200000{book:02}{index:08}");
    match index % 5 {
        0 => Ok(()),
        1 => {
            let reason = InvoiceRejectionReason::TitleInvalid;
            let rejection = InvoiceRejection { version: invoice.version, reason, note: None };
            rejected(shop, &invoice.invoice_id, rejection, later(20)).map(drop)
        }
        stage => {
            let issue = InvoiceIssue::of(&invoice, number(1), shop)?;
            let invoice = issued(shop, &invoice.invoice_id, issue, later(12))?;
            if stage < 4 {
                return Ok(());
            }
            let red_letter = RedLetter {
                version: invoice.version,
                number: number(9),
                reason: CreditNoteReason::WrongTitle,
                note: None,
                reissue: true,
            };
            red_lettered(shop, &invoice.invoice_id, red_letter, later(30)).map(drop)
        }
    }
}

/// An application for an electronic invoice for a person.
pub(super) fn for_person(shop: &Shop) -> Application {
    Application {
        kind: InvoiceKind::Electronic,
        title: Title::Person(shop.safe.personal(Kind::Name, "张伟")),
        email: Some(shop.safe.personal(Kind::Email, "zhang.wei@example.com")),
    }
}

/// An application for a special invoice for a company.
pub(super) fn for_company(shop: &Shop) -> Application {
    let company = CompanyTitle {
        title: "杭州青窑陶瓷有限公司".to_owned(),
        tax_number: "91330100MA27XXXX0K".to_owned(),
        bank_name: Some("杭州银行余杭支行".to_owned()),
        bank_account: Some(shop.safe.personal(Kind::BankAccount, "6222020200112233445")),
    };
    Application { kind: InvoiceKind::ElectronicSpecial, title: Title::Company(company), email: None }
}
