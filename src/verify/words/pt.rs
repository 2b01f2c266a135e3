//! Portuguese, in European spelling. Next steps stand in the polite imperative.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ACEITE",
        Decision::Rejected => "REJEITADO",
        Decision::Undecided => "POR DECIDIR",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("O texto é mais longo do que qualquer código", "Leia um código de cada vez"),
        Reason::FormatUnknown => (
            "Não é um certificado de nenhum tipo que este programa conheça",
            "Procure o código do próprio certificado, ou verifique por outros meios",
        ),
        Reason::UnknownVersion => ("O código é de uma versão que este programa não conhece", "Atualize o programa"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("O código não foi lido por completo ou está danificado", "Leia-o de novo; se nada mudar, peça outra cópia")
        }
        Reason::NotCompressed => {
            ("O código não está construído como os dos certificados", "Não confie nele; peça outro documento")
        }
        Reason::InflatesTooLarge => {
            ("O código foi feito para sobrecarregar o leitor", "Não confie nele; comunique o caso")
        }
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("A assinatura é de um tipo que estes certificados nunca têm", "Não confie no certificado")
        }
        Reason::AlgorithmKeyMismatch => (
            "A assinatura não é do mesmo tipo que a chave do emitente",
            "Não confie no certificado; siga o procedimento previsto",
        ),
        Reason::KidMissing => ("O certificado não indica que chave o assinou", "Não confie nele"),
        Reason::NoTrustList => (
            "Não foi fornecida nenhuma lista de confiança, pelo que nenhuma assinatura pode ser verificada",
            "Forneça uma lista de confiança e verifique de novo",
        ),
        Reason::IssuerUnknown => (
            "Nenhuma lista contém a chave que assinou este certificado",
            "Atualize a lista de confiança e verifique de novo, ou verifique por outros meios",
        ),
        Reason::SignatureInvalid => (
            "A assinatura não corresponde: certificado falsificado ou alterado",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::ContentMissing => {
            ("A mensagem assinada não contém nenhum certificado de saúde", "Peça o certificado de saúde")
        }
        Reason::ContentInvalid => ("O conteúdo não é um certificado completo", "Não confie nele; peça outra cópia"),
        Reason::SeveralEvents => {
            ("O certificado atesta mais do que um facto, o que não é permitido", "Peça um certificado para cada facto")
        }
        Reason::EventInFuture => (
            "A vacinação, a colheita da amostra ou o teste positivo tem data futura",
            "Verifique a data deste dispositivo e, depois, não confie no certificado",
        ),
        Reason::NotYetValid => {
            ("O certificado ainda não é válido", "Verifique a data deste dispositivo e, depois, a do certificado")
        }
        Reason::Expired => ("O certificado expirou", "O titular precisa de um certificado renovado"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("O certificado não indica desde quando ou até quando é válido", "Não confie nele")
        }
        Reason::SignerNotYetValid => (
            "A chave do emitente ainda não é válida",
            "Verifique a data deste dispositivo e, depois, não confie no certificado",
        ),
        Reason::SignerExpired => ("A chave do emitente expirou", "O titular precisa de um certificado renovado"),
        Reason::KeyUsage => (
            "A chave do emitente não está autorizada a assinar certificados deste tipo",
            "Não confie no certificado; comunique o caso",
        ),
        Reason::Revoked => ("O emitente revogou este certificado", "O titular deve pedir um novo ao emitente"),
        Reason::RevocationUnknown => (
            "Nenhuma lista de revogação abrange este emitente",
            "Carregue a lista de revogação do emitente e verifique de novo, ou verifique por outros meios",
        ),
        Reason::RulesFailed => (
            "O certificado é autêntico, mas não cumpre as regras do país de chegada",
            "Consulte as regras não cumpridas; o titular pode ter outro certificado",
        ),
        Reason::RulesOpen => (
            "O certificado é autêntico, mas não foi possível decidir sobre uma regra do país de chegada",
            "Consulte as regras em aberto e decida manualmente",
        ),
        Reason::NoRules => (
            "O certificado é autêntico, mas não há regras para o país de chegada",
            "Carregue as regras desse país, ou decida manualmente",
        ),
        Reason::ListStale => (
            "A lista de confiança é mais antiga do que o seu autor permite",
            "Atualize a lista de confiança e verifique de novo",
        ),
        Reason::ClockSetBack => (
            "O relógio deste dispositivo está atrasado: já viu assinada uma hora posterior",
            "Acerte a data e a hora deste dispositivo e verifique de novo",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => (
            "O código não foi lido por completo, ou está danificado",
            "Leia-o de novo; se continuar assim, peça outra cópia",
        ),
        Reason::CodeIncomplete => (
            "O certificado está repartido por vários códigos e não estão todos aqui",
            "Leia todos os seus códigos em conjunto",
        ),
        Reason::LinkNotCertificate => (
            "É uma ligação para documentos, não um certificado",
            "Peça o próprio certificado; este programa não abre ligações",
        ),
        Reason::ContentUnsupported => (
            "A assinatura corresponde, mas o conteúdo é de um tipo que este programa não conhece",
            "Atualize o programa, ou verifique por outros meios",
        ),
        Reason::UnsignedContent => (
            "O certificado contém partes que a sua assinatura não cobre",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::ContextUnknown => {
            ("O certificado cita um vocabulário que este programa não conhece", "Não confie nele; peça outro documento")
        }
        Reason::ProofInvalid => {
            ("A assinatura não está construída como as dos certificados deste tipo", "Não confie nele")
        }
        Reason::HolderNotCovered => (
            "A assinatura não cobre a pessoa: o nome pode ter sido alterado",
            "Compare com outros documentos da pessoa, ou peça outro certificado",
        ),
        Reason::HolderMissing => {
            ("O certificado não nomeia ninguém: pode ser de qualquer pessoa", "Peça um certificado que nomeie a pessoa")
        }
        Reason::ValuesImplausible => (
            "Há valores do certificado que não podem ser verdadeiros ao mesmo tempo: podem ter sido trocados",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::DatesImplausible => (
            "As datas do certificado não podem ser verdadeiras ao mesmo tempo: podem ter sido trocadas",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::DosesImplausible => (
            "Os números de doses não podem ser verdadeiros ao mesmo tempo: podem ter sido trocados",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::ValuesUnproven => (
            "A assinatura não mostra que lugar ocupa cada valor do certificado, e mais de uma ordem faz sentido",
            "Compare com outro documento do titular ou pergunte ao emissor",
        ),
        Reason::IdMismatch => {
            ("O identificador do certificado não é o que foi assinado", "Não confie nele; siga o procedimento previsto")
        }
        Reason::IssuerMismatch => {
            ("O emissor que o certificado indica não é quem o assinou", "Não confie nele; siga o procedimento previsto")
        }
        Reason::SignerChainInvalid => (
            "O certificado do signatário não foi emitido pela autoridade que indica, ou não para este uso",
            "Não confie nele; siga o procedimento previsto",
        ),
        Reason::ProductNotApproved => (
            "Não válido: a vacina ou o produto de profilaxia não está aprovado pela OMS",
            "Atualize o catálogo de produtos e verifique de novo; senão, é precisa uma vacinação reconhecida",
        ),
        Reason::TooRecent => {
            ("Não válido: a vacinação foi feita há menos de 10 dias", "Conta a partir do dia indicado")
        }
        Reason::MedicalOpen => (
            "O certificado é autêntico, mas as tabelas de decisão da OMS não dizem se a vacinação conta",
            "Veja a vacina e a doença, e decida por si",
        ),
        Reason::CheckIncomplete => ("Não foi possível fazer uma verificação", "Verifique por outros meios"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: espécime de um exercício, sem qualquer valor numa fronteira",
        Warning::TestPositive => "o teste é POSITIVO: a doença foi detetada",
        Warning::UnknownTestResult => {
            "o código do resultado do teste é desconhecido: não tome o resultado por negativo"
        }
        Warning::RecoveryPeriod => "a data de hoje está fora do período que o certificado de recuperação indica",
        Warning::IssuerNotSigner => "o país indicado no certificado não é o do signatário",
        Warning::IssuedBeforeSigner => "emitido antes do início da validade do certificado do signatário",
        Warning::ExpiresAfterSigner => "expira depois do certificado do signatário",
        Warning::WeakKey => "assinado com uma chave fraca (RSA de menos de 2048 bits)",
        Warning::UnrelatedKeyUsage => {
            "o certificado do signatário indica outros usos, nenhum deles para certificados de saúde"
        }
        Warning::ListUnsigned => "a assinatura da própria lista de confiança não foi verificada",
        Warning::IssuerNotBound => {
            "a lista de confiança não diz de quem é a chave: o endereço do emissor é apenas a palavra do signatário"
        }
        Warning::RevocationProbabilistic => {
            "a revogação provém de um filtro que de vez em quando se engana: confirme-a com uma consulta"
        }
        Warning::UnknownDisease => "o código da doença é desconhecido",
        Warning::UnknownVaccine => "o código do tipo de vacina é desconhecido",
        Warning::UnknownProduct => "o código do produto vacinal é desconhecido",
        Warning::UnknownHolder => "o código do fabricante é desconhecido",
        Warning::UnknownTestType => "o código do tipo de teste é desconhecido",
        Warning::UnknownTestDevice => "o código do dispositivo de teste é desconhecido",
        Warning::UnknownCountry => "o código do país é desconhecido",
        Warning::TestFieldsMixed => "o teste contém campos de outro tipo de teste",
        Warning::DoseBelowOne => "o número de doses é inferior a um",
        Warning::OddBirthDate => "a data de nascimento está escrita de uma forma invulgar",
        Warning::IdCheckCharacter => "o carácter de controlo do identificador não segue a regra comum",
        Warning::MissingPrefix => "falta ao código o prefixo HC1:",
        Warning::Untagged => "falta à mensagem assinada a sua etiqueta",
        Warning::CwtTag => "a mensagem assinada tem uma segunda etiqueta",
        Warning::UnprotectedAlgorithm => "o algoritmo está fora do cabeçalho assinado",
        Warning::UnprotectedKid => "o identificador da chave está fora do cabeçalho assinado",
        Warning::KidsDisagree => "dois identificadores de chave diferem; foi usado o que está assinado",
        Warning::FloatTime => "uma marca temporal está escrita com casas decimais",
        Warning::DateWithTime => "uma data está escrita com hora",
        Warning::FloatDose => "um número de doses está escrito com casas decimais",
        Warning::PaddedText => "um texto tem espaços à volta",
        Warning::OverlongText => "um texto é mais longo do que o esquema permite",
        Warning::NonStandardName => "o nome normalizado contém caracteres invulgares",
        Warning::ValuesUnordered => "a assinatura cobre os valores, mas não o lugar de cada um",
        Warning::TemplateUnknown => "o certificado segue uma versão que este programa não conhece",
        Warning::OldGeneration => "o certificado tem uma forma antiga",
        Warning::GuardianMissing => "o titular é menor e não é indicado nenhum progenitor ou tutor",
        Warning::OtherDomain => "a lista de confiança prevê a chave para outro tipo de certificados",
        Warning::ZipAsText => "o arquivo comprimido do código está escrito como texto",
        Warning::ChunkedCode => "o certificado está repartido por vários códigos",
        Warning::TextKeys => "os dados assinados são nomeados por textos em vez de números",
        Warning::TextKid => "o identificador da chave é um texto em vez de bytes",
        Warning::MillisecondTime => "uma hora está escrita em milissegundos",
        Warning::StandardBase64 => "base64 noutro alfabeto que não o exigido pela norma do formato",
        Warning::SealInList => "o selo está numa lista de um só elemento",
        Warning::LinkForm => "a ligação não está escrita como diz a sua norma",
        Warning::LinkPlainHttp => "a ligação leva por uma conexão sem cifra",
        Warning::NonStandardContent => "o conteúdo tem partes que a sua norma não prevê",
        Warning::NoAuthority => "não é indicado nem um clínico nem uma autoridade emissora",
        Warning::NoExpiry => "o certificado não diz até quando vale a sua assinatura",
        Warning::ExpiryForLife => "palavras em lugar do fim da assinatura: para toda a vida da pessoa vacinada",
        Warning::BeforeAmendment => {
            "emitido antes de 19 de setembro de 2025, primeiro dia dos certificados amarelos digitais"
        }
        Warning::DatesContradict => "os dias de validade do certificado contradizem a regra da OMS; conta a regra",
        Warning::ElementMissing => "faltam ao certificado elementos que o seu formato exige",
        Warning::SealBroken => {
            "o PDF foi alterado depois de assinado: acredite só no código, não no que está impresso à volta"
        }
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "O código foi lido por completo",
        (CheckName::Decode, Check::Failed) => "Não foi possível ler o código",
        (CheckName::Signature, Check::Passed) => "A assinatura corresponde: nada foi alterado",
        (CheckName::Signature, Check::Failed) => "A assinatura não corresponde",
        (CheckName::Trust, Check::Passed) => "Uma lista de confiança garante a chave do emitente",
        (CheckName::Trust, Check::Failed) => "A chave do emitente não é válida neste momento",
        (CheckName::KeyUsage, Check::Passed) => "A chave está autorizada a assinar certificados deste tipo",
        (CheckName::KeyUsage, Check::Failed) => "A chave não está autorizada a assinar certificados deste tipo",
        (CheckName::Validity, Check::Passed) => "O certificado é válido neste momento",
        (CheckName::Validity, Check::Failed) => "O certificado não é válido neste momento",
        (CheckName::Content, Check::Passed) => "O conteúdo está completo",
        (CheckName::Content, Check::Failed) => "O conteúdo não é um certificado",
        (CheckName::Revocation, Check::Passed) => "O emitente não o revogou, segundo a lista disponível",
        (CheckName::Revocation, Check::Failed) => "O emitente revogou-o",
        (CheckName::Revocation, _) => "Nenhuma lista de revogação abrange este emitente",
        (CheckName::Rules, Check::Passed) => "Todas as regras do país de chegada são cumpridas",
        (CheckName::Rules, Check::Failed) => "Uma regra do país de chegada não é cumprida",
        (CheckName::Rules, Check::Open) => "Não foi possível decidir sobre uma regra do país de chegada",
        (CheckName::Rules, Check::NoRules) => "Não há regras para o país de chegada",
        (CheckName::Rules, Check::Unchecked) => "Não foi indicado nenhum país de chegada",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Não verificado",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "vacinação",
        Kind::Test => "teste",
        Kind::Recovery => "recuperação",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "dose",
        Label::DateOfVaccination => "data da vacinação",
        Label::Vaccine => "vacina",
        Label::VaccineType => "tipo de vacina",
        Label::Manufacturer => "fabricante",
        Label::Disease => "doença",
        Label::Result => "resultado do teste",
        Label::SampleTaken => "colheita da amostra",
        Label::TestType => "tipo de teste",
        Label::TestingCentre => "centro de testes",
        Label::FirstPositive => "primeiro teste positivo",
        Label::RecoveryPeriod => "validade da recuperação",
        Label::Country => "país",
        Label::IssuedBy => "emitido por",
        Label::Lot => "lote",
        Label::Centre => "centro de vacinação",
        Label::Practitioner => "clínico",
        Label::NextDose => "próxima dose",
        Label::Counts => "conta",
        Label::Nationality => "nacionalidade",
        Label::Document => "número do documento",
        Label::Guardian => "progenitor ou tutor",
        Label::Link => "ligação para",
        Label::LinkExpires => "a ligação funciona até",
        Label::LinkPasscode => "para a abrir",
        Label::LinkLabel => "título da ligação",
        Label::Annex6 => "Anexo 6 do RSI (OMS)",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "data de nascimento",
        Phrase::Unverified => "não verificado",
        Phrase::Certificate => "certificado",
        Phrase::Valid => "válido",
        Phrase::List => "lista",
        Phrase::Age => "idade",
        Phrase::AgeUnknown => "desconhecida",
        Phrase::AgeFuture => "no futuro: verifique o relógio",
        Phrase::Days => "d",
        Phrase::Hours => "h",
        Phrase::Minutes => "min",
        Phrase::NoList => "nenhuma lista: forneça uma com --trust",
        Phrase::Lists => "listas",
        Phrase::Keys => "chaves",
        Phrase::RulePassed => "regra cumprida",
        Phrase::RuleFailed => "regra NÃO cumprida",
        Phrase::RuleOpen => "regra em aberto",
        Phrase::BestOfPerson => "conta o melhor certificado desta pessoa:",
        Phrase::Warnings => "outras observações",
        Phrase::Passcode => "é necessário um código de acesso",
        Phrase::NotCovered => "A ASSINATURA NÃO COBRE O NOME NEM O NASCIMENTO",
        Phrase::VaccinationCounts => "Segundo a tabela de decisão da OMS, a vacinação conta",
        Phrase::VaccinationCountsNot => "Segundo a tabela de decisão da OMS, a vacinação não conta",
        Phrase::VaccinationOpen => "As tabelas de decisão da OMS não dizem se a vacinação conta",
        Phrase::Next => "próximo passo",
        Phrase::Converted => "no formato",
        Phrase::NotConverted => "não pode ser expresso no formato",
        Phrase::Lost => "perdido ou desconhecido",
        Phrase::LostNoPlace => "o formato não tem lugar para isto",
        Phrase::LostUnknown => "o formato pede-o e o certificado não o diz",
        Phrase::LostCoarser => "expresso com menos precisão",
        Phrase::LostCut => "cortado ao comprimento do formato",
    }
}
