//! A signature as a person reads it at three in the morning.

use std::fmt::{self, Formatter};

use super::compare::{SignatureComparison, SignatureDifference, pair_at};
use super::mask::{Glyph, Shown, glyphs};
use super::{Answer, ParameterPlace, Parts, SignatureTrace, pairs};

/// As many parameters as are listed; the one that differs is shown below in any case.
pub(super) const LISTED: usize = 48;
/// Columns of a value before it is cut off: more than a digest has.
const VALUE: usize = 72;
/// Columns of the string to sign before it is cut off.
const STRING: usize = 1000;
/// Characters that are shown before and behind the first difference.
const AROUND: (usize, usize) = (32, 40);
const LEGEND: &str = "masked: x and X stand for letters, 9 for a digit, %XX for an encoded one or a byte beyond ASCII";

pub(super) fn draw(trace: &SignatureTrace, f: &mut Formatter<'_>) -> fmt::Result {
    let parts = trace.signed.parts();
    let path = glyphs(parts.path, Shown::of_path(parts.path));
    writeln!(f, "signature of {} {}", parts.method, Cut(&path, STRING))?;
    writeln!(f, "  app secret  fingerprint {}", trace.key_fingerprint)?;
    let (time, offset) = (trace.timestamp, trace.clock_offset_millis);
    writeln!(f, "  time        {} = {time}, own clock {offset:+} ms", parts.timestamp)?;
    let is_explained = draw_parameters(parts.parameters, f)?;
    let whole = shown_string(parts);
    writeln!(f, "  string to sign, {} bytes", trace.signed.text.len())?;
    write!(f, "    {}", Cut(&whole, STRING))?;
    match &trace.answer {
        Answer::None => Ok(()),
        Answer::Silent => {
            write!(f, "\n  the platform doesn't say what it expected; a sandbox does\n")?;
            write!(f, "    check app secret, environment, and what changes the request on its way")
        }
        Answer::Careless => {
            write!(f, "\n  what the platform expected isn't shown: it has the access token in clear")
        }
        Answer::Expected(expected) => draw_comparison(trace, parts, expected, is_explained, f),
    }
}

/// Lists the parameters, and tells whether it has explained what masked values mean.
fn draw_parameters(parameters: &str, f: &mut Formatter<'_>) -> Result<bool, fmt::Error> {
    let count = pairs(parameters).count();
    let names = pairs(parameters).take(LISTED).map(|(name, _)| ParameterPlace::split(name).1.len().min(VALUE / 2));
    let width = names.max().unwrap_or_default();
    let mut any_masked = false;
    writeln!(f, "  parameters")?;
    for (number, (name, value)) in (1..=LISTED).zip(pairs(parameters)) {
        let shown = Shown::of_value(name, value);
        any_masked |= shown == Shown::Shape;
        let (place, name) = ParameterPlace::split(name);
        let name = Cut(&glyphs(name, Shown::Text), VALUE / 2).to_string();
        let mark = if shown == Shown::Shape { " (masked)" } else { "" };
        writeln!(f, "    {number:>2}  {place:<6}  {name:<width$}  {}{mark}", Cut(&glyphs(value, shown), VALUE))?;
    }
    if count > LISTED {
        writeln!(f, "    and {} more", count - LISTED)?;
    }
    if any_masked {
        writeln!(f, "    {LEGEND}")?;
    }
    Ok(any_masked)
}

/// The string to sign, its query values masked.
fn shown_string(parts: Parts<'_>) -> Vec<Glyph> {
    let mut whole = glyphs(parts.method, Shown::Text);
    for (text, shown) in [(parts.path, Shown::of_path(parts.path)), (parts.timestamp, Shown::Text)] {
        whole.push(Glyph::Plain('|'));
        whole.extend(glyphs(text, shown));
    }
    for (at, (name, value)) in pairs(parts.parameters).enumerate() {
        whole.push(Glyph::Plain(if at == 0 { '|' } else { '&' }));
        whole.extend(glyphs(name, Shown::Text));
        whole.push(Glyph::Plain('='));
        whole.extend(glyphs(value, Shown::of_value(name, value)));
    }
    whole
}

fn draw_comparison(
    trace: &SignatureTrace,
    ours: Parts<'_>,
    expected: &str,
    is_explained: bool,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let difference = match trace.comparison() {
        SignatureComparison::Different(difference) => difference,
        SignatureComparison::Same => {
            write!(f, "\n  the platform expected the same string, so the secrets differ:\n")?;
            return write!(f, "    this app secret is wrong, or it is the one of another environment");
        }
        SignatureComparison::Unknown => return Ok(()),
    };
    write!(f, "\n  the platform expected another string; the first difference is {difference}\n")?;
    let theirs = Parts::read(expected);
    let (our, their) = match (&difference, theirs) {
        (SignatureDifference::Method, Some(theirs)) => side_by_side(ours.method, theirs.method, Shown::of_method),
        (SignatureDifference::Path, Some(theirs)) => side_by_side(ours.path, theirs.path, Shown::of_path),
        (SignatureDifference::Timestamp, Some(theirs)) => {
            side_by_side(ours.timestamp, theirs.timestamp, Shown::of_timestamp)
        }
        (SignatureDifference::Parameter { number, .. }, Some(theirs)) => {
            let (our, their) = pair_at(ours.parameters, theirs.parameters, *number);
            pair_by_pair(our, their, ours.parameters)
        }
        _ => side_by_side(&trace.signed.text, expected, |_| Shown::Shape),
    };
    draw_lines(&our, &their, f)?;
    if !is_explained && (our.is_masked || their.is_masked) {
        write!(f, "\n    {LEGEND}")?;
    }
    write!(f, "\n    the platform takes its string from the request as it arrived:\n")?;
    write!(f, "    look for what changes it on the way (a proxy, a gateway, a transport of your own)")
}

/// A line of the comparison: the characters, and what is shown of each.
#[derive(Default)]
struct Line {
    text: Vec<char>,
    glyphs: Vec<Glyph>,
    is_masked: bool,
}

impl Line {
    fn push(&mut self, text: &str, shown: Shown) {
        self.text.extend(text.chars());
        self.glyphs.extend(glyphs(text, shown));
        self.is_masked |= shown == Shown::Shape;
    }
}

/// Both are shown as far as both may be.
fn side_by_side(ours: &str, theirs: &str, shown: fn(&str) -> Shown) -> (Line, Line) {
    let shown = shown(ours).least(shown(theirs));
    let line = |text| {
        let mut line = Line::default();
        line.push(text, shown);
        line
    };
    (line(ours), line(theirs))
}

type Pair<'a> = Option<(&'a str, &'a str)>;

fn pair_by_pair(our: Pair<'_>, their: Pair<'_>, ours: &str) -> (Line, Line) {
    let line = |pair: Pair<'_>, other: Pair<'_>| {
        let mut line = Line::default();
        if let Some((name, value)) = pair {
            // Two values of one parameter are shown alike, so that the eye can compare them.
            let other = other.filter(|(other, _)| *other == name).map_or(value, |(_, value)| value);
            line.push(name, Shown::of_name(name, ours));
            line.push("=", Shown::Text);
            line.push(value, Shown::of_value(name, value).least(Shown::of_value(name, other)));
        }
        line
    };
    (line(our, their), line(their, our))
}

fn draw_lines(our: &Line, their: &Line, f: &mut Formatter<'_>) -> fmt::Result {
    let same = our.text.iter().zip(&their.text).take_while(|(our, their)| our == their).count();
    let start = if same > AROUND.0 + 2 { same - AROUND.0 } else { 0 };
    let mut column = 0;
    for (label, line) in [("signed", our), ("expected", their)] {
        write!(f, "    {label:<8}  ")?;
        if line.text.is_empty() {
            writeln!(f, "(nothing)")?;
            continue;
        }
        let (before, behind) = line.glyphs[start.min(line.glyphs.len())..].split_at(same - start);
        column = usize::from(start > 0) + before.iter().map(|glyph| glyph.width()).sum::<usize>();
        if start > 0 {
            f.write_str("…")?;
        }
        before.iter().try_for_each(|glyph| write!(f, "{glyph}"))?;
        writeln!(f, "{}", Cut(behind, AROUND.1))?;
    }
    write!(f, "{:14}{:column$}^", "", "")
}

/// Glyphs, cut off after so many columns.
struct Cut<'a>(&'a [Glyph], usize);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut room = self.1;
        for glyph in self.0 {
            if glyph.width() > room {
                return f.write_str("…");
            }
            room -= glyph.width();
            write!(f, "{glyph}")?;
        }
        Ok(())
    }
}
