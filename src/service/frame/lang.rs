//! The languages of the pages, and which of them a visitor gets: the one asked for in the address (`?lang=`), the
//! one chosen before (a cookie), the first of the browser's that we have (`Accept-Language`, RFC 9110 section
//! 12.5.4), or English.

use axum::http::{HeaderMap, header};

use crate::limits::ACCEPT_LANGUAGE_BYTES;

/// Name of the cookie and of the part of the address.
pub(super) const NAME: &str = "lang";

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(in crate::service) enum Lang {
    /// English, which every text is written in first.
    #[default]
    En,
    /// French.
    Fr,
    /// Portuguese.
    Pt,
    /// Spanish.
    Es,
    /// Arabic, written from right to left.
    Ar,
    /// Swahili.
    Sw,
    /// Vietnamese.
    Vi,
    /// Lao.
    Lo,
    /// Sinhala.
    Si,
    /// Tamil.
    Ta,
    /// Amharic.
    Am,
}

impl Lang {
    /// Every language, in the order in which they are offered.
    pub(in crate::service) const ALL: [Self; 11] =
        [Self::En, Self::Fr, Self::Pt, Self::Es, Self::Ar, Self::Sw, Self::Vi, Self::Lo, Self::Si, Self::Ta, Self::Am];

    /// Language tag (RFC 5646).
    pub(in crate::service) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Pt => "pt",
            Self::Es => "es",
            Self::Ar => "ar",
            Self::Sw => "sw",
            Self::Vi => "vi",
            Self::Lo => "lo",
            Self::Si => "si",
            Self::Ta => "ta",
            Self::Am => "am",
        }
    }

    /// Its name as its speakers write it.
    pub(in crate::service) const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::Pt => "Português",
            Self::Es => "Español",
            Self::Ar => "العربية",
            Self::Sw => "Kiswahili",
            Self::Vi => "Tiếng Việt",
            Self::Lo => "ລາວ",
            Self::Si => "සිංහල",
            Self::Ta => "தமிழ்",
            Self::Am => "አማርኛ",
        }
    }

    /// Direction of writing, as the attribute `dir` has it.
    pub(in crate::service) const fn dir(self) -> &'static str {
        if matches!(self, Self::Ar) { "rtl" } else { "ltr" }
    }

    /// The language of this tag: by its first part, so that `pt-BR` is Portuguese.
    pub(in crate::service) fn read(tag: &str) -> Option<Self> {
        let first = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(first))
    }

    /// The language of a request, and whether its address asks for it.
    pub(super) fn of(query: &str, headers: &HeaderMap) -> (Self, bool) {
        let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == NAME);
        if let Some(lang) = asked.and_then(|(_, tag)| Self::read(&tag)) {
            return (lang, true);
        }
        (Self::chosen(headers).or_else(|| Self::accepted(headers)).unwrap_or_default(), false)
    }

    /// The one of the cookie.
    fn chosen(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.trim() == NAME).and_then(|(_, tag)| Self::read(tag))
    }

    /// The one of the browser's with the highest weight; of equal ones the first.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let line = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let line = line.get(..ACCEPT_LANGUAGE_BYTES).unwrap_or(line);
        let mut best: Option<(u32, Self)> = None;
        for item in line.split(',') {
            let (tag, weight) = item.split_once(';').unwrap_or((item, ""));
            let Some(lang) = Self::read(tag) else { continue };
            let weight = thousandths(weight);
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// A weight `q=0.8` in thousandths; one where there is none, none where it cannot be read.
fn thousandths(weight: &str) -> u32 {
    let Some(value) = weight.trim().strip_prefix("q=").or_else(|| weight.trim().strip_prefix("Q=")) else {
        return if weight.trim().is_empty() { 1000 } else { 0 };
    };
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(0), Ok(part)) => part,
        (Ok(1), Ok(0)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str, cookie: &str, accept: &str) -> (Lang, bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Lang::of(query, &headers)
    }

    #[test]
    fn the_address_comes_before_the_cookie_and_the_cookie_before_the_browser() {
        assert_eq!(of("a=b&lang=lo", "lang=ar", "fr"), (Lang::Lo, true));
        assert_eq!(of("lang=xx", "sid=1; lang=ar", "fr"), (Lang::Ar, false));
        assert_eq!(of("", "language=ar", "de, fr;q=0.8, es;q=0.9"), (Lang::Es, false));
        assert_eq!(of("", "", "pt-BR,pt;q=0.9,en;q=0.8"), (Lang::Pt, false));
        assert_eq!(of("", "", "de"), (Lang::En, false));
    }

    #[test]
    fn weights_that_mean_nothing_count_for_nothing() {
        for accept in ["fr;q=0", "fr;q=2", "fr;q=x", "fr;level=1", "*", ";;,,", "q=1"] {
            assert_eq!(of("", "", accept).0, Lang::En, "{accept}");
        }
        assert_eq!(of("", "", "en;q=0.1, sw;q=0.2").0, Lang::Sw);
        assert_eq!(of("", "", &"x,".repeat(50_000)).0, Lang::En);
    }
}
