//! Forms: fields with their label, hint and error in the form that screen readers understand, and the summary of
//! errors that leads to each of them (WCAG 2.2, success criteria 1.3.1, 3.3.1 and 3.3.3).

use super::{Frame, WORDS};
use crate::service::html::{
    Html,
    Slot::{Html as Made, Text},
    fill,
};

const FIELD: &str = include_str!("../pages/frame/field.html");
const INPUT: &str = include_str!("../pages/frame/input.html");
const AREA: &str = include_str!("../pages/frame/area.html");
const SELECT: &str = include_str!("../pages/frame/select.html");
const OPTION: &str = include_str!("../pages/frame/option.html");
const CHOICE: &str = include_str!("../pages/frame/choice.html");
const HIDDEN: &str = include_str!("../pages/frame/hidden.html");
const HINT: &str = include_str!("../pages/frame/hint.html");
const ERROR: &str = include_str!("../pages/frame/error.html");
const SUMMARY: &str = include_str!("../pages/frame/summary.html");
const SUMMARY_LINE: &str = include_str!("../pages/frame/summary_line.html");

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) enum Kind<'a> {
    /// One line. With what the browser may offer (`autocomplete`) and which keyboard a phone shows (`inputmode`).
    Line {
        /// Of the HTML attribute `autocomplete`.
        autocomplete: &'static str,
        /// Of the HTML attribute `inputmode`.
        mode: &'static str,
    },
    /// A day, by the browser's own calendar; a text of the form 2026-11-22 where it has none.
    Day,
    /// Several lines.
    Area,
    /// A file, with the endings that are offered.
    File {
        /// Of the HTML attribute `accept`.
        accept: &'static str,
    },
    /// One of several: value and label.
    Select(&'a [(&'a str, String)]),
    /// Yes or no, with the label behind the box.
    Check,
    /// A secret.
    Password {
        /// Of the HTML attribute `autocomplete`.
        autocomplete: &'static str,
    },
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Field<'a> {
    /// Its name in what is sent, and in the addresses of errors.
    pub(in crate::service) name: &'a str,
    /// What it asks for.
    pub(in crate::service) label: &'a str,
    /// How it is to be filled in; empty where that is plain.
    pub(in crate::service) hint: &'a str,
    /// What was filled in.
    pub(in crate::service) value: &'a str,
    /// What is wrong with it.
    pub(in crate::service) error: Option<&'a str>,
    /// It must be filled in.
    pub(in crate::service) required: bool,
    /// What it takes.
    pub(in crate::service) kind: Kind<'a>,
}

impl<'a> Field<'a> {
    /// A line that must be filled in.
    pub(in crate::service) fn line(name: &'a str, label: &'a str) -> Self {
        let kind = Kind::Line { autocomplete: "off", mode: "text" };
        Self { name, label, hint: "", value: "", error: None, required: true, kind }
    }

    /// The field of a form.
    pub(in crate::service) fn html(&self) -> Html {
        let Self { name, label, hint, value, error, required, kind } = *self;
        let described = match (hint.is_empty(), error) {
            (true, None) => String::new(),
            (false, None) => format!("{name}-hint"),
            (true, Some(_)) => format!("{name}-error"),
            (false, Some(_)) => format!("{name}-error {name}-hint"),
        };
        let invalid = if error.is_some() { "true" } else { "false" };
        // `required` would stop the form in the browser with words that are not ours, and stop only one field.
        let needed = if required { "true" } else { "false" };
        let common = [
            ("name", Text(name)),
            ("label", Text(label)),
            ("value", Text(value)),
            ("described", Text(&described)),
            ("invalid", Text(invalid)),
            ("required", Text(needed)),
        ];
        let with = |template: &str, more: &[(&str, crate::service::html::Slot<'_>)]| {
            fill(template, &[&common[..], more].concat())
        };
        let input = |of: &str, autocomplete: &str, mode: &str, accept: &str| {
            with(
                INPUT,
                &[
                    ("type", Text(of)),
                    ("autocomplete", Text(autocomplete)),
                    ("mode", Text(mode)),
                    ("accept", Text(accept)),
                ],
            )
        };
        let control = match kind {
            Kind::Line { autocomplete, mode } => input("text", autocomplete, mode, ""),
            Kind::Day => input("date", "off", "text", ""),
            Kind::File { accept } => input("file", "off", "text", accept),
            Kind::Password { autocomplete } => input("password", autocomplete, "text", ""),
            Kind::Area => with(AREA, &[]),
            Kind::Select(options) => {
                let option = |(option, label): &(&str, String)| {
                    let selected = if *option == value { " selected" } else { "" };
                    // The attribute stands or does not: it has no value that says no.
                    fill(&OPTION.replace("{{selected}}", selected), &[("value", Text(option)), ("label", Text(label))])
                };
                with(SELECT, &[("options", Made(&options.iter().map(option).collect()))])
            }
            Kind::Check => {
                let checked = if value.is_empty() { "" } else { " checked" };
                fill(&CHOICE.replace("{{checked}}", checked), &common)
            }
        };
        let note = |template, text: &str| fill(template, &[("name", Text(name)), ("text", Text(text))]);
        let hint = if hint.is_empty() { Html::default() } else { note(HINT, hint) };
        let error = error.map(|error| note(ERROR, error)).unwrap_or_default();
        if matches!(kind, Kind::Check) {
            return [control, hint, error].into_iter().collect();
        }
        fill(
            FIELD,
            &[
                ("name", Text(name)),
                ("label", Text(label)),
                ("hint", Made(&hint)),
                ("error", Made(&error)),
                ("control", Made(&control)),
            ],
        )
    }
}

/// A value that the form sends back as it is.
pub(in crate::service) fn hidden(name: &str, value: &str) -> Html {
    fill(HIDDEN, &[("name", Text(name)), ("value", Text(value))])
}

/// What is wrong with a form, before it: each error (name of the field, words) leads to its field. Nothing where
/// nothing is wrong.
pub(in crate::service) fn summary(frame: &Frame, errors: &[(&str, &str)]) -> Html {
    if errors.is_empty() {
        return Html::default();
    }
    let line = |(name, text): &(&str, &str)| fill(SUMMARY_LINE, &[("name", Text(name)), ("text", Text(text))]);
    frame.speech(&WORDS).fill(SUMMARY, &[("errors", Made(&errors.iter().map(line).collect()))])
}
