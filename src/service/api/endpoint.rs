//! One route with everything that is known of it.

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    access::Right,
    service::{House, features::Feature, guard::is_for_programs, operations::Class},
};

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Access {
    /// Everybody.
    Open,
    /// Whoever has this right.
    Needs(Right),
    /// Whoever has an account, whatever it may do.
    Known,
    /// A citizen with a session of their own.
    Citizen,
}

/// Makes the schema of a value.
pub(super) type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) place: Place,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) required: bool,
    pub(super) schema: MakeSchema,
}

/// A body that is taken or given.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) media: &'static str,
    /// `None` for what is no JSON.
    pub(super) schema: Option<MakeSchema>,
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    pub(super) content: Option<Content>,
}

/// Why there may be no answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    pub(super) status: u16,
    /// Stable codes of its problems.
    pub(super) codes: &'static [&'static str],
}

/// A route: its address, who may use it, what it takes and gives, and the handler.
#[derive(Debug)]
pub(in crate::service) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) filter: MethodFilter,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    pub(super) access: Access,
    pub(super) parameters: Vec<Parameter>,
    pub(super) takes: Vec<Content>,
    pub(super) gives: Vec<Answer>,
    pub(super) fails: Vec<Failure>,
    pub(super) handler: MethodRouter<House>,
}

impl Endpoint {
    /// Whether this is what is read at `path`.
    pub(in crate::service) fn is_read_at(&self, path: &str) -> bool {
        self.method == "get" && self.path == path
    }

    /// The part of the service that it belongs to, of those that can be closed.
    pub(in crate::service) fn feature(&self) -> Option<Feature> {
        match self.access {
            Access::Citizen => Some(Feature::Citizens),
            Access::Open if self.tag == "Citizens" => Some(Feature::Citizens),
            Access::Needs(Right::Issue | Right::Correct) if self.method != "get" => Some(Feature::Requests),
            _ => None,
        }
    }

    /// Who may use it.
    pub(in crate::service) fn access(&self) -> Access {
        self.access
    }

    fn new(method: &'static str, filter: MethodFilter, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            filter,
            path,
            id,
            tag: "",
            summary: "",
            about: "",
            // Nobody, until the endpoint says who: there is no right that is harder to get.
            access: Access::Needs(Right::Switch),
            parameters: Vec::new(),
            takes: Vec::new(),
            gives: Vec::new(),
            fails: Vec::new(),
            handler: MethodRouter::new(),
        }
    }

    /// Reads what is at `path`; `id` is its stable operation name.
    pub(in crate::service) fn get(path: &'static str, id: &'static str) -> Self {
        Self::new("get", MethodFilter::GET, path, id)
    }

    /// Takes what is sent to `path`.
    pub(in crate::service) fn post(path: &'static str, id: &'static str) -> Self {
        Self::new("post", MethodFilter::POST, path, id)
    }

    /// Puts what is sent in the place of what is at `path`.
    pub(in crate::service) fn put(path: &'static str, id: &'static str) -> Self {
        Self::new("put", MethodFilter::PUT, path, id)
    }

    /// Removes what is at `path`.
    pub(in crate::service) fn delete(path: &'static str, id: &'static str) -> Self {
        Self::new("delete", MethodFilter::DELETE, path, id)
    }

    /// The group in which it is shown.
    pub(in crate::service) fn tag(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    /// What it does, in a few words.
    pub(in crate::service) fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// What there is to know of it.
    pub(in crate::service) fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Everybody may use it.
    pub(in crate::service) fn open(self) -> Self {
        Self { access: Access::Open, ..self }
    }

    /// Whoever has this right may use it.
    pub(in crate::service) fn needs(self, right: Right) -> Self {
        Self { access: Access::Needs(right), ..self }
    }

    /// Whoever has an account may use it, whatever it may do.
    pub(in crate::service) fn known(self) -> Self {
        Self { access: Access::Known, ..self }
    }

    /// Citizens with a session of their own may use it.
    pub(in crate::service) fn citizen(self) -> Self {
        Self { access: Access::Citizen, ..self }
    }

    /// Which requests it goes before where there are too many, and whether it goes on while nothing may be changed.
    pub(super) fn class(&self) -> Class {
        Class::of(self.method, self.path, self.access)
    }

    fn parameter<T: JsonSchema>(
        mut self,
        place: Place,
        name: &'static str,
        about: &'static str,
        required: bool,
    ) -> Self {
        let schema: MakeSchema = |generator| generator.subschema_for::<T>();
        self.parameters.push(Parameter { place, name, about, required, schema });
        self
    }

    /// A part of its address, `{name}` in the path.
    pub(in crate::service) fn path_parameter(self, name: &'static str, about: &'static str) -> Self {
        self.parameter::<String>(Place::Path, name, about, true)
    }

    /// A part of its query, which may be missing.
    pub(in crate::service) fn query<T: JsonSchema>(self, name: &'static str, about: &'static str) -> Self {
        self.parameter::<T>(Place::Query, name, about, false)
    }

    /// A header that it reads, which may be missing.
    pub(in crate::service) fn header(self, name: &'static str, about: &'static str) -> Self {
        self.parameter::<String>(Place::Header, name, about, false)
    }

    /// A body that it takes.
    pub(in crate::service) fn takes<T: JsonSchema>(mut self, media: &'static str) -> Self {
        self.takes.push(Content { media, schema: Some(|generator| generator.subschema_for::<T>()) });
        self
    }

    /// A body that it takes and that is no JSON.
    pub(in crate::service) fn takes_media(mut self, media: &'static str) -> Self {
        self.takes.push(Content { media, schema: None });
        self
    }

    /// JSON that it gives.
    pub(in crate::service) fn gives<T: JsonSchema>(mut self, status: u16, about: &'static str) -> Self {
        let content = Content { media: "application/json", schema: Some(|generator| generator.subschema_for::<T>()) };
        self.gives.push(Answer { status, about, content: Some(content) });
        self
    }

    /// What it gives that is no JSON.
    pub(in crate::service) fn gives_media(mut self, status: u16, media: &'static str, about: &'static str) -> Self {
        self.gives.push(Answer { status, about, content: Some(Content { media, schema: None }) });
        self
    }

    /// An answer without a body.
    pub(in crate::service) fn gives_nothing(mut self, status: u16, about: &'static str) -> Self {
        self.gives.push(Answer { status, about, content: None });
        self
    }

    /// Problems that it tells with this status, by their codes.
    pub(in crate::service) fn fails(mut self, status: u16, codes: &'static [&'static str]) -> Self {
        self.fails.push(Failure { status, codes });
        self
    }

    /// Every way in which it may fail: its own, and those of the gate.
    pub(super) fn failures(&self) -> Vec<Failure> {
        let gate: &[Failure] = match self.access {
            Access::Open => &[],
            Access::Needs(_) | Access::Known | Access::Citizen => {
                &[Failure { status: 401, codes: &[] }, Failure { status: 403, codes: &[] }]
            }
        };
        self.fails.iter().chain(gate).copied().collect()
    }

    /// Where a person at a browser is led from it who is nobody yet.
    pub(super) fn leads_away(&self) -> Option<&'static str> {
        if self.method != "get" || is_for_programs(self.path) {
            return None;
        }
        match self.access {
            Access::Open => None,
            Access::Needs(_) | Access::Known => Some("Nobody is logged in: the way to the page for logging in"),
            Access::Citizen => Some("There is no session: the way to the first page"),
        }
    }

    /// Its address as descriptions have it: a part that takes several segments is written as any other.
    pub(super) fn shown_path(&self) -> String {
        self.path.replace("{*", "{")
    }

    /// What answers.
    pub(in crate::service) fn run<H: Handler<T, House>, T: 'static>(mut self, handler: H) -> Self {
        self.handler = on(self.filter, handler);
        self
    }
}
