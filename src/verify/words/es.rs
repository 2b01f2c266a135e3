//! Spanish. Next steps stand in the polite imperative.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ACEPTADO",
        Decision::Rejected => "RECHAZADO",
        Decision::Undecided => "SIN DECIDIR",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("El texto es más largo que cualquier código", "Escanee los códigos de uno en uno"),
        Reason::FormatUnknown => (
            "No es un certificado de ningún tipo que este programa conozca",
            "Busque el código del propio certificado, o compruebe por otros medios",
        ),
        Reason::UnknownVersion => ("El código es de una versión que este programa no conoce", "Actualice el programa"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => (
            "El código no se ha leído por completo o está dañado",
            "Escanéelo de nuevo; si sigue igual, pida otra copia",
        ),
        Reason::NotCompressed => {
            ("El código no está construido como los de los certificados", "No confíe en él; pida otro documento")
        }
        Reason::InflatesTooLarge => {
            ("El código está hecho para sobrecargar el lector", "No confíe en él; comunique el caso")
        }
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("La firma es de un tipo que estos certificados nunca tienen", "No confíe en el certificado")
        }
        Reason::AlgorithmKeyMismatch => (
            "La firma no es del mismo tipo que la clave del emisor",
            "No confíe en el certificado; siga el procedimiento previsto",
        ),
        Reason::KidMissing => ("El certificado no indica qué clave lo firmó", "No confíe en él"),
        Reason::NoTrustList => (
            "No se ha proporcionado ninguna lista de confianza, así que no se puede comprobar ninguna firma",
            "Proporcione una lista de confianza y compruebe de nuevo",
        ),
        Reason::IssuerUnknown => (
            "Ninguna lista contiene la clave que firmó este certificado",
            "Actualice la lista de confianza y compruebe de nuevo, o compruebe por otros medios",
        ),
        Reason::SignatureInvalid => (
            "La firma no coincide: certificado falsificado o alterado",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::ContentMissing => {
            ("El mensaje firmado no contiene ningún certificado sanitario", "Pida el certificado sanitario")
        }
        Reason::ContentInvalid => ("El contenido no es un certificado completo", "No confíe en él; pida otra copia"),
        Reason::SeveralEvents => {
            ("El certificado acredita más de un hecho, lo que no está permitido", "Pida un certificado para cada hecho")
        }
        Reason::EventInFuture => (
            "La vacunación, la toma de la muestra o la prueba positiva tiene fecha futura",
            "Compruebe la fecha de este dispositivo y, después, no confíe en el certificado",
        ),
        Reason::NotYetValid => (
            "El certificado todavía no es válido",
            "Compruebe la fecha de este dispositivo y, después, la del certificado",
        ),
        Reason::Expired => ("El certificado ha caducado", "El titular necesita un certificado renovado"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("El certificado no indica desde cuándo o hasta cuándo es válido", "No confíe en él")
        }
        Reason::SignerNotYetValid => (
            "La clave del emisor todavía no es válida",
            "Compruebe la fecha de este dispositivo y, después, no confíe en el certificado",
        ),
        Reason::SignerExpired => ("La clave del emisor ha caducado", "El titular necesita un certificado renovado"),
        Reason::KeyUsage => (
            "La clave del emisor no está autorizada a firmar certificados de este tipo",
            "No confíe en el certificado; comunique el caso",
        ),
        Reason::Revoked => ("El emisor ha revocado este certificado", "El titular debe pedir uno nuevo al emisor"),
        Reason::RevocationUnknown => (
            "Ninguna lista de revocación cubre a este emisor",
            "Cargue la lista de revocación del emisor y compruebe de nuevo, o compruebe por otros medios",
        ),
        Reason::RulesFailed => (
            "El certificado es auténtico, pero no cumple las reglas del país de llegada",
            "Consulte las reglas no cumplidas; el titular puede tener otro certificado",
        ),
        Reason::RulesOpen => (
            "El certificado es auténtico, pero no se pudo decidir sobre una regla del país de llegada",
            "Consulte las reglas pendientes y decida manualmente",
        ),
        Reason::NoRules => (
            "El certificado es auténtico, pero no hay reglas para el país de llegada",
            "Cargue las reglas de ese país, o decida manualmente",
        ),
        Reason::ListStale => (
            "La lista de confianza es más antigua de lo que permite su autor",
            "Actualice la lista de confianza y compruebe de nuevo",
        ),
        Reason::ClockSetBack => (
            "El reloj de este dispositivo está atrasado: ya ha visto firmada una hora posterior",
            "Ajuste la fecha y la hora de este dispositivo y compruebe de nuevo",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("El código no se leyó por completo o está dañado", "Escanéelo de nuevo; si sigue igual, pida otra copia")
        }
        Reason::CodeIncomplete => {
            ("El certificado está repartido en varios códigos y no están todos", "Escanee todos sus códigos juntos")
        }
        Reason::LinkNotCertificate => (
            "Es un enlace a documentos, no un certificado",
            "Pida el propio certificado; este programa no abre ningún enlace",
        ),
        Reason::ContentUnsupported => (
            "La firma coincide, pero el contenido es de un tipo que este programa no conoce",
            "Actualice el programa, o compruebe por otros medios",
        ),
        Reason::UnsignedContent => {
            ("El certificado contiene partes que su firma no cubre", "No confíe en él; siga el procedimiento previsto")
        }
        Reason::ContextUnknown => {
            ("El certificado cita un vocabulario que este programa no conoce", "No confíe en él; pida otro documento")
        }
        Reason::ProofInvalid => {
            ("La firma no está construida como las de los certificados de este tipo", "No confíe en él")
        }
        Reason::HolderNotCovered => (
            "La firma no cubre a la persona: el nombre pudo haberse cambiado",
            "Compare con otros documentos de la persona, o pida otro certificado",
        ),
        Reason::HolderMissing => {
            ("El certificado no nombra a nadie: puede ser de cualquiera", "Pida un certificado que nombre a la persona")
        }
        Reason::ValuesImplausible => (
            "Hay valores del certificado que no pueden ser ciertos a la vez: pudieron haberse intercambiado",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::DatesImplausible => (
            "Las fechas del certificado no pueden ser ciertas a la vez: pudieron haberse intercambiado",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::DosesImplausible => (
            "Los números de dosis no pueden ser ciertos a la vez: pudieron haberse intercambiado",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::ValuesUnproven => (
            "La firma no muestra qué lugar ocupa cada valor del certificado, y más de un orden tiene sentido",
            "Compárelo con otro documento del titular o pregunte al emisor",
        ),
        Reason::IdMismatch => (
            "El identificador del certificado no es el que se firmó",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::IssuerMismatch => (
            "El emisor que nombra el certificado no es quien lo firmó",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::SignerChainInvalid => (
            "El certificado del firmante no fue expedido por la autoridad que nombra, o no para este uso",
            "No confíe en él; siga el procedimiento previsto",
        ),
        Reason::ProductNotApproved => (
            "No válido: la vacuna o el producto de profilaxis no está aprobado por la OMS",
            "Actualice el catálogo de productos y compruebe de nuevo; si no, hace falta una vacunación reconocida",
        ),
        Reason::TooRecent => {
            ("No válido: la vacunación se hizo hace menos de 10 días", "Cuenta a partir del día que se indica")
        }
        Reason::MedicalOpen => (
            "El certificado es auténtico, pero las tablas de decisión de la OMS no dicen si la vacunación cuenta",
            "Mire la vacuna y la enfermedad, y decida usted mismo",
        ),
        Reason::CheckIncomplete => ("No se pudo hacer una comprobación", "Compruebe por otros medios"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: espécimen de un ejercicio, sin ningún valor en una frontera",
        Warning::TestPositive => "la prueba es POSITIVA: se detectó la enfermedad",
        Warning::UnknownTestResult => {
            "el código del resultado de la prueba es desconocido: no tome el resultado por negativo"
        }
        Warning::RecoveryPeriod => "la fecha de hoy está fuera del período que indica el certificado de recuperación",
        Warning::IssuerNotSigner => "el país indicado en el certificado no es el del firmante",
        Warning::IssuedBeforeSigner => "expedido antes del inicio de validez del certificado del firmante",
        Warning::ExpiresAfterSigner => "caduca después que el certificado del firmante",
        Warning::WeakKey => "firmado con una clave débil (RSA de menos de 2048 bits)",
        Warning::UnrelatedKeyUsage => {
            "el certificado del firmante indica otros usos, ninguno de ellos para certificados sanitarios"
        }
        Warning::ListUnsigned => "no se comprobó la firma de la propia lista de confianza",
        Warning::IssuerNotBound => {
            "la lista de confianza no dice de quién es la clave: la dirección del emisor es solo palabra del firmante"
        }
        Warning::RevocationProbabilistic => {
            "la revocación procede de un filtro que de vez en cuando se equivoca: confírmela con una consulta"
        }
        Warning::UnknownDisease => "el código de la enfermedad es desconocido",
        Warning::UnknownVaccine => "el código del tipo de vacuna es desconocido",
        Warning::UnknownProduct => "el código del producto vacunal es desconocido",
        Warning::UnknownHolder => "el código del fabricante es desconocido",
        Warning::UnknownTestType => "el código del tipo de prueba es desconocido",
        Warning::UnknownTestDevice => "el código del dispositivo de prueba es desconocido",
        Warning::UnknownCountry => "el código del país es desconocido",
        Warning::TestFieldsMixed => "la prueba contiene campos de otro tipo de prueba",
        Warning::DoseBelowOne => "el número de dosis es inferior a uno",
        Warning::OddBirthDate => "la fecha de nacimiento está escrita de una forma inusual",
        Warning::IdCheckCharacter => "el carácter de control del identificador no sigue la regla común",
        Warning::MissingPrefix => "al código le falta el prefijo HC1:",
        Warning::Untagged => "al mensaje firmado le falta su etiqueta",
        Warning::CwtTag => "el mensaje firmado tiene una segunda etiqueta",
        Warning::UnprotectedAlgorithm => "el algoritmo está fuera de la cabecera firmada",
        Warning::UnprotectedKid => "el identificador de la clave está fuera de la cabecera firmada",
        Warning::KidsDisagree => "dos identificadores de clave difieren; se usó el que está firmado",
        Warning::FloatTime => "una marca de tiempo está escrita con decimales",
        Warning::DateWithTime => "una fecha está escrita con hora",
        Warning::FloatDose => "un número de dosis está escrito con decimales",
        Warning::PaddedText => "un texto tiene espacios alrededor",
        Warning::OverlongText => "un texto es más largo de lo que permite el esquema",
        Warning::NonStandardName => "el nombre normalizado contiene caracteres inusuales",
        Warning::ValuesUnordered => "la firma cubre los valores, pero no el lugar de cada uno",
        Warning::TemplateUnknown => "el certificado sigue una versión que este programa no conoce",
        Warning::OldGeneration => "el certificado tiene una forma antigua",
        Warning::GuardianMissing => "el titular es menor y no se nombra a ningún padre, madre o tutor",
        Warning::OtherDomain => "la lista de confianza prevé la clave para otro tipo de certificados",
        Warning::ZipAsText => "el archivo comprimido del código está escrito como texto",
        Warning::ChunkedCode => "el certificado está repartido en varios códigos",
        Warning::TextKeys => "los datos firmados se nombran con textos en vez de números",
        Warning::TextKid => "el identificador de la clave es un texto en vez de bytes",
        Warning::MillisecondTime => "una hora está escrita en milisegundos",
        Warning::StandardBase64 => "base64 en otro alfabeto que el que exige la norma del formato",
        Warning::SealInList => "el sello está en una lista de un solo elemento",
        Warning::LinkForm => "el enlace no está escrito como dice su norma",
        Warning::LinkPlainHttp => "el enlace lleva por una conexión sin cifrar",
        Warning::NonStandardContent => "el contenido tiene partes que su norma no prevé",
        Warning::NoAuthority => "no se nombra ni a un clínico ni a una autoridad emisora",
        Warning::NoExpiry => "el certificado no dice hasta cuándo vale su firma",
        Warning::ExpiryForLife => "palabras en lugar del fin de la firma: para toda la vida de la persona vacunada",
        Warning::BeforeAmendment => {
            "emitido antes del 19 de septiembre de 2025, primer día de los certificados amarillos digitales"
        }
        Warning::DatesContradict => {
            "los días de validez del certificado contradicen la regla de la OMS; cuenta la regla"
        }
        Warning::ElementMissing => "al certificado le faltan elementos que su formato exige",
        Warning::SealBroken => {
            "el PDF se modificó después de firmarse: crea solo el código, no lo que está impreso alrededor"
        }
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "El código se leyó por completo",
        (CheckName::Decode, Check::Failed) => "El código no se pudo leer",
        (CheckName::Signature, Check::Passed) => "La firma coincide: no se alteró nada",
        (CheckName::Signature, Check::Failed) => "La firma no coincide",
        (CheckName::Trust, Check::Passed) => "Una lista de confianza avala la clave del emisor",
        (CheckName::Trust, Check::Failed) => "La clave del emisor no es válida en este momento",
        (CheckName::KeyUsage, Check::Passed) => "La clave está autorizada a firmar certificados de este tipo",
        (CheckName::KeyUsage, Check::Failed) => "La clave no está autorizada a firmar certificados de este tipo",
        (CheckName::Validity, Check::Passed) => "El certificado es válido en este momento",
        (CheckName::Validity, Check::Failed) => "El certificado no es válido en este momento",
        (CheckName::Content, Check::Passed) => "El contenido está completo",
        (CheckName::Content, Check::Failed) => "El contenido no es un certificado",
        (CheckName::Revocation, Check::Passed) => "El emisor no lo ha revocado, según la lista disponible",
        (CheckName::Revocation, Check::Failed) => "El emisor lo ha revocado",
        (CheckName::Revocation, _) => "Ninguna lista de revocación cubre a este emisor",
        (CheckName::Rules, Check::Passed) => "Se cumplen todas las reglas del país de llegada",
        (CheckName::Rules, Check::Failed) => "No se cumple una regla del país de llegada",
        (CheckName::Rules, Check::Open) => "No se pudo decidir sobre una regla del país de llegada",
        (CheckName::Rules, Check::NoRules) => "No hay reglas para el país de llegada",
        (CheckName::Rules, Check::Unchecked) => "No se indicó ningún país de llegada",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Sin comprobar",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "vacunación",
        Kind::Test => "prueba",
        Kind::Recovery => "recuperación",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "dosis",
        Label::DateOfVaccination => "fecha de vacunación",
        Label::Vaccine => "vacuna",
        Label::VaccineType => "tipo de vacuna",
        Label::Manufacturer => "fabricante",
        Label::Disease => "enfermedad",
        Label::Result => "resultado de la prueba",
        Label::SampleTaken => "toma de la muestra",
        Label::TestType => "tipo de prueba",
        Label::TestingCentre => "centro de pruebas",
        Label::FirstPositive => "primera prueba positiva",
        Label::RecoveryPeriod => "validez de la recuperación",
        Label::Country => "país",
        Label::IssuedBy => "expedido por",
        Label::Lot => "lote",
        Label::Centre => "centro de vacunación",
        Label::Practitioner => "clínico",
        Label::NextDose => "próxima dosis",
        Label::Counts => "cuenta",
        Label::Nationality => "nacionalidad",
        Label::Document => "número del documento",
        Label::Guardian => "padre, madre o tutor",
        Label::Link => "enlace a",
        Label::LinkExpires => "el enlace funciona hasta",
        Label::LinkPasscode => "para abrirlo",
        Label::LinkLabel => "título del enlace",
        Label::Annex6 => "Anexo 6 del RSI",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "fecha de nacimiento",
        Phrase::Unverified => "sin verificar",
        Phrase::Certificate => "certificado",
        Phrase::Valid => "válido",
        Phrase::List => "lista",
        Phrase::Age => "antigüedad",
        Phrase::AgeUnknown => "desconocida",
        Phrase::AgeFuture => "en el futuro: compruebe el reloj",
        Phrase::Days => "d",
        Phrase::Hours => "h",
        Phrase::Minutes => "min",
        Phrase::NoList => "ninguna lista: proporcione una con --trust",
        Phrase::Lists => "listas",
        Phrase::Keys => "claves",
        Phrase::RulePassed => "regla cumplida",
        Phrase::RuleFailed => "regla NO cumplida",
        Phrase::RuleOpen => "regla pendiente",
        Phrase::BestOfPerson => "cuenta el mejor certificado de esta persona:",
        Phrase::Warnings => "otras observaciones",
        Phrase::Passcode => "se necesita un código de acceso",
        Phrase::NotCovered => "LA FIRMA NO CUBRE EL NOMBRE NI EL NACIMIENTO",
        Phrase::VaccinationCounts => "Según la tabla de decisión de la OMS, la vacunación cuenta",
        Phrase::VaccinationCountsNot => "Según la tabla de decisión de la OMS, la vacunación no cuenta",
        Phrase::VaccinationOpen => "Las tablas de decisión de la OMS no dicen si la vacunación cuenta",
        Phrase::Next => "siguiente paso",
        Phrase::Converted => "en el formato",
        Phrase::NotConverted => "no se puede expresar en el formato",
        Phrase::Lost => "perdido o desconocido",
        Phrase::LostNoPlace => "el formato no tiene lugar para ello",
        Phrase::LostUnknown => "el formato lo pide y el certificado no lo dice",
        Phrase::LostCoarser => "expresado con menos precisión",
        Phrase::LostCut => "cortado a la longitud del formato",
    }
}
