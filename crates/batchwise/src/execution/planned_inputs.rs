use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::rc::Rc;

use batchwise_submit::Inputs;

use crate::input::{self, Content};

/// The inputs of a plan where they lie now. What is not compressed is read where it is wanted; of what is compressed, the
/// place that was reached is kept, because the next slice mostly begins there.
pub(crate) struct PlannedInputs {
    paths: Vec<PathBuf>,
    kept: Option<Kept>,
}

struct Kept {
    input: u32,
    stream: Stream,
}

/// Something that can only be read forward, and how far it was.
#[derive(Clone)]
struct Stream(Rc<RefCell<(Content, u64)>>);

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (content, reached) = &mut *self.0.borrow_mut();
        let length = content.read(buffer)?;
        *reached += length as u64;
        Ok(length)
    }
}

impl PlannedInputs {
    /// The inputs in the order of the plan.
    pub(crate) fn new(paths: Vec<PathBuf>) -> PlannedInputs {
        PlannedInputs { paths, kept: None }
    }

    /// The stream of a compressed input, not behind `start`.
    fn stream(&mut self, input: u32, start: u64) -> io::Result<Stream> {
        let kept = self.kept.take().filter(|kept| kept.input == input && kept.stream.0.borrow().1 <= start);
        let stream = match kept {
            Some(kept) => kept.stream,
            None => {
                let content = input::open_file(&self.paths[input as usize])?;
                Stream(Rc::new(RefCell::new((content, 0))))
            }
        };
        self.kept = Some(Kept { input, stream: stream.clone() });
        Ok(stream)
    }
}

impl Inputs for PlannedInputs {
    fn open_at(&mut self, input: u32, start: u64) -> io::Result<Box<dyn Read>> {
        let path = &self.paths[input as usize];
        let mut file = File::open(path)?;
        if !input::is_compressed(&mut file)? {
            file.seek(SeekFrom::Start(start))?;
            return Ok(Box::new(file));
        }
        let mut stream = self.stream(input, start)?;
        let reached = stream.0.borrow().1;
        io::copy(&mut stream.by_ref().take(start - reached), &mut io::sink())?;
        Ok(Box::new(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn inputs_are_read_from_any_byte_compressed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let text: String = (0..5_000).map(|number| format!("line {number}\n")).collect();
        let contents =
            [text.clone().into_bytes(), gzip(&text), zstd::encode_all(text.as_bytes(), 1).unwrap()];
        let paths: Vec<PathBuf> = contents
            .iter()
            .enumerate()
            .map(|(index, content)| {
                let path = folder.path().join(index.to_string());
                std::fs::write(&path, content).unwrap();
                path
            })
            .collect();
        let mut inputs = PlannedInputs::new(paths);
        // Forward, on from where the last ended, back, and to another and back.
        for (input, start, length) in [
            (0, 0, 5),
            (1, 0, 7),
            (1, 7, 3),
            (1, 100, 50),
            (1, 20, 9),
            (2, 11, 2),
            (1, 40_000, 8),
            (2, 0, 70_000),
        ] {
            let mut read = String::new();
            inputs.open_at(input, start).unwrap().take(length).read_to_string(&mut read).unwrap();
            let (start, length) = (usize::try_from(start).unwrap(), usize::try_from(length).unwrap());
            let end = text.len().min(start + length);
            assert_eq!(read, text[start..end], "input {input} from {start}");
        }
    }
}
