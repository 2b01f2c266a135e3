//! The verifier for a browser, behind an interface of numbers alone: no generated glue, so that what stands between
//! page and verifier can be read in one sitting (`src/service/officer/verifier.js` is the other side).
//!
//! Three buffers live here: input, output, and the checkpoint. The other side asks for room ([`input`]), writes into it,
//! calls a function, and reads the answer at [`output`] for [`output_length`] bytes. Every function answers 0 for
//! "done" and 1 for "the output is an error as JSON: `code` and `message`"; those that find codes answer with their
//! number. Lists of codes are framed: four bytes of length, the lowest first, then the bytes, and so on.
//!
//! The clock, the network and storage are the page's; nothing here can reach them. A panic ends the instance: the
//! page makes a new one and opens the bundle again.
//!
//! `unsafe` is the attribute `no_mangle` alone, without which nothing could be called; no pointer is read here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vaccert::{
    barcode::read::{Found, PictureError, codes_in_frame, codes_in_picture},
    limits::{CODE_FILE_BYTES, PICTURE_BYTES, TRUST_LIST_BYTES},
    verify::checkpoint::{Checkpoint, fingerprint as of_key},
};

struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    checkpoint: Option<Checkpoint>,
}

static STATE: Mutex<State> = Mutex::new(State { input: Vec::new(), output: Vec::new(), checkpoint: None });

/// A browser gives each instance one thread, so this never waits.
fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Most bytes that the other side may hand in at once: a bundle, a picture, or a frame of a camera (four bytes a
/// pixel).
const MOST: usize = {
    let (bundle, picture) = (TRUST_LIST_BYTES as usize, PICTURE_BYTES as usize);
    if bundle > picture { bundle } else { picture }
};

const DONE: u32 = 0;
const FAILED: u32 = 1;
/// In place of a number of codes.
const NONE: u32 = u32::MAX;

fn failed(state: &mut State, code: &str, message: &str) -> u32 {
    state.output = serde_json::json!({"code": code, "message": message}).to_string().into_bytes();
    FAILED
}

/// Room for `length` bytes of input; its address, or 0 where that is more than is read.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> usize {
    let mut state = state();
    if length > MOST {
        return 0;
    }
    state.input.clear();
    state.input.resize(length, 0);
    state.input.as_ptr() as usize
}

/// Address of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> usize {
    state().output.as_ptr() as usize
}

/// Bytes of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    state().output.len()
}

/// Forgets input and answer: what was scanned does not lie about until the next scan.
#[unsafe(no_mangle)]
pub extern "C" fn forget() {
    let mut state = state();
    state.input.fill(0);
    state.output.fill(0);
    state.input.clear();
    state.output.clear();
}

/// Takes the input and cuts it where its second part begins.
fn parts(state: &mut State, first: usize) -> (Vec<u8>, Vec<u8>) {
    let mut input = std::mem::take(&mut state.input);
    let rest = input.split_off(first.min(input.len()));
    (input, rest)
}

/// Opens a bundle: the input is the bundle (`bundle` bytes) and, after it, how it is to be opened (JSON). The answer
/// is what the bundle is. Where it is not believed, the checkpoint goes on with the one before.
#[unsafe(no_mangle)]
pub extern "C" fn open(bundle: usize) -> u32 {
    let mut state = state();
    let (bundle, opening) = parts(&mut state, bundle);
    match Checkpoint::open(bundle, &opening) {
        Ok(checkpoint) => {
            state.output = serde_json::to_vec(checkpoint.facts()).unwrap_or_default();
            state.checkpoint = Some(checkpoint);
            DONE
        }
        Err(error) => failed(&mut state, error.code(), &error.to_string()),
    }
}

/// Judges codes: the input is the framed codes (`codes` bytes) and, after them, the question (JSON).
#[unsafe(no_mangle)]
pub extern "C" fn judge(codes: usize) -> u32 {
    let mut state = state();
    let (codes, question) = parts(&mut state, codes);
    let Some(checkpoint) = &state.checkpoint else {
        return failed(&mut state, "no-bundle", "there is no trust bundle yet: connect this device once");
    };
    match checkpoint.judge(unframed(&codes), &question) {
        Ok(answer) => {
            state.output = answer;
            DONE
        }
        Err(error) => failed(&mut state, error.code(), &error.to_string()),
    }
}

/// Finds the codes in a frame of a camera: the input is `width * height` pixels of red, green, blue and something.
/// The answer is the framed codes, the result their number.
#[unsafe(no_mangle)]
pub extern "C" fn frame(width: usize, height: usize, number: usize) -> u32 {
    let mut state = state();
    // The green of a picture is most of its light (ITU-R BT.601).
    let grey = |pixel: &[u8]| match *pixel {
        [red, green, blue, _] => ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8,
        _ => 0,
    };
    let pixels: Vec<u8> = state.input.chunks_exact(4).map(grey).collect();
    let found = codes_in_frame(width, height, pixels, number);
    told(&mut state, found)
}

/// Finds the codes in a picture, PNG or JPEG: the input is the file.
#[unsafe(no_mangle)]
pub extern "C" fn picture() -> u32 {
    let mut state = state();
    let file = std::mem::take(&mut state.input);
    let found = codes_in_picture(&file);
    told(&mut state, found)
}

/// What an officer compares a list key with: the input is its SubjectPublicKeyInfo, the answer a text.
#[unsafe(no_mangle)]
pub extern "C" fn fingerprint() -> u32 {
    let mut state = state();
    state.output = of_key(&state.input).into_bytes();
    DONE
}

fn told(state: &mut State, found: Result<Vec<Found>, PictureError>) -> u32 {
    match found {
        Ok(found) => {
            state.output.clear();
            for code in &found {
                let length = u32::try_from(code.bytes.len()).unwrap_or(0);
                state.output.extend_from_slice(&length.to_le_bytes());
                state.output.extend_from_slice(&code.bytes);
            }
            u32::try_from(found.len()).unwrap_or(0)
        }
        Err(error) => {
            failed(
                state,
                if matches!(error, PictureError::NoCode { .. }) { "no-code" } else { "picture" },
                &error.to_string(),
            );
            NONE
        }
    }
}

fn unframed(mut framed: &[u8]) -> Vec<Vec<u8>> {
    let mut codes = Vec::new();
    while let Some((length, rest)) = framed.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some((code, rest)) = rest.split_at_checked(length) else { break };
        // One byte more than any code tells the verifier that it is longer than any.
        codes.push(code[..length.min(CODE_FILE_BYTES + 1)].to_vec());
        framed = rest;
    }
    codes
}
