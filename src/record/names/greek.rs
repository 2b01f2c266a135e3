//! Greek letters: ELOT 743 (ISO 843 type 2), which Greek and Cypriot passports use. Doc 9303 has no Greek
//! table; this is the national convention.
//!
//! ELOT 743 reads some pairs as one sound: ΟΥ is OU; ΑΥ, ΕΥ, ΗΥ end in V before vowels and voiced consonants
//! and in F elsewhere; ΓΓ, ΓΞ, ΓΧ are NG, NX, NCH; ΜΠ is B at the beginning and at the end of a word and MP
//! inside. An accent on the first vowel of a pair or a diaeresis on the second keeps the two apart.

/// The Latin form of a single capital letter.
fn single(letter: char) -> Option<&'static str> {
    Some(match letter {
        'Α' | 'Ά' => "A",
        'Β' => "V",
        'Γ' => "G",
        'Δ' => "D",
        'Ε' | 'Έ' => "E",
        'Ζ' => "Z",
        'Η' | 'Ή' | 'Ι' | 'Ί' | 'Ϊ' => "I",
        'Θ' => "TH",
        'Κ' => "K",
        'Λ' => "L",
        'Μ' => "M",
        'Ν' => "N",
        'Ξ' => "X",
        'Ο' | 'Ό' | 'Ω' | 'Ώ' => "O",
        'Π' => "P",
        'Ρ' => "R",
        'Σ' => "S",
        'Τ' => "T",
        'Υ' | 'Ύ' | 'Ϋ' => "Y",
        'Φ' => "F",
        'Χ' => "CH",
        'Ψ' => "PS",
        _ => return None,
    })
}

/// Vowels and voiced consonants, before which ΑΥ, ΕΥ, ΗΥ end in V.
fn is_voiced(letter: char) -> bool {
    "ΑΆΕΈΗΉΙΊΪΟΌΥΎΫΩΏΒΓΔΖΛΜΝΡ".contains(letter)
}

/// The Latin form of the letters at the head of `rest` and how many of them it stands for. `first` says that
/// they begin a name component.
pub(super) fn form(rest: &[char], first: bool) -> Option<(&'static str, usize)> {
    let letter = *rest.first()?;
    let next = rest.get(1).copied().unwrap_or(' ');
    let after = rest.get(2).copied();
    let voiced = after.is_some_and(is_voiced);
    let last = !after.is_some_and(char::is_alphabetic);
    let pair = match (letter, next) {
        ('Ο', 'Υ' | 'Ύ') => "OU",
        ('Α', 'Υ' | 'Ύ') if voiced => "AV",
        ('Α', 'Υ' | 'Ύ') => "AF",
        ('Ε', 'Υ' | 'Ύ') if voiced => "EV",
        ('Ε', 'Υ' | 'Ύ') => "EF",
        ('Η', 'Υ' | 'Ύ') if voiced => "IV",
        ('Η', 'Υ' | 'Ύ') => "IF",
        ('Γ', 'Γ') => "NG",
        ('Γ', 'Ξ') => "NX",
        ('Γ', 'Χ') => "NCH",
        ('Μ', 'Π') if first || last => "B",
        _ => return single(letter).map(|form| (form, 1)),
    };
    Some((pair, 2))
}
