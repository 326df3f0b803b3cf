//! Reconciles a shop's statements and its account with the seller's own books, from where the last run ended.
//!
//! Each statement is done as a whole: its report is written, then the checkpoint. A run that breaks off in between writes the same report again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ecloud::prelude::*;
use ecloud::trade::account::AccountEntry;
use ecloud::trade::settlements::{Settlement, SettlementLine};
use ecloud::types::SettlementId;

use crate::books::Books;
use crate::checkpoint::Checkpoint;
use crate::csv;
use crate::matching::{Difference, reconcile};

/// Whatever goes wrong.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// The job for one shop.
pub(crate) struct Reconciliation {
    pub(crate) trade: Trade,
    pub(crate) checkpoint: Checkpoint,
    /// Where the reports go.
    pub(crate) folder: PathBuf,
}

/// What a run has found; true of one that broke off, too.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) statements: usize,
    pub(crate) lines: usize,
    pub(crate) entries: usize,
    /// The statements' totals, all together, in the minor unit.
    pub(crate) total: i64,
    pub(crate) differences: Vec<Difference>,
}

impl Reconciliation {
    /// Goes through the statements that are new.
    pub(crate) async fn run(&mut self, books: &Books, outcome: &mut Outcome) -> Result<(), Failure> {
        let statements = self.new_statements().await?;
        let mut flow = self.new_entries(statements.last(), outcome).await?;
        for settlement in statements {
            let lines = self.lines(&settlement).await?;
            let entries = flow.remove(&settlement.settlement_id).unwrap_or_default();
            outcome.statements += 1;
            outcome.lines += lines.len();
            outcome.entries += entries.len();
            outcome.total += settlement.total.amount;
            let report = reconcile(settlement, lines, &entries, books);
            outcome.differences.extend(report.all_differences().cloned());
            csv::write(&self.folder, &report)?;

            let settlement = report.settlement;
            self.checkpoint.statement = Some((settlement.created_at, settlement.settlement_id));
            if let Some(last) = entries.last() {
                self.checkpoint.entry = Some((last.created_at, last.account_entry_id.clone()));
                self.checkpoint.balance = Some(last.balance);
            }
            self.checkpoint.save()?;
        }
        for (settlement_id, entries) in flow {
            let amount = entries.iter().map(|entry| entry.amount).reduce(|sum, it| sum.checked_add(it).unwrap_or(sum));
            let place = format!("the account's entries for {settlement_id}");
            outcome.differences.push(Difference { place, what: "a statement", platform: amount, own: None });
        }
        self.compare_balance(outcome).await
    }

    /// The statements behind the checkpoint. Several may be of one moment, so the identifier counts, too.
    async fn new_statements(&self) -> Result<Vec<Settlement>, Error> {
        let seen = self.checkpoint.statement.as_ref();
        let mut list = self.trade.settlements().list().limit(100);
        if let Some((created_at, _)) = seen {
            list = list.created_from(*created_at);
        }
        let (mut list, mut new) = (list.items(), Vec::new());
        while let Some(settlement) = list.try_next().await? {
            let position = (settlement.created_at, settlement.settlement_id.clone());
            if seen.is_none_or(|seen| position > *seen) {
                new.push(settlement);
            }
        }
        Ok(new)
    }

    /// The lines of a statement. They never change.
    async fn lines(&self, settlement: &Settlement) -> Result<Vec<SettlementLine>, Error> {
        let mut list = self.trade.settlements().list_lines(&settlement.settlement_id).page_size(100).items();
        let mut lines = Vec::new();
        while let Some(line) = list.try_next().await? {
            lines.push(line);
        }
        Ok(lines)
    }

    /// The account's entries from the checkpoint to the last of these statements, by their statements. Each has to lead from the balance
    /// before it to its own.
    async fn new_entries(
        &self,
        last: Option<&Settlement>,
        outcome: &mut Outcome,
    ) -> Result<BTreeMap<SettlementId, Vec<AccountEntry>>, Error> {
        let mut by_statement: BTreeMap<SettlementId, Vec<AccountEntry>> = BTreeMap::new();
        let Some(last) = last else { return Ok(by_statement) };
        let seen = self.checkpoint.entry.as_ref();
        // The end is exclusive, and entries that came since belong to a statement of the next run.
        let mut flow = self.trade.account().list_flow().created_to(last.created_at.offset_by_millis(1)).limit(100);
        if let Some((created_at, _)) = seen {
            flow = flow.created_from(*created_at);
        }
        let mut balance = self.checkpoint.balance.unwrap_or(Money::zero(last.total.currency));
        let mut flow = flow.items();
        while let Some(entry) = flow.try_next().await? {
            let position = (entry.created_at, entry.account_entry_id.clone());
            if seen.is_some_and(|seen| position <= *seen) {
                continue;
            }
            let own = balance.checked_add(entry.amount);
            if own != Some(entry.balance) {
                let place = format!("the account's entry {}", entry.account_entry_id);
                let platform = Some(entry.balance);
                outcome.differences.push(Difference { place, what: "the balance", platform, own });
            }
            balance = entry.balance;
            by_statement.entry(entry.settlement_id.clone()).or_default().push(entry);
        }
        Ok(by_statement)
    }

    /// What the account has is what its entries come to, unless a statement was made just now.
    async fn compare_balance(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        let Some(own) = self.checkpoint.balance else { return Ok(()) };
        let platform = self.trade.account().get_balance().send().await?.available;
        if platform != own && self.new_statements().await?.is_empty() {
            let place = "the account".to_owned();
            let (what, platform, own) = ("what is available", Some(platform), Some(own));
            outcome.differences.push(Difference { place, what, platform, own });
        }
        Ok(())
    }
}
