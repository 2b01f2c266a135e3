//! Pictures and PDF files that somebody uploads or photographs.

/// Signatures of an uploaded PDF that are looked at: a file of an office has one, one that several signed a few.
pub const PDF_SEALS: usize = 8;

/// Largest scale of a picture of a code, in pixels a module. At 32 the largest symbol (177 modules and its
/// quiet zone) has 5,920 pixels a side, 4 MB before compression; 1,200 dpi at 0.6 mm a module needs 29.
pub const PICTURE_SCALE: u32 = 32;

/// Most finder patterns of QR symbols that one look at a picture goes after. A page of nine codes has 27, a busy
/// photograph some hundred that only look like one.
pub const PICTURE_FINDERS: usize = 1_000;

/// Most bull's eyes of Aztec symbols that one look at a picture goes after.
pub const PICTURE_BULLS_EYES: usize = 32;

/// Most pixels of outlines that one look follows to find the middles of QR finder patterns. Twelve million pixels of
/// pure noise have 13 million; one million takes about 50 ms.
pub const PICTURE_FINDER_WORK: u64 = 16_000_000;

/// The same for bull's eyes, whose even rings every fence and fabric resembles.
pub const PICTURE_BULLS_EYE_WORK: u64 = 2_000_000;

/// Most symbols that are sampled in one picture, over all looks. A code that reads takes one or two; one that
/// does not read takes some dozen a look.
pub const PICTURE_SAMPLES: u32 = 20_000;

/// Largest picture that is enlarged for a further look, in pixels. A photograph that needs more pixels than this
/// has does not gain them by being enlarged.
pub const PICTURE_DOUBLED_PIXELS: usize = 2_000_000;

/// Most pixels at which a picture is looked at more than three times; a larger one is made smaller first. A code
/// that fills a tenth of three million pixels has five pixels a module.
pub const PICTURE_CLOSE_PIXELS: usize = 3_200_000;

/// Largest picture or PDF, in bytes. A photograph of 50 million pixels has about 20 MB, a scanned page of
/// 600 dpi in colour about as much.
pub const PICTURE_BYTES: u64 = 64 * 1024 * 1024;

/// Most pixels of a picture. Telephones make 12 and at most 50 million in their plain setting; one pixel is one
/// byte here, and a page of A4 at 600 dpi has 35 million.
pub const PICTURE_PIXELS: usize = 52_000_000;

/// Longest side of a picture in pixels. A panorama has some 16,000.
pub const PICTURE_SIDE: usize = 20_000;

/// Most scans of a progressive JPEG. Encoders make about 10; each further one costs a pass over all pixels and
/// only some bytes of the file.
pub const JPEG_SCANS: usize = 100;

/// Most pixels of an interlaced PNG, which cannot be read row by row in its colours.
pub const PNG_INTERLACED_PIXELS: usize = 16_000_000;

/// Most memory that the PNG reader takes beside the pixels, in bytes. A row of the widest picture in 16 bits and
/// four channels has 160 kB.
pub const PNG_METADATA_BYTES: usize = 64 * 1024 * 1024;

/// Most pages of a PDF that are looked at. A certificate has one or two, a family's travel papers some more.
pub const PDF_PAGES: usize = 20;

/// Most objects of a PDF. A certificate has some hundred.
pub const PDF_OBJECTS: usize = 200_000;

/// Most bytes that the streams of a PDF may unpack to, together. A page of A4 scanned at 600 dpi in colour has
/// 105 MB.
pub const PDF_INFLATED_BYTES: u64 = 256 * 1024 * 1024;

/// Most pixels of a page that is drawn: A4 at 350 dpi has 12 million. A larger page is drawn coarser.
pub const PDF_PAGE_PIXELS: f32 = 16_000_000.0;

/// Longest side of a page that is drawn, in pixels.
pub const PDF_PAGE_SIDE: f32 = 10_000.0;

/// Longest time that the codes of one file may take to be found, in seconds. A photograph of 50 megapixels of
/// noise takes 12; a PDF may ask for any amount of drawing.
pub const PICTURE_SECONDS: u64 = 30;
