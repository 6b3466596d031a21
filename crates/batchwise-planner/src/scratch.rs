use std::io;

/// Up to this many ids are kept in memory, unless a [`Scratch`] says otherwise: they take about 350 MB, which any
/// machine has that holds a file of so many requests. Only larger workloads need a disk.
pub const IDS_IN_MEMORY: usize = 1 << 24;

/// Temporary storage for the ids of a workload that has too many of them for memory.
///
/// What is appended is never changed, and is of no use once the plan is made. An id takes 17 bytes.
pub trait Scratch {
    /// How many ids are kept in memory before anything is stored here; at least one.
    fn ids_in_memory(&self) -> usize {
        IDS_IN_MEMORY
    }

    /// Adds `bytes` behind all that was appended before.
    ///
    /// # Errors
    /// When they could not all be kept, as on a full disk. The plan ends then.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Fills `buffer` with what was appended, from the byte `offset` on.
    ///
    /// # Errors
    /// When so much cannot be had. The plan ends then.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// Storage in memory, for workloads that are known to be small.
impl Scratch for Vec<u8> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let kept = usize::try_from(offset).ok().and_then(|start| self.get(start..)?.get(..buffer.len()));
        buffer.copy_from_slice(kept.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}
