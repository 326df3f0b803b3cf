//! The model as a text that people read: one line a fact.

use std::fmt::{self, Display, Formatter};

use super::{Cause, Domain, Enum, Kind, Model, Operation, Shape, Struct, Ty};

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
        writeln!(f, "    quota {} x {}, retry {retry}", self.quota.group, self.quota.weight)?;
        if let Some(page) = self.page {
            writeln!(f, "    pages by {}", page.as_str())?;
        }
        for parameter in &self.parameters {
            let place = if parameter.in_path { "path" } else { "query" };
            write!(f, "    {place} {}: {}", parameter.name, parameter.ty)?;
            flags(f, &[(parameter.required, "required"), (parameter.repeated, "repeated")])?;
            renamed(f, &parameter.wire, &parameter.name)?;
        }
        if let Some(body) = &self.body {
            write!(f, "    body {}: {}", body.name, body.model)?;
            flags(f, &[(body.required, "required")])?;
            writeln!(f)?;
        }
        let output = self.output.as_deref().unwrap_or("nothing");
        writeln!(f, "    answers {} {output}", self.status)?;
        for error in &self.errors {
            writeln!(f, "    fails {} {}", error.status, error.code)?;
        }
        Ok(())
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
        }
    }
}

impl Display for Struct {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for field in &self.fields {
            write!(f, "    {}: {}", field.name, field.ty)?;
            flags(f, &[(field.required, "required"), (field.boxed, "boxed")])?;
            renamed(f, &field.wire, &field.name)?;
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
            Self::Id(name) | Self::Model(name) => name,
            Self::Sensitive(kind) => {
                let word = Kind::ALL.iter().find(|(other, _)| other == kind);
                return write!(f, "sensitive {}", word.map_or("", |(_, word)| word));
            }
            Self::List(inner) => return write!(f, "list of {inner}"),
            Self::Map(inner) => return write!(f, "map of {inner}"),
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
