//! Modern Standard Arabic. Next steps stand in the imperative. A left-to-right mark (U+200E) holds the
//! punctuation of Latin names on its side of them.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "مقبولة",
        Decision::Rejected => "مرفوضة",
        Decision::Undecided => "غير محسومة",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("النص أطول من أي رمز", "اقرأ رمزًا واحدًا في كل مرة"),
        Reason::FormatUnknown => {
            ("هذه ليست شهادة من أي نوع يعرفه هذا البرنامج", "ابحث عن رمز الشهادة نفسها، أو تحقق بوسيلة أخرى")
        }
        Reason::UnknownVersion => ("الرمز من إصدار لا يعرفه هذا البرنامج", "حدِّث البرنامج"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("لم يُقرأ الرمز كاملًا، أو أنه تالف", "اقرأه مرة أخرى؛ وإذا بقي على حاله فاطلب نسخة أخرى")
        }
        Reason::NotCompressed => ("الرمز ليس مبنيًا كما تُبنى رموز الشهادات", "لا تعتمد عليه؛ اطلب وثيقة أخرى"),
        Reason::InflatesTooLarge => ("الرمز مصمَّم لتحميل جهاز القراءة فوق طاقته", "لا تعتمد عليه؛ أبلغ عنه"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("التوقيع من نوع لا يوجد أبدًا في هذه الشهادات", "لا تعتمد على الشهادة")
        }
        Reason::AlgorithmKeyMismatch => {
            ("التوقيع من نوع غير نوع مفتاح الجهة المُصدرة", "لا تعتمد على الشهادة؛ اتبع الإجراءات المقررة")
        }
        Reason::KidMissing => ("لا تذكر الشهادة المفتاح الذي وُقِّعت به", "لا تعتمد عليها"),
        Reason::NoTrustList => ("لم تُقدَّم أي قائمة ثقة، فلا يمكن التحقق من أي توقيع", "قدِّم قائمة ثقة ثم تحقق مرة أخرى"),
        Reason::IssuerUnknown => (
            "لا توجد قائمة تتضمن المفتاح الذي وُقِّعت به هذه الشهادة",
            "حدِّث قائمة الثقة ثم تحقق مرة أخرى، أو تحقق بوسيلة أخرى",
        ),
        Reason::SignatureInvalid => {
            ("التوقيع غير مطابق: الشهادة مزوَّرة أو محرَّفة", "لا تعتمد عليها؛ اتبع الإجراءات المقررة")
        }
        Reason::ContentMissing => ("الرسالة الموقَّعة لا تحتوي على شهادة صحية", "اطلب الشهادة الصحية"),
        Reason::ContentInvalid => ("المحتوى ليس شهادة كاملة", "لا تعتمد عليه؛ اطلب نسخة أخرى"),
        Reason::SeveralEvents => ("تذكر الشهادة أكثر من واقعة، وهذا غير مسموح به", "اطلب شهادة لكل واقعة"),
        Reason::EventInFuture => (
            "تاريخ التطعيم أو أخذ العينة أو الاختبار الإيجابي يقع في المستقبل",
            "تحقق من تاريخ هذا الجهاز، ثم لا تعتمد على الشهادة",
        ),
        Reason::NotYetValid => ("الشهادة لم تصبح سارية بعد", "تحقق من تاريخ هذا الجهاز، ثم من تاريخ الشهادة"),
        Reason::Expired => ("انتهت صلاحية الشهادة", "يحتاج حامل الشهادة إلى شهادة مجدَّدة"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("لا تذكر الشهادة بداية صلاحيتها أو نهايتها", "لا تعتمد عليها")
        }
        Reason::SignerNotYetValid => {
            ("مفتاح الجهة المُصدرة لم يصبح ساريًا بعد", "تحقق من تاريخ هذا الجهاز، ثم لا تعتمد على الشهادة")
        }
        Reason::SignerExpired => ("انتهت صلاحية مفتاح الجهة المُصدرة", "يحتاج حامل الشهادة إلى شهادة مجدَّدة"),
        Reason::KeyUsage => {
            ("مفتاح الجهة المُصدرة غير مخوَّل لتوقيع شهادات من هذا النوع", "لا تعتمد على الشهادة؛ أبلغ عنها")
        }
        Reason::Revoked => ("ألغت الجهة المُصدرة هذه الشهادة", "على حامل الشهادة أن يطلب شهادة جديدة من الجهة المُصدرة"),
        Reason::RevocationUnknown => (
            "لا توجد قائمة إلغاء تشمل هذه الجهة المُصدرة",
            "حمِّل قائمة الإلغاء الخاصة بالجهة المُصدرة ثم تحقق مرة أخرى، أو تحقق بوسيلة أخرى",
        ),
        Reason::RulesFailed => (
            "الشهادة أصلية، لكنها لا تستوفي قواعد بلد الوصول",
            "راجع القواعد غير المستوفاة؛ فقد تكون لدى حامل الشهادة شهادة أخرى",
        ),
        Reason::RulesOpen => {
            ("الشهادة أصلية، لكن تعذّر البت في إحدى قواعد بلد الوصول", "راجع القواعد التي لم يُبت فيها وقرِّر بنفسك")
        }
        Reason::NoRules => ("الشهادة أصلية، لكن لا توجد قواعد لبلد الوصول", "حمِّل قواعد هذا البلد، أو قرِّر بنفسك"),
        Reason::ListStale => ("قائمة الثقة أقدم مما تسمح به الجهة التي أعدّتها", "حدِّث قائمة الثقة ثم تحقق مرة أخرى"),
        Reason::ClockSetBack => {
            ("ساعة هذا الجهاز متأخرة: سبق أن رأت وقتًا موقَّعًا بعد وقتها", "اضبط تاريخ هذا الجهاز ووقته، ثم تحقق مرة أخرى")
        }
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("لم يُقرأ الرمز كاملًا، أو أنه تالف", "امسحه مرة أخرى؛ وإن بقي كذلك فاطلب نسخة أخرى")
        }
        Reason::CodeIncomplete => ("الشهادة موزَّعة على عدة رموز، وليست كلها هنا", "امسح كل رموزها معًا"),
        Reason::LinkNotCertificate => {
            ("هذا رابط إلى وثائق وليس شهادة", "اطلب الشهادة نفسها؛ فهذا البرنامج لا يفتح أي رابط")
        }
        Reason::ContentUnsupported => {
            ("التوقيع مطابق، لكن المحتوى من نوع لا يعرفه هذا البرنامج", "حدِّث البرنامج، أو تحقق بوسيلة أخرى")
        }
        Reason::UnsignedContent => ("تحتوي الشهادة على أجزاء لا يشملها توقيعها", "لا تعتمد عليها؛ اتبع الإجراء المقرر"),
        Reason::ContextUnknown => ("تشير الشهادة إلى مفردات لا يعرفها هذا البرنامج", "لا تعتمد عليها؛ اطلب وثيقة أخرى"),
        Reason::ProofInvalid => ("التوقيع ليس مبنيًا كما في شهادات هذا النوع", "لا تعتمد على الشهادة"),
        Reason::HolderNotCovered => {
            ("لا يشمل التوقيع صاحب الشهادة: ربما غُيِّر الاسم", "قارن مع وثائق أخرى للشخص، أو اطلب شهادة أخرى")
        }
        Reason::HolderMissing => ("لا تذكر الشهادة اسم أحد: قد تكون لأي شخص", "اطلب شهادة تذكر اسم الشخص"),
        Reason::ValuesImplausible => {
            ("في الشهادة قيم لا يمكن أن تصح معًا: ربما بُدِّلت مواضعها", "لا تعتمد عليها؛ اتبع الإجراء المقرر")
        }
        Reason::DatesImplausible => {
            ("تواريخ الشهادة لا يمكن أن تصح معًا: ربما بُدِّلت مواضعها", "لا تعتمد عليها؛ اتبع الإجراء المقرر")
        }
        Reason::DosesImplausible => {
            ("أرقام الجرعات لا يمكن أن تصح معًا: ربما بُدِّلت مواضعها", "لا تعتمد عليها؛ اتبع الإجراء المقرر")
        }
        Reason::ValuesUnproven => (
            "لا يبيِّن التوقيع موضع كل قيمة من قيم الشهادة، وأكثر من ترتيب واحد ممكن",
            "قارنها بوثيقة أخرى لحاملها أو اسأل الجهة المُصدرة",
        ),
        Reason::IdMismatch => ("معرِّف الشهادة ليس المعرِّف الذي وُقِّع", "لا تعتمد عليها؛ اتبع الإجراء المقرر"),
        Reason::IssuerMismatch => {
            ("الجهة المُصدرة المذكورة في الشهادة ليست من وقَّعها", "لا تعتمد عليها؛ اتبع الإجراء المقرر")
        }
        Reason::SignerChainInvalid => {
            ("شهادة الموقِّع لم تصدرها السلطة التي تذكرها، أو ليست لهذا الاستخدام", "لا تعتمد عليها؛ اتبع الإجراء المقرر")
        }
        Reason::ProductNotApproved => (
            "غير صالحة: اللقاح أو منتج الوقاية غير معتمد من منظمة الصحة العالمية",
            "حدِّث قائمة المنتجات وتحقق مرة أخرى؛ وإلا فيلزم تطعيم معترف به",
        ),
        Reason::TooRecent => ("غير صالحة: مضى على التطعيم أقل من 10 أيام", "يُحتسب ابتداءً من اليوم المبيَّن"),
        Reason::MedicalOpen => (
            "الشهادة صحيحة، لكن جداول القرار لمنظمة الصحة العالمية لا تبيّن إن كان التطعيم يُحتسب",
            "انظر إلى اللقاح والمرض ثم اتخذ القرار بنفسك",
        ),
        Reason::CheckIncomplete => ("تعذّر إجراء أحد الفحوص", "تحقق بوسيلة أخرى"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "نموذج SANDBOX من تمرين، لا قيمة له عند الحدود",
        Warning::TestPositive => "نتيجة الاختبار إيجابية: رُصد المرض",
        Warning::UnknownTestResult => "رمز نتيجة الاختبار غير معروف: لا تعدّ النتيجة سلبية",
        Warning::RecoveryPeriod => "تاريخ اليوم خارج المدة المذكورة في شهادة التعافي",
        Warning::IssuerNotSigner => "البلد المذكور في الشهادة ليس بلد الجهة الموقِّعة",
        Warning::IssuedBeforeSigner => "صدرت قبل بدء سريان شهادة الجهة الموقِّعة",
        Warning::ExpiresAfterSigner => "تنتهي صلاحيتها بعد انتهاء صلاحية شهادة الجهة الموقِّعة",
        Warning::WeakKey => "موقَّعة بمفتاح ضعيف (RSA بأقل من 2048 بت)",
        Warning::UnrelatedKeyUsage => "شهادة الجهة الموقِّعة تذكر استخدامات أخرى، ليس منها ما يخص الشهادات الصحية",
        Warning::ListUnsigned => "لم يجرِ التحقق من توقيع قائمة الثقة نفسها",
        Warning::IssuerNotBound => "لا تذكر قائمة الثقة صاحب المفتاح: عنوان الجهة المُصدرة من قول الموقِّع وحده",
        Warning::RevocationProbabilistic => "الإلغاء مأخوذ من مرشِّح يخطئ أحيانًا: تأكد منه بالبحث",
        Warning::UnknownDisease => "رمز المرض غير معروف",
        Warning::UnknownVaccine => "رمز نوع اللقاح غير معروف",
        Warning::UnknownProduct => "رمز منتج اللقاح غير معروف",
        Warning::UnknownHolder => "رمز الشركة المصنِّعة غير معروف",
        Warning::UnknownTestType => "رمز نوع الاختبار غير معروف",
        Warning::UnknownTestDevice => "رمز جهاز الاختبار غير معروف",
        Warning::UnknownCountry => "رمز البلد غير معروف",
        Warning::TestFieldsMixed => "يحتوي الاختبار على حقول تخص نوعًا آخر من الاختبارات",
        Warning::DoseBelowOne => "عدد الجرعات أقل من واحد",
        Warning::OddBirthDate => "تاريخ الميلاد مكتوب بصيغة غير معتادة",
        Warning::IdCheckCharacter => "حرف التحقق في المعرِّف لا يتبع القاعدة المشتركة",
        Warning::MissingPrefix => "لا يحمل الرمز بادئته HC1:\u{200e}",
        Warning::Untagged => "لا تحمل الرسالة الموقَّعة وسمها",
        Warning::CwtTag => "تحمل الرسالة الموقَّعة وسمًا ثانيًا",
        Warning::UnprotectedAlgorithm => "الخوارزمية مذكورة خارج الترويسة الموقَّعة",
        Warning::UnprotectedKid => "معرِّف المفتاح مذكور خارج الترويسة الموقَّعة",
        Warning::KidsDisagree => "يوجد معرِّفان مختلفان للمفتاح؛ استُخدم الموقَّع منهما",
        Warning::FloatTime => "طابع زمني مكتوب بفاصلة عشرية",
        Warning::DateWithTime => "تاريخ مكتوب مع الوقت",
        Warning::FloatDose => "عدد جرعات مكتوب بفاصلة عشرية",
        Warning::PaddedText => "نص تحيط به مسافات",
        Warning::OverlongText => "نص أطول مما يسمح به المخطط",
        Warning::NonStandardName => "يحتوي الاسم الموحَّد على أحرف غير معتادة",
        Warning::ValuesUnordered => "يشمل التوقيع القيم، لكن لا يشمل موضع كل منها",
        Warning::TemplateUnknown => "تتبع الشهادة إصدارًا لا يعرفه هذا البرنامج",
        Warning::OldGeneration => "للشهادة صيغة قديمة",
        Warning::GuardianMissing => "صاحب الشهادة قاصر، ولم يُذكر والد أو وصي",
        Warning::OtherDomain => "تورد قائمة الثقة المفتاح لنوع آخر من الشهادات",
        Warning::ZipAsText => "الملف المضغوط في الرمز مكتوب كنص",
        Warning::ChunkedCode => "الشهادة موزَّعة على عدة رموز",
        Warning::TextKeys => "أسماء البيانات الموقعة نصوص بدل الأرقام",
        Warning::TextKid => "معرّف المفتاح نص بدل البايتات",
        Warning::MillisecondTime => "وقت مكتوب بالملّي ثانية",
        Warning::StandardBase64 => "ترميز base64 بأبجدية غير التي يطلبها معيار الصيغة",
        Warning::SealInList => "الختم في قائمة من عنصر واحد",
        Warning::LinkForm => "الرابط غير مكتوب كما ينص معياره",
        Warning::LinkPlainHttp => "يقود الرابط عبر اتصال غير مشفّر",
        Warning::NonStandardContent => "في المحتوى أجزاء لا ينص عليها معياره",
        Warning::NoAuthority => "لم يُذكر طبيب مشرف ولا جهة إصدار",
        Warning::NoExpiry => "لا تذكر الشهادة حتى متى يسري توقيعها",
        Warning::ExpiryForLife => "كلمات بدل تاريخ انتهاء التوقيع: مدى حياة الشخص المطعَّم",
        Warning::BeforeAmendment => "صدرت قبل 19 سبتمبر 2025، وهو أول أيام صلاحية الشهادات الصفراء الرقمية",
        Warning::DatesContradict => "أيام الصلاحية في الشهادة تخالف قاعدة منظمة الصحة العالمية؛ والعبرة بالقاعدة",
        Warning::ElementMissing => "تنقص الشهادة عناصر تشترطها صيغتها",
        Warning::SealBroken => "غُيِّر ملف PDF بعد توقيعه: صدِّق الرمز وحده، لا ما هو مطبوع حوله",
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "قُرئ الرمز كاملًا",
        (CheckName::Decode, Check::Failed) => "تعذّرت قراءة الرمز",
        (CheckName::Signature, Check::Passed) => "التوقيع مطابق: لم يُغيَّر شيء",
        (CheckName::Signature, Check::Failed) => "التوقيع غير مطابق",
        (CheckName::Trust, Check::Passed) => "مفتاح الجهة المُصدرة معتمد في قائمة ثقة",
        (CheckName::Trust, Check::Failed) => "مفتاح الجهة المُصدرة ليس ساريًا في هذا الوقت",
        (CheckName::KeyUsage, Check::Passed) => "المفتاح مخوَّل لتوقيع شهادات من هذا النوع",
        (CheckName::KeyUsage, Check::Failed) => "المفتاح غير مخوَّل لتوقيع شهادات من هذا النوع",
        (CheckName::Validity, Check::Passed) => "الشهادة سارية في هذا الوقت",
        (CheckName::Validity, Check::Failed) => "الشهادة غير سارية في هذا الوقت",
        (CheckName::Content, Check::Passed) => "المحتوى كامل",
        (CheckName::Content, Check::Failed) => "المحتوى ليس شهادة",
        (CheckName::Revocation, Check::Passed) => "لم تُلغِها الجهة المُصدرة، بحسب القائمة المتوفرة",
        (CheckName::Revocation, Check::Failed) => "ألغتها الجهة المُصدرة",
        (CheckName::Revocation, _) => "لا توجد قائمة إلغاء تشمل هذه الجهة المُصدرة",
        (CheckName::Rules, Check::Passed) => "كل قواعد بلد الوصول مستوفاة",
        (CheckName::Rules, Check::Failed) => "إحدى قواعد بلد الوصول غير مستوفاة",
        (CheckName::Rules, Check::Open) => "تعذّر البت في إحدى قواعد بلد الوصول",
        (CheckName::Rules, Check::NoRules) => "لا توجد قواعد لبلد الوصول",
        (CheckName::Rules, Check::Unchecked) => "لم يُحدَّد بلد وصول",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "لم يُفحص",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "تطعيم",
        Kind::Test => "اختبار",
        Kind::Recovery => "تعافٍ",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "الجرعة",
        Label::DateOfVaccination => "تاريخ التطعيم",
        Label::Vaccine => "اللقاح",
        Label::VaccineType => "نوع اللقاح",
        Label::Manufacturer => "الشركة المصنِّعة",
        Label::Disease => "المرض",
        Label::Result => "نتيجة الاختبار",
        Label::SampleTaken => "أخذ العينة",
        Label::TestType => "نوع الاختبار",
        Label::TestingCentre => "مركز الاختبار",
        Label::FirstPositive => "أول اختبار إيجابي",
        Label::RecoveryPeriod => "مدة سريان التعافي",
        Label::Country => "البلد",
        Label::IssuedBy => "صادرة عن",
        Label::Lot => "التشغيلة",
        Label::Centre => "مركز التطعيم",
        Label::Practitioner => "الطبيب",
        Label::NextDose => "الجرعة التالية",
        Label::Counts => "مدة الاحتساب",
        Label::Nationality => "الجنسية",
        Label::Document => "رقم الوثيقة",
        Label::Guardian => "الوالد أو الوصي",
        Label::Link => "رابط إلى",
        Label::LinkExpires => "يعمل الرابط حتى",
        Label::LinkPasscode => "لفتحه",
        Label::LinkLabel => "عنوان الرابط",
        Label::Annex6 => "الملحق 6 من اللوائح الصحية الدولية",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "تاريخ الميلاد",
        Phrase::Unverified => "غير متحقَّق منها",
        Phrase::Certificate => "شهادة",
        Phrase::Valid => "سارية",
        Phrase::List => "القائمة",
        Phrase::Age => "العمر",
        Phrase::AgeUnknown => "غير معروف",
        Phrase::AgeFuture => "من المستقبل: تحقق من الساعة",
        Phrase::Days => "يوم",
        Phrase::Hours => "ساعة",
        Phrase::Minutes => "دقيقة",
        Phrase::NoList => "لا توجد قائمة: قدِّم واحدة بالخيار \u{200e}--trust",
        Phrase::Lists => "القوائم",
        Phrase::Keys => "مفتاح",
        Phrase::RulePassed => "قاعدة مستوفاة",
        Phrase::RuleFailed => "قاعدة غير مستوفاة",
        Phrase::RuleOpen => "قاعدة لم يُبت فيها",
        Phrase::BestOfPerson => "تُحتسب أفضل شهادة لهذا الشخص:",
        Phrase::Warnings => "ملاحظات أخرى",
        Phrase::Passcode => "يلزم رمز مرور",
        Phrase::NotCovered => "الاسم وتاريخ الميلاد غير مشمولين بالتوقيع",
        Phrase::VaccinationCounts => "بحسب جدول القرار لمنظمة الصحة العالمية يُحتسب التطعيم",
        Phrase::VaccinationCountsNot => "بحسب جدول القرار لمنظمة الصحة العالمية لا يُحتسب التطعيم",
        Phrase::VaccinationOpen => "لا تبيّن جداول القرار لمنظمة الصحة العالمية إن كان التطعيم يُحتسب",
        Phrase::Next => "الخطوة التالية",
        Phrase::Converted => "بالصيغة",
        Phrase::NotConverted => "لا يمكن التعبير عنها بالصيغة",
        Phrase::Lost => "مفقود أو غير معروف",
        Phrase::LostNoPlace => "ليس له مكان في الصيغة",
        Phrase::LostUnknown => "تطلبه الصيغة ولا تذكره الشهادة",
        Phrase::LostCoarser => "مذكور بدقة أقل",
        Phrase::LostCut => "قُصّ إلى طول الصيغة",
    }
}
