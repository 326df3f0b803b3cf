//! The report of a statement as a CSV file (RFC 4180), for those who keep the books.

use std::io;
use std::path::{Path, PathBuf};

use ecloud::prelude::*;

use crate::matching::Report;

/// The first line of each file.
pub(crate) const HEADER: &str =
    "statement,day,kind,order,refund,payment,refunded,commission,amount,booked,currency,difference";

/// Statements are of days in UTC+8.
const ZONE_MILLIS: i64 = 8 * 3_600_000;

/// Writes a report into a file of its own, as a whole or not at all; that of an earlier run is the same file.
pub(crate) fn write(folder: &Path, report: &Report) -> io::Result<PathBuf> {
    let path = folder.join(format!("{}.csv", report.settlement.settlement_id));
    let draft = path.with_extension("draft");
    std::fs::write(&draft, text(report))?;
    std::fs::rename(draft, &path)?;
    Ok(path)
}

fn text(report: &Report) -> String {
    let settlement = &report.settlement;
    let day = settlement.period_from.offset_by_millis(ZONE_MILLIS).to_string();
    let day = day.split('T').next().unwrap_or_default();
    let mut text = format!("{HEADER}\r\n");
    for matched in &report.lines {
        let line = &matched.line;
        let differences: Vec<_> = matched.differences.iter().map(ToString::to_string).collect();
        let fields = [
            settlement.settlement_id.as_str(),
            day,
            line.kind.as_str(),
            line.order_id.as_str(),
            line.refund_id.as_ref().map_or("", |id| id.as_str()),
            &decimal(line.payment),
            &decimal(line.refunded),
            &decimal(line.commission),
            &decimal(line.amount),
            &decimal(matched.booked),
            line.amount.currency.as_str(),
            &differences.join("; "),
        ];
        text.push_str(&fields.map(field).join(","));
        text.push_str("\r\n");
    }
    text
}

/// An amount without its currency, which has a column of its own.
fn decimal(amount: Money) -> String {
    let text = amount.to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// A field, in quotes where it needs them.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
