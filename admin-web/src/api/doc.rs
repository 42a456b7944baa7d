//! What the OpenAPI document says of a route.

use schemars::{JsonSchema, Schema, SchemaGenerator};

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Doc {
    pub(crate) summary: &'static str,
    /// An object whose properties are the query's parameters.
    pub(crate) query: Option<SchemaOf>,
    pub(crate) body: Option<SchemaOf>,
    pub(crate) answer: Option<SchemaOf>,
    pub(crate) status: u16,
    /// The answer holds something that is shown once and never kept: not for a repeated request
    /// either.
    pub(crate) secret: bool,
}

fn by_reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn in_place<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

impl Doc {
    /// Answers 200 with an `A`.
    pub(crate) const fn new<A: JsonSchema>(summary: &'static str) -> Self {
        Self {
            answer: Some(by_reference::<A>),
            status: 200,
            ..Self::silent(summary)
        }
    }

    /// Answers 201 with what was made.
    pub(crate) const fn makes<A: JsonSchema>(summary: &'static str) -> Self {
        Self {
            status: 201,
            ..Self::new::<A>(summary)
        }
    }

    /// Answers 204.
    pub(crate) const fn silent(summary: &'static str) -> Self {
        Self {
            summary,
            query: None,
            body: None,
            answer: None,
            status: 204,
            secret: false,
        }
    }

    pub(crate) const fn query<Q: JsonSchema>(self) -> Self {
        Self {
            query: Some(in_place::<Q>),
            ..self
        }
    }

    pub(crate) const fn body<B: JsonSchema>(self) -> Self {
        Self {
            body: Some(by_reference::<B>),
            ..self
        }
    }

    pub(crate) const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }
}
