//! The account of a conversion: what was lost, each element once, the first reason counting.

use serde_json::{Map, Value};

use super::{ConvertError, Target, elements};
use crate::payload::core::{CoreDataSet, Event, Loss, LossKind};

/// The account.
pub(super) struct Ledger {
    pub(super) target: Target,
    losses: Vec<Loss>,
}

impl Ledger {
    pub(super) fn new(target: Target) -> Self {
        Self { target, losses: Vec::new() }
    }

    pub(super) fn lose(&mut self, element: &'static str, why: LossKind) {
        if !self.losses.iter().any(|loss| loss.element == element) {
            self.losses.push(Loss { element, why });
        }
    }

    /// Lists every element that is there and for which the target has no place.
    pub(super) fn places(&mut self, core: &CoreDataSet, event: &Event, places: &[&str]) {
        for element in elements::present(core, event) {
            if !places.contains(&element) {
                self.lose(element, LossKind::NoPlace);
            }
        }
    }

    /// Lists the events that a target with room for one does not take.
    pub(super) fn only_one(&mut self, core: &CoreDataSet) {
        if core.events.len() > 1 {
            self.lose("events", LossKind::NoPlace);
        }
    }

    pub(super) fn no_such_event(&self, event: &'static str) -> ConvertError {
        ConvertError::NoSuchEvent { target: self.target, event }
    }

    /// An element that the target cannot do without.
    pub(super) fn required<'t>(
        &self,
        element: &'static str,
        value: &'t Option<String>,
    ) -> Result<&'t str, ConvertError> {
        value.as_deref().ok_or(ConvertError::Missing { target: self.target, element })
    }

    /// An element that the target requires, and that is left out and listed where nobody knows it.
    pub(super) fn wanted<T>(&mut self, element: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.lose(element, LossKind::Unknown);
        }
        value
    }

    /// The day of a date; a time is lost, and so is a date without its day.
    pub(super) fn day(&mut self, element: &'static str, text: &str) -> Option<String> {
        if elements::has_time(text) {
            self.lose(element, LossKind::Coarser);
        }
        self.wanted(element, elements::day(text)).map(|day| day.to_string())
    }

    /// A text of at most so many characters.
    pub(super) fn cut(&mut self, element: &'static str, text: &str, most: usize) -> String {
        let cut: String = text.chars().take(most).collect();
        if cut.len() < text.len() {
            self.lose(element, LossKind::Cut);
        }
        cut.trim_end().to_owned()
    }

    /// Alpha-2 code of a country.
    pub(super) fn alpha2(&mut self, element: &'static str, text: Option<&str>) -> Option<String> {
        let code = text.and_then(elements::country).map(|country| country.to_string());
        self.wanted(element, code)
    }

    /// Alpha-3 code of a country.
    pub(super) fn alpha3(&mut self, element: &'static str, text: Option<&str>) -> Option<String> {
        let code = text.and_then(elements::country).and_then(|country| country.alpha3().map(str::to_owned));
        self.wanted(element, code)
    }

    pub(super) fn into_losses(mut self) -> Vec<Loss> {
        self.losses.sort_unstable();
        self.losses
    }
}

/// An object of the members that are there.
pub(super) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    Value::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect::<Map<_, _>>())
}

/// A text as a member.
pub(super) fn text(value: impl Into<String>) -> Option<Value> {
    Some(Value::String(value.into()))
}

/// A text that may be missing as a member.
pub(super) fn some(value: &Option<String>) -> Option<Value> {
    value.clone().map(Value::String)
}
