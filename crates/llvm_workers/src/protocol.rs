//! What a worker and its parent say to each other.
//!
//! A message is two lengths, 8 bytes each, little-endian; then a header of the first length, one
//! of the types here as postcard writes it; then a body of the second, the bytes of a module. A
//! table follows its answer as an Arrow IPC stream.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use fastir_core::{Alternative, Bytes, FailureKind, Job, Site, Task};
use serde::{Deserialize, Serialize};

/// Where a module's bitcode or textual IR, or the object that holds it, is.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In a file, which the worker reads.
    Path(&'a Path),
    /// In memory.
    Bytes(&'a [u8]),
}

/// Why there is no table of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// The task makes no sense.
    Usage,
    /// The file cannot be read.
    File,
    /// The source is neither bitcode nor textual IR that LLVM can read.
    Bitcode,
    /// LLVM's verifier refuses the module.
    Invalid,
    /// LLVM cannot do what is asked.
    Work,
    /// LLVM crashed.
    Crash,
    /// It took longer than allowed.
    Timeout,
}

impl From<FailureKind> for ErrorKind {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Usage => Self::Usage,
            FailureKind::Bitcode => Self::Bitcode,
            FailureKind::Invalid => Self::Invalid,
            FailureKind::Work => Self::Work,
        }
    }
}

/// What one module cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Bytes of its source.
    pub bytes: u64,
    /// Nanoseconds to read the file.
    pub read_ns: u64,
    /// Nanoseconds to make a module of the bytes.
    pub parse_ns: u64,
    /// Nanoseconds in LLVM's verifier.
    pub verify_ns: u64,
    /// Nanoseconds to make the table.
    pub work_ns: u64,
    /// Nanoseconds to make Arrow of the table.
    pub encode_ns: u64,
    /// The worker's largest resident memory until now.
    pub peak_bytes: u64,
}

/// What a worker may be asked; the body of the message is the module.
#[derive(Debug, Serialize, Deserialize)]
pub enum Asked<'a> {
    /// For a table.
    Table {
        /// What to make.
        #[serde(borrow)]
        task: Task<'a>,
        /// The file to read in place of the body.
        path: Option<&'a [u8]>,
    },
    /// To measure alternatives.
    Measure(MeasureTask),
}

/// What to measure: the module's bitcode apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MeasureTask {
    /// The base compile.
    pub job: Job,
    /// Its advice by call site.
    pub site_overrides: Vec<(Site, bool)>,
    /// The share of each comdat that the module answers for.
    pub weights: HashMap<String, f64>,
    /// What to measure.
    pub alternatives: Vec<Alternative>,
    /// How many of them may share a compile.
    pub batch_size: usize,
}

/// What was measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    /// What [`fastir_core::Compilation::from_bytes`] reads.
    pub base: Vec<u8>,
    /// The base's bytes.
    pub bytes: Bytes,
    /// By how much each alternative differs.
    pub changes: Vec<Bytes>,
    /// How often the module was compiled.
    pub compiles: usize,
    /// Functions that took no compile.
    pub reused: usize,
    /// CPU seconds.
    pub seconds: f64,
    /// The worker's largest resident memory until now.
    pub peak_bytes: u64,
}

/// A worker's answer to who asks for a table.
#[derive(Debug)]
pub struct Answer {
    pub stats: Stats,
    pub result: Result<RecordBatch, (ErrorKind, String)>,
}

/// The header of an [`Answer`]; the table comes behind it.
#[derive(Serialize, Deserialize)]
struct AnswerHeader {
    stats: Stats,
    failure: Option<(ErrorKind, String)>,
}

/// A message as it arrived.
pub struct Message {
    header: Vec<u8>,
    /// The bytes of a module; may be empty.
    pub body: Vec<u8>,
}

impl Message {
    /// Reads one; none at the end of the stream.
    pub fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut number = [0; 8];
        // Only between messages is the end of the stream no error.
        if stream.read(&mut number[..1])? == 0 {
            return Ok(None);
        }
        stream.read_exact(&mut number[1..])?;
        let header = u64::from_le_bytes(number);
        stream.read_exact(&mut number)?;
        let body = u64::from_le_bytes(number);
        Ok(Some(Self {
            header: read_bytes(stream, header)?,
            body: read_bytes(stream, body)?,
        }))
    }

    /// What it asks for.
    pub fn asked(&self) -> io::Result<Asked<'_>> {
        self.header()
    }

    fn header<'a, T: Deserialize<'a>>(&'a self) -> io::Result<T> {
        let what = "not a message of this protocol";
        postcard::from_bytes(&self.header)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, what))
    }
}

/// Memory is asked for as bytes arrive: a length may be anything.
fn read_bytes(stream: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

fn write_message(stream: &mut impl Write, header: &impl Serialize, body: &[u8]) -> io::Result<()> {
    let header = postcard::to_stdvec(header).map_err(io::Error::other)?;
    for length in [header.len(), body.len()] {
        stream.write_all(&(length as u64).to_le_bytes())?;
    }
    stream.write_all(&header)?;
    stream.write_all(body)?;
    stream.flush()
}

/// Writes a request for a table: `task`, with `source` in place of its own.
pub fn write_task(stream: &mut impl Write, task: &Task<'_>, source: Source<'_>) -> io::Result<()> {
    let (path, body) = match source {
        Source::Path(path) => (Some(path.as_os_str().as_bytes()), &[][..]),
        Source::Bytes(bytes) => (None, bytes),
    };
    write_message(stream, &Asked::Table { task: *task, path }, body)
}

/// The file that a request for a table names.
pub fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Writes a request to measure.
pub fn write_measure(
    stream: &mut impl Write,
    task: &MeasureTask,
    bitcode: &[u8],
) -> io::Result<()> {
    write_message(stream, &Asked::Measure(task.clone()), bitcode)
}

/// Writes what was measured, or why it could not be.
pub fn write_measured(
    stream: &mut impl Write,
    measured: &Result<Measured, String>,
) -> io::Result<()> {
    write_message(stream, measured, b"")
}

/// Reads what was measured; nothing at the end of the stream.
pub fn read_measured(stream: &mut impl Read) -> io::Result<Option<Result<Measured, String>>> {
    let message = Message::read(stream)?;
    message.map(|message| message.header()).transpose()
}

/// Writes an answer to who asked for a table.
pub fn write_answer(stream: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let header = AnswerHeader {
        stats: answer.stats,
        failure: answer.result.as_ref().err().cloned(),
    };
    write_message(stream, &header, b"")?;
    if let Ok(batch) = &answer.result {
        encode(stream, batch).map_err(io::Error::other)?;
        stream.flush()?;
    }
    Ok(())
}

/// Reads an answer; none at the end of the stream.
pub fn read_answer(stream: &mut impl Read) -> io::Result<Option<Answer>> {
    let Some(message) = Message::read(stream)? else {
        return Ok(None);
    };
    let AnswerHeader { stats, failure } = message.header()?;
    let result = match failure {
        None => Ok(decode(stream).map_err(to_io)?),
        Some(failure) => Err(failure),
    };
    Ok(Some(Answer { stats, result }))
}

fn encode(stream: &mut impl Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let mut writer = StreamWriter::try_new(stream, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()
}

fn decode(stream: &mut impl Read) -> Result<RecordBatch, ArrowError> {
    let mut reader = StreamReader::try_new(stream, None)?;
    let none = || ArrowError::IpcError("no table in the answer".to_owned());
    let batch = reader.next().ok_or_else(none)??;
    // The mark of the stream's end.
    match reader.next() {
        None => Ok(batch),
        Some(_) => Err(none()),
    }
}

/// Arrow's error with the stream's own kept: a time-out must stay one.
fn to_io(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
