//! Where a person is reached, and in which language, as the source tells it.

use super::normal;
use crate::{
    config::{CitizenOptions, Via},
    source::model::TrackedEntity,
};

/// A telephone number or an e-mail address. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub enum Contact {
    /// A number (E.164).
    Telephone(String),
    /// An e-mail address.
    Email(String),
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({})", self.kind())
    }
}

impl Contact {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Telephone(_) => "tel",
            Self::Email(_) => "mailto",
        }
    }

    /// The number or address.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Telephone(address) | Self::Email(address) => address,
        }
    }
}

/// The values of an attribute: of the person, then of the enrollments.
pub(super) fn values<'a>(person: &'a TrackedEntity, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    let enrolled = person.enrollments.iter().filter(|enrollment| !enrollment.deleted);
    let all = person.attributes.iter().chain(enrolled.flat_map(|enrollment| &enrollment.attributes));
    all.filter(move |value| value.attribute == attribute).filter_map(|value| value.value.as_deref())
}

/// Where messages to a person go: the first attribute that holds something usable.
#[must_use]
pub fn contact(options: &CitizenOptions, via: Via, person: &TrackedEntity) -> Option<Contact> {
    let telephone = || {
        let found = options.phone.iter().flat_map(|uid| values(person, uid));
        found.filter_map(|text| normal::telephone(text, &options.country_prefix)).next().map(Contact::Telephone)
    };
    let email = || {
        let found = options.email.iter().flat_map(|uid| values(person, uid));
        found.filter_map(normal::email).next().map(Contact::Email)
    };
    match via {
        Via::Off | Via::Sms => telephone(),
        Via::Email => email(),
        Via::File => telephone().or_else(email),
    }
}

/// The language of a person, as a tag of two or three letters.
#[must_use]
pub fn language(options: &CitizenOptions, person: &TrackedEntity) -> Option<String> {
    let found = options.language.iter().flat_map(|uid| values(person, uid)).next()?;
    let code = options.languages.get(found.trim()).map_or(found, String::as_str);
    let tag: String =
        code.trim().chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    (2..=3).contains(&tag.len()).then_some(tag)
}
