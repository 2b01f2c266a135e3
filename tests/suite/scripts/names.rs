//! Invented people, in the writing of their countries. Each has what its script is hard for: letters that join, marks
//! above and below, vowels before their consonant, conjuncts, digits and Latin in between.

/// A name.
pub struct Name {
    pub script: &'static str,
    pub family: &'static str,
    pub given: &'static str,
}

impl Name {
    /// Whether the fonts of the program draw it.
    pub fn is_built_in(&self) -> bool {
        ["latin", "vietnamese", "cyrillic", "greek", "decomposed"].contains(&self.script)
    }

    /// Whether nothing of it is written from right to left.
    pub fn left_to_right(&self) -> bool {
        let right = '\u{590}'..='\u{8ff}';
        !self.family.chars().chain(self.given.chars()).any(|c| right.contains(&c) || c >= '\u{1e900}')
    }

    /// What a reader of the page finds: the names, unchanged.
    ///
    /// Poppler does not know the direction of a paragraph that has both: it finds the words, each unchanged. It does
    /// not know either that N'Ko and Adlam are written from right to left: it finds their letters from the left. And
    /// a vowel sign at the very end of a line it takes for neither direction, on a page that is mostly Latin.
    pub fn expected(&self) -> Vec<String> {
        let both = [self.family, self.given];
        if self.script.ends_with("-latin") {
            let word = |word: &str| word.trim_matches(['(', ')']).to_owned();
            both.iter().flat_map(|name| name.split(' ').map(word)).collect()
        } else if self.script == "thaana" {
            let last = |name: &str| name.char_indices().next_back().map_or(0, |(at, _)| at);
            both.iter().map(|name| name[..last(name)].to_owned()).collect()
        } else if ["nko", "adlam"].contains(&self.script) {
            both.iter().map(|name| name.chars().rev().collect()).collect()
        } else {
            both.iter().map(|name| (*name).to_owned()).collect()
        }
    }
}

const fn name(script: &'static str, family: &'static str, given: &'static str) -> Name {
    Name { script, family, given }
}

pub const NAMES: &[Name] = &[
    name("latin", "Müller-Lüdenscheidt", "Anna Zoë Françoise"),
    name("vietnamese", "Nguyễn Phước Đặng", "Thị Minh Khai Ẩn Ở Ữ"),
    name("decomposed", "Nguye\u{302}\u{303}n", "Ame\u{301}lie"),
    name("cyrillic", "Достоевская-Щукина", "Єлизавета Їжакевич"),
    name("greek", "Παπαδοπούλου-Ἀχιλλέως", "Ευαγγελία"),
    name("arabic", "عبد الله الحسيني", "محمّد لؤي"),
    name("persian", "میرزایی‌پور", "گلپری ژاله"),
    name("urdu", "بھٹی", "نصرت ٹھاکر"),
    name("arabic-latin", "الأحمد (Al-Ahmad)", "سارة Sara 3"),
    name("hebrew", "כהן־לוי", "שָׂרָה אביגיל"),
    name("hebrew-latin", "Cohen כהן", "יוסף (Joseph) 2"),
    name("lao", "ວົງສາພະຈັນ", "ສົມສັກ ຄຳຜຸຍ ຫຼ້າ"),
    name("thai", "ศรีสุวรรณ", "สมชาย กิ่งแก้ว น้ำผึ้ง"),
    name("khmer", "ស្រីសុខ", "ច័ន្ទសុភា ព្រះរាជ"),
    name("burmese", "ဒေါ်အောင်ဆန်း", "ကျော်မြင့်ဦး သင်္ဃန်း"),
    name("ethiopic", "ገብረ ክርስቶስ", "አበበ ሙሉጌታ ፩"),
    name("sinhala", "ශ්‍රී වික්‍රමසිංහ", "සුනිල් ප්‍රියන්ත"),
    name("tamil", "செல்வக்குமார்", "ஸ்ரீதேவி கொளஞ்சி"),
    name("devanagari", "श्रीवास्तव", "कृष्णमूर्ति लक्ष्मी"),
    name("bengali", "চট্টোপাধ্যায়", "র‍্যাচেল কৃষ্ণ"),
    name("gujarati", "ક્ષત્રિય", "જ્ઞાનેશ્વર"),
    name("gurmukhi", "ਸਿੰਘ", "ਹਰਪ੍ਰੀਤ"),
    name("odia", "ମହାନ୍ତି", "ଶ୍ରୀକାନ୍ତ"),
    name("telugu", "శ్రీనివాస", "క్షేత్రయ్య"),
    name("kannada", "ಕೃಷ್ಣಮೂರ್ತಿ", "ಶ್ರೀಕಾಂತ್"),
    name("malayalam", "കൃഷ്ണൻ", "ശ്രീലക്ഷ്മി മോഹൻ"),
    name("tibetan", "བསྟན་འཛིན", "རྒྱ་མཚོ"),
    name("georgian", "ჯუღაშვილი", "გიორგი"),
    name("armenian", "Խաչատրյան", "Արամ"),
    name("chinese", "歐陽", "王小明"),
    name("japanese", "渡邊", "さくら ケンジ 直子"),
    name("korean", "김", "이민호"),
    name("thaana", "އިބްރާހީމް", "މުޙައްމަދު"),
    name("syriac", "ܐܦܪܝܡ", "ܝܘܚܢܢ"),
    name("nko", "ߞߐ߬ߣߍ߫", "ߡߊ߬ߡߊ߬ߘߎ߫"),
    name("adlam", "𞤔𞤢𞤤𞥆𞤮", "𞤋𞤦𞤪𞤢𞥄𞤸𞤭𞤥"),
    name("tifinagh", "ⵎⴰⵣⵉⵖ", "ⵜⵉⴼⵉⵏⴰⵖ"),
    name("mongolian", "ᠪᠣᠯᠣᠷ", "ᠮᠣᠩᠭᠣᠯ"),
];
