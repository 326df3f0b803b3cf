//! Invoices: buyers apply for them.

use std::fmt;

use ecloud_core::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::buyer::Buyer;
use super::{ControlError, shown};
use crate::business::Shop;
use crate::business::trade::invoice::{Application, CompanyTitle, InvoiceKind, Title, apply_for, withdraw};
use crate::platform::Refusal;
use crate::protocol::sensitive::{Kind, Personal};

/// What invoice a buyer applies for.
///
/// ```
/// use ecloud_sandbox::InvoiceRequest;
///
/// let request = InvoiceRequest::for_company("Kiln Ltd", "91330100MA27XXXX0K").special("Bank of Hangzhou", "6222020200112233445");
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRequest {
    #[serde(default)]
    kind: Wanted,
    person_name: Option<String>,
    company: Option<PlainCompany>,
    email: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    #[default]
    Electronic,
    ElectronicSpecial,
    Paper,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainCompany {
    title: String,
    tax_number: String,
    bank_name: Option<String>,
    bank_account: Option<String>,
}

impl PlainCompany {
    /// The company, if the description knows such a title.
    fn checked(self) -> Result<Self, Refusal> {
        let is_code = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        if !(15..=20).contains(&self.tax_number.len()) || !self.tax_number.bytes().all(is_code) {
            return Err(Refusal::invalid_field("company.tax_number", "has 15 to 20 digits and capital letters"));
        }
        if self.title.is_empty() || self.title.chars().count() > 100 {
            return Err(Refusal::invalid_field("company.title", "has 1 to 100 characters"));
        }
        Ok(self)
    }

    fn into_title(self, bank_account: Option<Personal>) -> CompanyTitle {
        CompanyTitle { title: self.title, tax_number: self.tax_number, bank_name: self.bank_name, bank_account }
    }
}

impl fmt::Debug for InvoiceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceRequest").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl InvoiceRequest {
    /// An electronic invoice for a person of this name.
    pub fn for_person(name: impl Into<String>) -> Self {
        Self { kind: Wanted::Electronic, person_name: Some(name.into()), company: None, email: None }
    }

    /// An electronic invoice for a company.
    pub fn for_company(title: impl Into<String>, tax_number: impl Into<String>) -> Self {
        let (title, tax_number) = (title.into(), tax_number.into());
        let company = PlainCompany { title, tax_number, bank_name: None, bank_account: None };
        Self { kind: Wanted::Electronic, person_name: None, company: Some(company), email: None }
    }

    /// One of which the company can deduct the tax; for a company with this account.
    #[must_use]
    pub fn special(mut self, bank_name: impl Into<String>, bank_account: impl Into<String>) -> Self {
        self.kind = Wanted::ElectronicSpecial;
        if let Some(company) = &mut self.company {
            company.bank_name = Some(bank_name.into());
            company.bank_account = Some(bank_account.into());
        }
        self
    }

    /// On paper.
    #[must_use]
    pub fn paper(mut self) -> Self {
        self.kind = Wanted::Paper;
        self
    }

    /// To be sent to this address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    pub(super) fn into_application(self, shop: &Shop) -> Result<Application, Refusal> {
        let sealed = |kind, text: &String| shop.safe.personal(kind, text);
        let title = match (self.person_name, self.company) {
            (Some(name), None) => Title::Person(sealed(Kind::Name, &name)),
            (None, Some(company)) => {
                let bank_account = company.bank_account.as_ref().map(|account| sealed(Kind::BankAccount, account));
                Title::Company(company.checked()?.into_title(bank_account))
            }
            _ => return Err(Refusal::invalid_field("person_name", "or company is required, one of them")),
        };
        let kind = match self.kind {
            Wanted::Electronic => InvoiceKind::Electronic,
            Wanted::ElectronicSpecial => InvoiceKind::ElectronicSpecial,
            Wanted::Paper => InvoiceKind::Paper,
        };
        Ok(Application { kind, title, email: self.email.as_ref().map(|email| sealed(Kind::Email, email)) })
    }
}

/// Applies for an invoice of an order; answers with it.
pub(super) fn request(
    shop: &mut Shop,
    order_id: &str,
    request: InvoiceRequest,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let application = request.into_application(shop)?;
    shown(&apply_for(shop, order_id, application, now)?)
}

/// Withdraws an application; answers with the invoice.
pub(super) fn take_back(shop: &mut Shop, invoice_id: &str, now: Timestamp) -> Result<Value, Refusal> {
    shown(&withdraw(shop, invoice_id, now)?)
}

impl Buyer {
    /// Applies for an invoice of an order. Answers with the identifier of the invoice.
    ///
    /// # Errors
    ///
    /// Where there is no such order, nothing of it is paid or all was given back, or it has an invoice.
    pub fn request_invoice(&self, order_id: &str, request: InvoiceRequest) -> Result<String, ControlError> {
        self.act(|shop, now| {
            let application = request.into_application(shop)?;
            Ok(apply_for(shop, order_id, application, now)?.invoice_id)
        })
    }

    /// Withdraws the application for an invoice.
    ///
    /// # Errors
    ///
    /// Where there is no such invoice, or it is issued, or the application has ended.
    pub fn withdraw_invoice(&self, invoice_id: &str) -> Result<(), ControlError> {
        self.act(|shop, now| withdraw(shop, invoice_id, now).map(drop))
    }
}
