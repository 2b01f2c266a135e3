//! Vietnamese.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "CHẤP NHẬN",
        Decision::Rejected => "TỪ CHỐI",
        Decision::Undecided => "CHƯA QUYẾT ĐỊNH",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("Văn bản dài hơn mọi mã", "Quét từng mã một"),
        Reason::FormatUnknown => (
            "Đây không phải chứng nhận thuộc loại nào mà chương trình biết",
            "Hãy tìm mã của chính chứng nhận, hoặc kiểm tra bằng cách khác",
        ),
        Reason::UnknownVersion => ("Mã thuộc phiên bản mà chương trình này không biết", "Hãy cập nhật chương trình"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("Mã chưa được đọc hết, hoặc bị hỏng", "Hãy quét lại; nếu vẫn vậy, hãy yêu cầu bản khác")
        }
        Reason::NotCompressed => ("Mã không được tạo như các chứng nhận", "Đừng tin vào nó; hãy yêu cầu giấy tờ khác"),
        Reason::InflatesTooLarge => ("Mã được tạo ra để làm quá tải bộ đọc", "Đừng tin vào nó; hãy báo cáo"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("Chữ ký thuộc loại mà các chứng nhận này không bao giờ có", "Đừng tin vào nó")
        }
        Reason::AlgorithmKeyMismatch => {
            ("Chữ ký khác loại với khóa của nơi cấp", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::KidMissing => ("Chứng nhận không nói khóa nào đã ký", "Đừng tin vào nó"),
        Reason::NoTrustList => {
            ("Không có danh sách tin cậy, nên không kiểm tra được chữ ký", "Hãy nạp danh sách tin cậy rồi kiểm tra lại")
        }
        Reason::IssuerUnknown => (
            "Không danh sách nào có khóa đã ký chứng nhận này",
            "Hãy cập nhật danh sách tin cậy rồi kiểm tra lại, hoặc kiểm tra bằng cách khác",
        ),
        Reason::SignatureInvalid => {
            ("Chữ ký không khớp: giả mạo hoặc bị sửa", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::ContentMissing => {
            ("Thông điệp đã ký không chứa chứng nhận sức khỏe", "Hãy yêu cầu chứng nhận sức khỏe")
        }
        Reason::ContentInvalid => {
            ("Nội dung không phải là một chứng nhận đầy đủ", "Đừng tin vào nó; hãy yêu cầu bản khác")
        }
        Reason::SeveralEvents => {
            ("Chứng nhận nêu nhiều hơn một sự kiện, điều này không được phép", "Hãy yêu cầu mỗi sự kiện một chứng nhận")
        }
        Reason::EventInFuture => (
            "Lần tiêm, mẫu hoặc xét nghiệm dương tính nằm trong tương lai",
            "Hãy xem ngày của thiết bị, rồi đừng tin vào chứng nhận",
        ),
        Reason::NotYetValid => ("Chứng nhận chưa có hiệu lực", "Hãy xem ngày của thiết bị, rồi ngày của chứng nhận"),
        Reason::Expired => ("Chứng nhận đã hết hạn", "Người mang chứng nhận cần bản gia hạn"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("Chứng nhận không nói có hiệu lực từ khi nào hay đến khi nào", "Đừng tin vào nó")
        }
        Reason::SignerNotYetValid => {
            ("Khóa của nơi cấp chưa có hiệu lực", "Hãy xem ngày của thiết bị, rồi đừng tin vào chứng nhận")
        }
        Reason::SignerExpired => ("Khóa của nơi cấp đã hết hạn", "Người mang chứng nhận cần bản gia hạn"),
        Reason::KeyUsage => ("Khóa của nơi cấp không được ký loại chứng nhận này", "Đừng tin vào nó; hãy báo cáo"),
        Reason::Revoked => ("Nơi cấp đã thu hồi chứng nhận này", "Người mang chứng nhận nên xin nơi cấp bản mới"),
        Reason::RevocationUnknown => (
            "Không có danh sách thu hồi nào của nơi cấp này",
            "Hãy nạp danh sách thu hồi của nơi cấp rồi kiểm tra lại, hoặc kiểm tra bằng cách khác",
        ),
        Reason::RulesFailed => (
            "Chứng nhận là thật, nhưng không đáp ứng quy định của nước đến",
            "Hãy xem các quy định không đạt; người đó có thể có chứng nhận khác",
        ),
        Reason::RulesOpen => (
            "Chứng nhận là thật, nhưng một quy định của nước đến không quyết định được",
            "Hãy xem các quy định còn mở và tự quyết định",
        ),
        Reason::NoRules => (
            "Chứng nhận là thật, nhưng không có quy định cho nước đến",
            "Hãy nạp quy định của nước đó, hoặc tự quyết định",
        ),
        Reason::ListStale => {
            ("Danh sách tin cậy cũ hơn mức nơi làm ra cho phép", "Hãy cập nhật danh sách tin cậy rồi kiểm tra lại")
        }
        Reason::ClockSetBack => (
            "Đồng hồ của thiết bị bị chậm: nó đã thấy một thời điểm muộn hơn được ký",
            "Hãy chỉnh ngày và giờ của thiết bị, rồi kiểm tra lại",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("Mã chưa được đọc hết, hoặc bị hỏng", "Hãy quét lại; nếu vẫn vậy, hãy yêu cầu bản khác")
        }
        Reason::CodeIncomplete => {
            ("Chứng nhận nằm trên nhiều mã, và ở đây chưa đủ", "Hãy quét tất cả các mã của nó cùng nhau")
        }
        Reason::LinkNotCertificate => (
            "Đây là liên kết đến tài liệu, không phải chứng nhận",
            "Hãy yêu cầu chính chứng nhận; chương trình này không mở liên kết",
        ),
        Reason::ContentUnsupported => (
            "Chữ ký khớp, nhưng nội dung thuộc loại mà chương trình này không biết",
            "Hãy cập nhật chương trình, hoặc kiểm tra bằng cách khác",
        ),
        Reason::UnsignedContent => {
            ("Chứng nhận có phần mà chữ ký không bao gồm", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::ContextUnknown => (
            "Chứng nhận nêu một bộ từ vựng mà chương trình này không biết",
            "Đừng tin vào nó; hãy yêu cầu giấy tờ khác",
        ),
        Reason::ProofInvalid => ("Chữ ký không được tạo như các chứng nhận loại này", "Đừng tin vào nó"),
        Reason::HolderNotCovered => (
            "Chữ ký không bao gồm người mang: tên có thể đã bị đổi",
            "Hãy so với giấy tờ khác của người đó, hoặc yêu cầu chứng nhận khác",
        ),
        Reason::HolderMissing => {
            ("Chứng nhận không nêu tên ai: có thể là của bất kỳ ai", "Hãy yêu cầu chứng nhận có ghi tên")
        }
        Reason::ValuesImplausible => (
            "Các giá trị của chứng nhận không thể cùng đúng: chúng có thể đã bị tráo",
            "Đừng tin vào nó; hãy làm theo quy trình",
        ),
        Reason::DatesImplausible => (
            "Các ngày của chứng nhận không thể cùng đúng: chúng có thể đã bị tráo",
            "Đừng tin vào nó; hãy làm theo quy trình",
        ),
        Reason::DosesImplausible => {
            ("Các số mũi tiêm không thể cùng đúng: chúng có thể đã bị tráo", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::ValuesUnproven => (
            "Chữ ký không cho biết giá trị nào đứng ở đâu, và có nhiều hơn một thứ tự hợp lý",
            "Hãy so với giấy tờ khác của người mang hoặc hỏi nơi cấp",
        ),
        Reason::IdMismatch => {
            ("Mã định danh của chứng nhận không phải là mã đã ký", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::IssuerMismatch => {
            ("Nơi cấp mà chứng nhận nêu đã không ký nó", "Đừng tin vào nó; hãy làm theo quy trình")
        }
        Reason::SignerChainInvalid => (
            "Chứng thư của bên ký không do cơ quan được nêu cấp, hoặc không cho mục đích này",
            "Đừng tin vào nó; hãy làm theo quy trình",
        ),
        Reason::ProductNotApproved => (
            "Không hợp lệ: sản phẩm vắc-xin hoặc dự phòng chưa được WHO phê duyệt",
            "Hãy cập nhật danh mục sản phẩm rồi kiểm tra lại; nếu vẫn vậy, người mang cần một lần tiêm được tính",
        ),
        Reason::TooRecent => ("Không hợp lệ: tiêm chưa đủ 10 ngày", "Được tính từ ngày đang hiển thị"),
        Reason::MedicalOpen => (
            "Chứng nhận là thật, nhưng bảng quyết định của WHO không cho biết lần tiêm có được tính không",
            "Hãy xem vắc-xin và bệnh, rồi tự quyết định",
        ),
        Reason::CheckIncomplete => ("Có một bước kiểm tra không làm được", "Hãy kiểm tra bằng cách khác"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: mẫu của buổi diễn tập, không có giá trị tại cửa khẩu",
        Warning::TestPositive => "xét nghiệm DƯƠNG TÍNH: đã tìm thấy bệnh",
        Warning::UnknownTestResult => "kết quả xét nghiệm có mã lạ: đừng coi là âm tính",
        Warning::RecoveryPeriod => "hôm nay nằm ngoài các ngày mà chứng nhận khỏi bệnh nêu",
        Warning::IssuerNotSigner => "nước trong chứng nhận không phải của bên ký",
        Warning::IssuedBeforeSigner => "được cấp trước khi chứng thư của bên ký bắt đầu",
        Warning::ExpiresAfterSigner => "hết hạn sau chứng thư của bên ký",
        Warning::WeakKey => "được ký bằng khóa yếu (RSA dưới 2.048 bit)",
        Warning::UnrelatedKeyUsage => "chứng thư của bên ký nêu các mục đích khác, không có chứng nhận sức khỏe",
        Warning::ListUnsigned => "chữ ký của chính danh sách tin cậy chưa được kiểm tra",
        Warning::IssuerNotBound => {
            "danh sách tin cậy không nói khóa là của ai: địa chỉ nơi cấp là lời của chính bên ký"
        }
        Warning::RevocationProbabilistic => "việc thu hồi đến từ một bộ lọc đôi khi sai: hãy tra lại",
        Warning::UnknownDisease => "bệnh có mã lạ",
        Warning::UnknownVaccine => "loại vắc-xin có mã lạ",
        Warning::UnknownProduct => "sản phẩm vắc-xin có mã lạ",
        Warning::UnknownHolder => "nhà sản xuất có mã lạ",
        Warning::UnknownTestType => "loại xét nghiệm có mã lạ",
        Warning::UnknownTestDevice => "bộ xét nghiệm có mã lạ",
        Warning::UnknownCountry => "nước có mã lạ",
        Warning::TestFieldsMixed => "xét nghiệm có các trường của loại xét nghiệm khác",
        Warning::DoseBelowOne => "số mũi tiêm nhỏ hơn một",
        Warning::OddBirthDate => "ngày sinh được viết theo cách lạ",
        Warning::IdCheckCharacter => "ký tự kiểm tra của mã định danh không theo quy tắc chung",
        Warning::MissingPrefix => "mã thiếu tiền tố HC1:",
        Warning::Untagged => "thông điệp đã ký thiếu thẻ",
        Warning::CwtTag => "thông điệp đã ký có thẻ thứ hai",
        Warning::UnprotectedAlgorithm => "thuật toán nằm ngoài phần đầu đã ký",
        Warning::UnprotectedKid => "mã định danh khóa nằm ngoài phần đầu đã ký",
        Warning::KidsDisagree => "hai mã định danh khóa khác nhau; mã đã ký được dùng",
        Warning::FloatTime => "thời gian được viết với dấu thập phân",
        Warning::DateWithTime => "ngày được viết kèm giờ",
        Warning::FloatDose => "số mũi tiêm được viết với dấu thập phân",
        Warning::PaddedText => "văn bản có khoảng trắng ở hai đầu",
        Warning::OverlongText => "văn bản dài hơn lược đồ cho phép",
        Warning::NonStandardName => "tên chuẩn hóa có ký tự lạ",
        Warning::ValuesUnordered => "chữ ký bao gồm các giá trị, nhưng không cho biết giá trị nào ở đâu",
        Warning::TemplateUnknown => "chứng nhận theo một phiên bản mà chương trình này không biết",
        Warning::OldGeneration => "chứng nhận có dạng cũ",
        Warning::GuardianMissing => "người mang là trẻ vị thành niên, và không nêu cha mẹ hay người giám hộ",
        Warning::OtherDomain => "danh sách tin cậy giữ khóa này cho loại chứng nhận khác",
        Warning::ZipAsText => "tệp nén trong mã được viết như văn bản",
        Warning::ChunkedCode => "chứng nhận nằm trên nhiều mã",
        Warning::TextKeys => "các mục được gọi bằng chữ thay vì số",
        Warning::TextKid => "mã định danh khóa là chữ thay vì byte",
        Warning::MillisecondTime => "thời gian được viết bằng mili giây",
        Warning::StandardBase64 => "base64 theo bảng chữ khác với tiêu chuẩn của định dạng",
        Warning::SealInList => "con dấu nằm trong danh sách một phần tử",
        Warning::LinkForm => "liên kết không được viết như tiêu chuẩn của nó",
        Warning::LinkPlainHttp => "liên kết đi qua kết nối không mã hóa",
        Warning::NonStandardContent => "nội dung có phần mà tiêu chuẩn không có",
        Warning::NoAuthority => "không nêu người tiêm hay cơ quan cấp",
        Warning::NoExpiry => "chứng nhận không nói chữ ký có giá trị đến khi nào",
        Warning::ExpiryForLife => "có chữ thay cho ngày hết hạn của chữ ký: trọn đời người được tiêm",
        Warning::BeforeAmendment => "được cấp trước ngày 19 tháng 9 năm 2025, khi sổ vàng điện tử bắt đầu có giá trị",
        Warning::DatesContradict => "các ngày hiệu lực trong chứng nhận trái với quy tắc của WHO; tính theo quy tắc",
        Warning::ElementMissing => "chứng nhận thiếu các phần mà định dạng yêu cầu",
        Warning::SealBroken => "tệp PDF đã bị sửa sau khi ký: chỉ tin mã, đừng tin những gì in quanh nó",
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "Mã đã được đọc hết",
        (CheckName::Decode, Check::Failed) => "Không đọc được mã",
        (CheckName::Signature, Check::Passed) => "Chữ ký khớp: không có gì bị sửa",
        (CheckName::Signature, Check::Failed) => "Chữ ký không khớp",
        (CheckName::Trust, Check::Passed) => "Một danh sách tin cậy bảo đảm cho khóa của nơi cấp",
        (CheckName::Trust, Check::Failed) => "Khóa của nơi cấp không có hiệu lực vào lúc này",
        (CheckName::KeyUsage, Check::Passed) => "Khóa được phép ký loại chứng nhận này",
        (CheckName::KeyUsage, Check::Failed) => "Khóa không được phép ký loại chứng nhận này",
        (CheckName::Validity, Check::Passed) => "Chứng nhận có hiệu lực vào lúc này",
        (CheckName::Validity, Check::Failed) => "Chứng nhận không có hiệu lực vào lúc này",
        (CheckName::Content, Check::Passed) => "Nội dung đầy đủ",
        (CheckName::Content, Check::Failed) => "Nội dung không phải là chứng nhận",
        (CheckName::Revocation, Check::Passed) => "Nơi cấp chưa thu hồi, theo danh sách hiện có",
        (CheckName::Revocation, Check::Failed) => "Nơi cấp đã thu hồi",
        (CheckName::Revocation, _) => "Không có danh sách thu hồi nào của nơi cấp này",
        (CheckName::Rules, Check::Passed) => "Mọi quy định của nước đến đều đạt",
        (CheckName::Rules, Check::Failed) => "Một quy định của nước đến không đạt",
        (CheckName::Rules, Check::Open) => "Một quy định của nước đến không quyết định được",
        (CheckName::Rules, Check::NoRules) => "Không có quy định cho nước đến",
        (CheckName::Rules, Check::Unchecked) => "Chưa nêu nước đến",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Chưa kiểm tra",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "tiêm chủng",
        Kind::Test => "xét nghiệm",
        Kind::Recovery => "khỏi bệnh",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "mũi",
        Label::DateOfVaccination => "ngày tiêm",
        Label::Vaccine => "vắc-xin",
        Label::VaccineType => "loại vắc-xin",
        Label::Manufacturer => "nhà sản xuất",
        Label::Disease => "bệnh",
        Label::Result => "kết quả xét nghiệm",
        Label::SampleTaken => "ngày lấy mẫu",
        Label::TestType => "loại xét nghiệm",
        Label::TestingCentre => "nơi xét nghiệm",
        Label::FirstPositive => "xét nghiệm dương tính đầu tiên",
        Label::RecoveryPeriod => "khỏi bệnh được tính",
        Label::Country => "nước",
        Label::IssuedBy => "cấp bởi",
        Label::Lot => "lô",
        Label::Centre => "nơi tiêm",
        Label::Practitioner => "nhân viên y tế",
        Label::NextDose => "mũi tiếp theo",
        Label::Counts => "được tính",
        Label::Nationality => "quốc tịch",
        Label::Document => "số giấy tờ",
        Label::Guardian => "cha mẹ hoặc người giám hộ",
        Label::Link => "liên kết đến",
        Label::LinkExpires => "liên kết dùng được đến",
        Label::LinkPasscode => "để mở",
        Label::LinkLabel => "nhãn của liên kết",
        Label::Annex6 => "Phụ lục 6 của IHR",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "sinh ngày",
        Phrase::Unverified => "chưa xác minh",
        Phrase::Certificate => "chứng nhận",
        Phrase::Valid => "hiệu lực",
        Phrase::List => "danh sách",
        Phrase::Age => "tuổi",
        Phrase::AgeUnknown => "không rõ",
        Phrase::AgeFuture => "từ tương lai: hãy xem đồng hồ",
        Phrase::Days => "ngày",
        Phrase::Hours => "giờ",
        Phrase::Minutes => "phút",
        Phrase::NoList => "không có danh sách: hãy nêu bằng --trust",
        Phrase::Lists => "danh sách tin cậy",
        Phrase::Keys => "khóa",
        Phrase::RulePassed => "đạt quy định",
        Phrase::RuleFailed => "KHÔNG đạt quy định",
        Phrase::RuleOpen => "quy định còn mở",
        Phrase::BestOfPerson => "tính chứng nhận tốt nhất của người này:",
        Phrase::Warnings => "cũng ghi nhận",
        Phrase::Passcode => "cần mã mở",
        Phrase::NotCovered => "CHỮ KÝ KHÔNG BAO GỒM TÊN VÀ NGÀY SINH",
        Phrase::VaccinationCounts => "Theo bảng quyết định của WHO, lần tiêm được tính",
        Phrase::VaccinationCountsNot => "Theo bảng quyết định của WHO, lần tiêm không được tính",
        Phrase::VaccinationOpen => "Bảng quyết định của WHO không cho biết lần tiêm có được tính không",
        Phrase::Next => "tiếp theo",
        Phrase::Converted => "trong định dạng",
        Phrase::NotConverted => "không thể diễn đạt trong định dạng",
        Phrase::Lost => "bị mất hoặc không biết",
        Phrase::LostNoPlace => "định dạng không có chỗ cho nó",
        Phrase::LostUnknown => "định dạng yêu cầu, mà chứng nhận không nói",
        Phrase::LostCoarser => "nói kém chính xác hơn",
        Phrase::LostCut => "bị cắt theo độ dài của định dạng",
    }
}
