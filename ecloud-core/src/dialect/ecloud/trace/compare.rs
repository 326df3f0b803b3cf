//! The first difference between two strings to sign.

use std::fmt;

use super::mask::{Shown, shown};
use super::{Canonical, ParameterPlace, Parts, cut, pairs};

/// What comes of comparing the string that was signed with the one that the platform expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureComparison {
    /// The platform didn't say what it expected.
    Unknown,
    /// Both are the same, so the secrets differ: the app secret is wrong, or belongs to another environment.
    Same,
    /// They part here first. The platform's string is made of the request as it arrived, so something changed it on the way.
    Different(SignatureDifference),
}

/// Where two strings to sign part first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureDifference {
    /// The platform's string isn't of the form `METHOD|PATH|TIMESTAMP|PARAMS`.
    Form,
    /// In the method.
    Method,
    /// In the path.
    Path,
    /// In the timestamp.
    Timestamp,
    /// In a parameter.
    #[non_exhaustive]
    Parameter {
        /// Which, in the canonical order, counted from 1.
        number: usize,
        /// Where in the request it stands.
        place: ParameterPlace,
        /// Its name, fit to be shown.
        name: String,
        /// How it differs.
        difference: ParameterDifference,
    },
}

impl fmt::Display for SignatureDifference {
    /// Names the part: `the path`, ``parameter 4, query `page`: its value``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, place, name, difference) = match self {
            SignatureDifference::Form => return f.write_str("its form, which is not METHOD|PATH|TIMESTAMP|PARAMS"),
            SignatureDifference::Method => return f.write_str("the method"),
            SignatureDifference::Path => return f.write_str("the path"),
            SignatureDifference::Timestamp => return f.write_str("the timestamp"),
            SignatureDifference::Parameter { number, place, name, difference } => (number, place, name, difference),
        };
        write!(f, "parameter {number}, {place} `{name}`: ")?;
        f.write_str(match difference {
            ParameterDifference::Value => "its value",
            ParameterDifference::OnlySigned => "only this side has it",
            ParameterDifference::OnlyExpected => "only the platform has it",
            ParameterDifference::Order => "it stands in another order",
        })
    }
}

/// How a parameter differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParameterDifference {
    /// Both have it, with other values.
    Value,
    /// The client signed it, the platform didn't see it.
    OnlySigned,
    /// The platform saw it, the client didn't sign it.
    OnlyExpected,
    /// Both have the same parameter, in another order.
    Order,
}

/// Compares what was signed with what the platform expected.
pub(super) fn compare(signed: &Canonical, expected: &str) -> SignatureComparison {
    if *signed.text == *expected {
        return SignatureComparison::Same;
    }
    SignatureComparison::Different(match Parts::read(expected) {
        Some(theirs) => first_difference(signed.parts(), theirs),
        None => SignatureDifference::Form,
    })
}

fn first_difference(ours: Parts<'_>, theirs: Parts<'_>) -> SignatureDifference {
    if ours.method != theirs.method {
        SignatureDifference::Method
    } else if ours.path != theirs.path {
        SignatureDifference::Path
    } else if ours.timestamp != theirs.timestamp {
        SignatureDifference::Timestamp
    } else {
        // Where all pairs are the same, they are written differently: `a` for `a=`.
        first_pair(ours.parameters, theirs.parameters).unwrap_or(SignatureDifference::Form)
    }
}

fn first_pair(ours: &str, theirs: &str) -> Option<SignatureDifference> {
    let number = 1 + pairs(ours).zip(pairs(theirs)).take_while(|(ours, theirs)| ours == theirs).count();
    let (our, their) = pair_at(ours, theirs, number);
    let (name, difference) = match (our, their) {
        (None, None) => return None,
        (Some((name, _)), None) => (name, ParameterDifference::OnlySigned),
        (None, Some((name, _))) => (name, ParameterDifference::OnlyExpected),
        (Some(our), Some(their)) => {
            let among = |pair: (&str, &str), text| pairs(text).skip(number).any(|other| other == pair);
            let named = |name: &str, text| pairs(text).skip(number).any(|(other, _)| other == name);
            match (among(our, theirs), among(their, ours)) {
                (true, true) => (our.0, ParameterDifference::Order),
                (true, false) => (their.0, ParameterDifference::OnlyExpected),
                (false, true) => (our.0, ParameterDifference::OnlySigned),
                (false, false) if our.0 == their.0 => (our.0, ParameterDifference::Value),
                // Each has what the other lacks, or has with another value: the lists are sorted, so the smaller name is the one too many.
                (false, false) if named(our.0, theirs) || (our.0 > their.0 && !named(their.0, ours)) => {
                    (their.0, ParameterDifference::OnlyExpected)
                }
                (false, false) => (our.0, ParameterDifference::OnlySigned),
            }
        }
    };
    let (place, bare) = ParameterPlace::split(name);
    let name = shown(cut(bare, LONGEST_NAME), Shown::of_name(name, ours));
    Some(SignatureDifference::Parameter { number, place, name, difference })
}

/// A longer name is cut off, in bytes.
const LONGEST_NAME: usize = 64;

type Pair<'a> = Option<(&'a str, &'a str)>;

/// The pairs with this number, counted from 1.
pub(super) fn pair_at<'a>(ours: &'a str, theirs: &'a str, number: usize) -> (Pair<'a>, Pair<'a>) {
    let at = number.saturating_sub(1);
    (pairs(ours).nth(at), pairs(theirs).nth(at))
}
