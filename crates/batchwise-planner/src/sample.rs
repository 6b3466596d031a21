use std::num::NonZero;

use batchwise_pricing::{PriceBook, Tokenizer};
use batchwise_records::{Chunk, ChunkReader, Request};
use batchwise_tokens::{SampledPiece, Windows, sample_texts};

use crate::{ReadError, Source, model_traits, pipeline, tokenizer_traits};

/// A request has one window for each so many bytes of its line, and one at least.
const WINDOW_BYTES: u64 = 4096;

/// How much of an input is handed to a thread at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What a sample of texts depends on beside the inputs.
pub struct SampleContext<'c> {
    /// Which models there are, and which tokenizer each has.
    pub book: &'c PriceBook,
    /// One window of so many is counted.
    pub one_in: u64,
    /// How many threads count. The sample does not depend on it.
    pub threads: NonZero<usize>,
}

/// Counts a sample of the texts of all requests, and hands over what was found in each window, in their order.
///
/// The windows of all requests, one after the other, are cut into blocks of `one_in`, and of each block one window is
/// chosen by the hash of the block's number. So every window, and with it every piece of text, has the same chance
/// whatever the size of its request, and no pattern in the inputs can follow the draw. A line is parsed only if one of its
/// windows is chosen. Lines that are no requests have nothing to count.
///
/// # Errors
/// When an input cannot be read to its end.
pub fn sample(
    sources: Vec<Source<'_>>,
    context: &SampleContext<'_>,
    on_progress: &mut dyn FnMut(u64),
    on_window: &mut dyn FnMut(&[SampledPiece]),
) -> Result<(), ReadError> {
    let mut draw = Draw { one_in: context.one_in, windows: 0 };
    let mut bytes = 0;
    for Source { name, mut content } in sources {
        let mut read = 0;
        let mut chunks = ChunkReader::new(&mut content, CHUNK_BYTES);
        let next = || {
            while let Some(chunk) = chunks.next_chunk()? {
                read += chunk.extent_bytes();
                let chosen = draw.choose(&chunk);
                on_progress(bytes + read);
                if !chosen.is_empty() {
                    return Ok(Some((chunk, chosen)));
                }
            }
            Ok(None)
        };
        pipeline::in_order(
            context.threads,
            next,
            |(chunk, _)| chunk.bytes().len(),
            |(chunk, chosen): (Chunk, Vec<Chosen>)| count(&chunk, &chosen, context.book),
            |lines: Vec<Vec<SampledPiece>>| {
                lines.iter().for_each(|pieces| by_window(pieces, on_window));
                Ok(())
            },
        )
        .map_err(|source| ReadError { name, bytes: read, source })?;
        bytes += read;
    }
    Ok(())
}

/// A line of a chunk, counted from 0, and its windows that are in the sample.
struct Chosen {
    line: usize,
    windows: Windows,
}

/// Chooses windows. Knows how many went by.
struct Draw {
    one_in: u64,
    windows: u64,
}

impl Draw {
    fn choose(&mut self, chunk: &Chunk) -> Vec<Chosen> {
        let mut chosen = Vec::new();
        for (index, line) in chunk.lines().enumerate() {
            if line.is_cut() || line.is_blank() {
                continue;
            }
            let windows = self.windows_of((line.content.len() as u64).div_ceil(WINDOW_BYTES));
            if !windows.chosen.is_empty() {
                chosen.push(Chosen { line: index, windows });
            }
        }
        chosen
    }

    /// Which of the next `of` windows are in the sample.
    fn windows_of(&mut self, of: u64) -> Windows {
        let (start, end) = (self.windows, self.windows + of);
        self.windows = end;
        let blocks = start / self.one_in..=(end - 1) / self.one_in;
        let drawn = blocks.map(|block| block * self.one_in + mixed(block) % self.one_in);
        let chosen = drawn.filter(|window| (start..end).contains(window)).map(|window| window - start);
        Windows { chosen: chosen.collect(), of }
    }
}

/// The finaliser of SplitMix64: numbers side by side are far apart, and stay so for ever.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn count(chunk: &Chunk, chosen: &[Chosen], book: &PriceBook) -> Vec<Vec<SampledPiece>> {
    let mut chosen = chosen.iter().peekable();
    let mut counted = Vec::new();
    for (index, line) in chunk.lines().enumerate() {
        if let Some(Chosen { windows, .. }) = chosen.next_if(|chosen| chosen.line == index)
            && let Ok(request) = Request::parse(line.content)
        {
            counted.push(count_request(&request, windows, book));
        }
    }
    counted
}

/// A model that nobody knows is estimated with both tokenizers, so it is counted with both.
fn count_request(request: &Request<'_>, windows: &Windows, book: &PriceBook) -> Vec<SampledPiece> {
    match book.find(&request.model) {
        Ok(model) => sample_texts(request, &model_traits(model), windows),
        Err(_) => [Tokenizer::PreClaude47, Tokenizer::Claude47]
            .into_iter()
            .flat_map(|tokenizer| sample_texts(request, &tokenizer_traits(tokenizer), windows))
            .collect(),
    }
}

/// Hands over the pieces of a request window by window.
fn by_window(pieces: &[SampledPiece], on_window: &mut dyn FnMut(&[SampledPiece])) {
    let mut pieces = pieces.to_vec();
    pieces.sort_by_key(|piece| piece.window);
    pieces.chunk_by(|a, b| a.window == b.window).for_each(on_window);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_window_of_each_block_is_drawn() {
        for one_in in [2, 7, 200] {
            let mut draw = Draw { one_in, windows: 0 };
            let mut drawn = Vec::new();
            let mut start = 0;
            for of in (1..=40).cycle().take(1_000) {
                drawn.extend(draw.windows_of(of).chosen.iter().map(|window| start + window));
                start += of;
            }
            let whole = start / one_in;
            let blocks: Vec<u64> = drawn.iter().map(|window| window / one_in).collect();
            assert!((0..whole).eq(blocks.iter().copied().take(usize::try_from(whole).unwrap())));
        }
    }

    #[test]
    fn every_place_of_a_block_is_drawn_alike() {
        let mut draw = Draw { one_in: 20, windows: 0 };
        let mut places = [0_u32; 20];
        for window in (0..200_000).flat_map(|_| draw.windows_of(20).chosen) {
            places[usize::try_from(window).unwrap()] += 1;
        }
        assert!(places.iter().all(|&drawn| (9_600..10_400).contains(&drawn)), "{places:?}");
    }
}
