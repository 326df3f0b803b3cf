//! The model as a text that people read: one line a fact.

use std::fmt::{self, Display, Formatter};

use super::{
    Cause, Domain, Enum, Event, Kind, Media, Model, Operation, Output, Presence, Shape, Struct, Style, Ty, Union,
};

impl Display for Domain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "domain {} ({}) from {}", self.name, self.handle, self.source)?;
        for resource in &self.resources {
            writeln!(f, "\nresource {} ({})", resource.name, resource.handle)?;
            for operation in &resource.operations {
                write!(f, "{operation}")?;
            }
            for model in &resource.models {
                write!(f, "{model}")?;
            }
        }
        if !self.events.is_empty() {
            writeln!(f, "\nevents ({})", self.event_type())?;
        }
        for event in &self.events {
            write!(f, "{event}")?;
        }
        if !self.shared.is_empty() {
            writeln!(f, "\nshared")?;
        }
        for model in &self.shared {
            write!(f, "{model}")?;
        }
        Ok(())
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "  operation {} = {} {}", self.id, self.verb.as_str(), self.path)?;
        writeln!(f, "    type {}, described at {}", self.type_name, self.place)?;
        let scope = self.scope.as_deref().unwrap_or("none");
        let roles = if self.roles.is_empty() { String::new() } else { format!(", roles {}", self.roles.join(" ")) };
        writeln!(f, "    scope {scope}{roles}")?;
        let retry = self.retry.as_str();
        match &self.quota {
            Some(quota) => writeln!(f, "    quota {} x {}, retry {retry}", quota.group, quota.weight)?,
            None => writeln!(f, "    retry {retry}")?,
        }
        if let Some(header) = &self.idempotency_header {
            writeln!(f, "    idempotency key in `{header}`")?;
        }
        if let Some(page) = &self.page {
            write!(f, "    pages by {}", page.style.as_str())?;
            for (word, name) in [("as", &page.parameter), ("size", &page.size)] {
                if let Some(name) = name {
                    write!(f, ", {word} `{name}`")?;
                }
            }
            writeln!(f)?;
        }
        for parameter in &self.parameters {
            write!(f, "    {} {}: {}", parameter.location.as_str(), parameter.name, parameter.ty)?;
            if parameter.style != Style::Plain {
                write!(f, ", {:?}", parameter.style)?;
            }
            flags(f, &[(parameter.required, "required"), (parameter.repeated, "repeated")])?;
            renamed(f, &parameter.wire, &parameter.name)?;
        }
        if let Some(body) = &self.body {
            write!(f, "    body {}: {}", body.name, body.ty)?;
            if body.media != Media::Json {
                write!(f, ", {}", body.content_type)?;
            }
            flags(f, &[(body.required, "required")])?;
            writeln!(f)?;
        }
        writeln!(f, "    answers {} {}", self.status, self.output)?;
        for error in &self.errors {
            writeln!(f, "    fails {} {}", error.status, error.code)?;
        }
        for failure in &self.failures {
            match &failure.ty {
                Some(ty) => writeln!(f, "    fails {} with {ty}", failure.status)?,
                None => writeln!(f, "    fails {}", failure.status)?,
            }
        }
        Ok(())
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  event {} ({}) of {}, described at {}",
            self.event_type, self.variant, self.resource, self.place
        )?;
        writeln!(f, "    about a {} by `{}`: {}", self.kind, self.id, self.data)
    }
}

impl Display for Model {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Struct(shape) => {
                write!(f, "  struct {}", self.name)?;
                flags(f, &[(shape.input, "input"), (shape.page.is_some(), "page")])?;
                writeln!(f, ", described at {}", self.place)?;
                write!(f, "{shape}")
            }
            Shape::Enum(shape) => {
                writeln!(f, "  enum {}, described at {}", self.name, self.place)?;
                write!(f, "{shape}")
            }
            Shape::Union(shape) => {
                write!(f, "  union {}", self.name)?;
                if let Some(tag) = &shape.tag {
                    write!(f, " by `{tag}`")?;
                }
                writeln!(f, ", described at {}", self.place)?;
                write!(f, "{shape}")
            }
            Shape::Answers(cases) => {
                writeln!(f, "  answers {}, described at {}", self.name, self.place)?;
                cases.iter().try_for_each(|case| writeln!(f, "    {} = {} {}", case.name, case.status, case.output))
            }
        }
    }
}

impl Display for Struct {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for field in &self.fields {
            write!(f, "    {}: {}", field.name, field.ty)?;
            let nullable = matches!(field.presence, Presence::RequiredOrNull | Presence::OptionalOrNull);
            flags(f, &[(field.is_required(), "required"), (nullable, "nullable"), (field.boxed, "boxed")])?;
            if let Some(constant) = &field.constant {
                write!(f, ", always {constant:?}")?;
            }
            renamed(f, &field.wire, &field.name)?;
        }
        if let Some((name, ty)) = &self.additional {
            writeln!(f, "    {name}: others, of {ty}")?;
        }
        Ok(())
    }
}

impl Display for Enum {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for value in &self.values {
            writeln!(f, "    {} = {:?}", value.variant, value.wire)?;
        }
        for transition in self.states.iter().flat_map(|states| &states.transitions) {
            let cause = match &transition.cause {
                Cause::Operation(name) => format!("operation {name}"),
                Cause::Event(name) => format!("event {name}"),
            };
            let (from, to) = (transition.from.join("|"), transition.to.join("|"));
            write!(f, "    {from} -> {to} by {cause}")?;
            match &transition.otherwise {
                Some(code) => writeln!(f, " else {code}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl Display for Union {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for variant in &self.variants {
            write!(f, "    {}: {}", variant.name, variant.ty)?;
            if !variant.tags.is_empty() {
                write!(f, ", for {}", variant.tags.join(" "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Display for Output {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Json(ty) => ty.fmt(f),
            Self::Maybe(ty) => write!(f, "{ty} or nothing"),
            Self::Text => f.write_str("plain text"),
            Self::Bytes => f.write_str("bytes"),
            Self::ByStatus(model) => write!(f, "{model} by status"),
        }
    }
}

impl Display for Ty {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F64 => "f64",
            Self::Timestamp => "timestamp",
            Self::Money => "money",
            Self::Secret => "secret",
            Self::File => "file",
            Self::Json => "json",
            Self::Id(name) | Self::Model(name) => name,
            Self::Sensitive(kind) => {
                let word = Kind::ALL.iter().find(|(other, _)| other == kind);
                return write!(f, "sensitive {}", word.map_or("", |(_, word)| word));
            }
            Self::List(inner) => return write!(f, "list of {inner}"),
            Self::Map(inner) => return write!(f, "map of {inner}"),
            Self::OrNull(inner) => return write!(f, "{inner} or null"),
        };
        f.write_str(plain)
    }
}

fn flags(f: &mut Formatter<'_>, flags: &[(bool, &str)]) -> fmt::Result {
    let set = flags.iter().filter(|(set, _)| *set);
    set.into_iter().try_for_each(|(_, name)| write!(f, ", {name}"))
}

/// Ends a line, with the name on the wire where it's another.
fn renamed(f: &mut Formatter<'_>, wire: &str, name: &str) -> fmt::Result {
    if wire == name {
        return writeln!(f);
    }
    writeln!(f, ", on the wire `{wire}`")
}
