//! Reads a parsed resource without formatting it: which ids it defines, which variables each of
//! them wants, and what it refers to. Load-time checks and tests live on this.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::PatternElement;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern};

/// What one text needs: its own variables and the texts and terms it embeds.
#[derive(Debug, Default, Clone)]
pub(crate) struct Needs {
    pub(crate) variables: BTreeSet<String>,
    /// Ids of embedded texts: `other`, `other.attr`, `-term`.
    pub(crate) references: BTreeSet<String>,
}

/// All ids of a resource (`id`, `id.attr`, `-term`) with what each needs.
pub(crate) fn entries<'a>(
    entries: impl Iterator<Item = &'a Entry<&'a str>>,
) -> BTreeMap<String, Needs> {
    let mut found = BTreeMap::new();
    for entry in entries {
        let (id, value, attributes) = match entry {
            Entry::Message(m) => (m.id.name.to_owned(), m.value.as_ref(), &m.attributes),
            Entry::Term(t) => (format!("-{}", t.id.name), Some(&t.value), &t.attributes),
            _ => continue,
        };
        for attribute in attributes {
            found.insert(
                format!("{id}.{}", attribute.id.name),
                needs(&attribute.value),
            );
        }
        if let Some(value) = value {
            found.insert(id, needs(value));
        }
    }
    found
}

fn needs(pattern: &Pattern<&str>) -> Needs {
    let mut needs = Needs::default();
    walk_pattern(pattern, &mut needs);
    needs
}

fn walk_pattern(pattern: &Pattern<&str>, needs: &mut Needs) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            walk_expression(expression, needs);
        }
    }
}

fn walk_expression(expression: &Expression<&str>, needs: &mut Needs) {
    match expression {
        Expression::Inline(inline) => walk_inline(inline, needs),
        Expression::Select { selector, variants } => {
            walk_inline(selector, needs);
            for variant in variants {
                walk_pattern(&variant.value, needs);
            }
        }
    }
}

fn walk_inline(inline: &InlineExpression<&str>, needs: &mut Needs) {
    match inline {
        InlineExpression::VariableReference { id } => {
            needs.variables.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, attribute } => {
            needs
                .references
                .insert(reference("", id.name, attribute.as_ref().map(|a| a.name)));
        }
        InlineExpression::TermReference {
            id,
            attribute,
            arguments,
        } => {
            needs
                .references
                .insert(reference("-", id.name, attribute.as_ref().map(|a| a.name)));
            if let Some(arguments) = arguments {
                walk_arguments(arguments, needs);
            }
        }
        InlineExpression::FunctionReference { arguments, .. } => walk_arguments(arguments, needs),
        InlineExpression::Placeable { expression } => walk_expression(expression, needs),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

fn walk_arguments(arguments: &CallArguments<&str>, needs: &mut Needs) {
    for value in &arguments.positional {
        walk_inline(value, needs);
    }
    for named in &arguments.named {
        walk_inline(&named.value, needs);
    }
}

fn reference(sigil: &str, id: &str, attribute: Option<&str>) -> String {
    match attribute {
        Some(attribute) => format!("{sigil}{id}.{attribute}"),
        None => format!("{sigil}{id}"),
    }
}
