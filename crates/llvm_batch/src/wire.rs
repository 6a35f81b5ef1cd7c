//! What a worker and its parent say to each other.
//!
//! A message is the number of its fields, then the length of each and its
//! bytes; numbers are 8 bytes, little-endian. A request for a table has the
//! fields of [`TaskMessage`], its answer those of [`Answer`]; tables travel as
//! Arrow IPC streams. A request to measure has two fields, the task and the
//! bitcode, and its answer one.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use fastir_core::{FailureKind, Task};

use crate::alternatives::{MeasureTask, Measured};

/// Where a module's bitcode or textual IR, or the object that holds it, is.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In a file, which the worker reads.
    Path(&'a Path),
    /// In memory.
    Bytes(&'a [u8]),
}

/// Why there is no table of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

const KINDS: [ErrorKind; 7] = [
    ErrorKind::Usage,
    ErrorKind::File,
    ErrorKind::Bitcode,
    ErrorKind::Invalid,
    ErrorKind::Work,
    ErrorKind::Crash,
    ErrorKind::Timeout,
];

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

/// A request to a worker.
#[derive(Debug)]
pub struct TaskMessage {
    /// The fields of [`fastir_core::Task`] of the same names.
    pub table: String,
    pub name: String,
    pub passes: String,
    pub level: String,
    pub policy: String,
    pub model: String,
    pub onnxruntime: String,
    pub verify: bool,
    /// A path to read, or else `bytes` counts.
    pub path: Option<PathBuf>,
    pub bytes: Vec<u8>,
}

/// What a worker may be asked.
pub enum Asked {
    /// For a table.
    Table(TaskMessage),
    /// To measure alternatives, with the module's bitcode.
    Measure(MeasureTask, Vec<u8>),
}

/// A worker's answer to who asks for a table.
#[derive(Debug)]
pub struct Answer {
    pub stats: Stats,
    pub result: Result<RecordBatch, (ErrorKind, String)>,
}

const VERIFY: &str = "verify";
const PATH: &[u8] = b"path";
const BYTES: &[u8] = b"bytes";

/// Writes a request: `task`, with `source` in place of its own.
pub fn write_task(stream: &mut impl Write, task: &Task<'_>, source: Source<'_>) -> io::Result<()> {
    let texts = [
        task.table,
        task.name,
        task.passes,
        task.level,
        task.policy,
        task.model,
        task.onnxruntime,
        if task.verify { VERIFY } else { "" },
    ];
    let mut fields: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    match source {
        Source::Path(path) => fields.extend([PATH, path.as_os_str().as_encoded_bytes()]),
        Source::Bytes(bytes) => fields.extend([BYTES, bytes]),
    }
    write_message(stream, &fields)
}

/// Reads a request; none at the end of the stream.
pub fn read_asked(stream: &mut impl Read) -> io::Result<Option<Asked>> {
    let Some(fields) = read_message(stream)? else {
        return Ok(None);
    };
    match <[Vec<u8>; 2]>::try_from(fields) {
        Ok([task, bitcode]) => {
            let task = postcard::from_bytes(&task).map_err(|_| bad_message())?;
            Ok(Some(Asked::Measure(task, bitcode)))
        }
        Err(fields) => table_task(fields).map(|task| Some(Asked::Table(task))),
    }
}

fn table_task(fields: Vec<Vec<u8>>) -> io::Result<TaskMessage> {
    let [
        table,
        name,
        passes,
        level,
        policy,
        model,
        onnxruntime,
        verify,
        kind,
        source,
    ] = <[Vec<u8>; 10]>::try_from(fields).map_err(|_| bad_message())?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let is_path = kind == PATH;
    Ok(TaskMessage {
        table: text(table),
        name: text(name),
        passes: text(passes),
        level: text(level),
        policy: text(policy),
        model: text(model),
        onnxruntime: text(onnxruntime),
        verify: verify == VERIFY.as_bytes(),
        path: is_path.then(|| path_of(&source)),
        bytes: if is_path { Vec::new() } else { source },
    })
}

/// Writes a request to measure.
pub fn write_measure(
    stream: &mut impl Write,
    task: &MeasureTask,
    bitcode: &[u8],
) -> io::Result<()> {
    let task = postcard::to_stdvec(task).map_err(io::Error::other)?;
    write_message(stream, &[&task, bitcode])
}

/// Writes what was measured, or why it could not be.
pub fn write_measured(
    stream: &mut impl Write,
    measured: &Result<Measured, String>,
) -> io::Result<()> {
    let bytes = postcard::to_stdvec(measured).map_err(io::Error::other)?;
    write_message(stream, &[&bytes])
}

/// Reads what was measured; nothing at the end of the stream.
pub fn read_measured(stream: &mut impl Read) -> io::Result<Option<Result<Measured, String>>> {
    match read_message(stream)?.as_deref() {
        None => Ok(None),
        Some([bytes]) => postcard::from_bytes(bytes)
            .map(Some)
            .map_err(|_| bad_message()),
        Some(_) => Err(bad_message()),
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// Writes an answer; a table follows the message as it is, a stream of its own.
pub fn write_answer(stream: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let stats = answer.stats.to_bytes();
    match &answer.result {
        Ok(batch) => {
            write_message(stream, &[&stats, b"", b""])?;
            encode(stream, batch).map_err(io::Error::other)?;
            stream.flush()
        }
        Err((kind, message)) => {
            let kind = [KINDS.iter().position(|k| k == kind).unwrap_or(0) as u8];
            write_message(stream, &[&stats, &kind, message.as_bytes()])
        }
    }
}

/// Reads an answer; none at the end of the stream.
pub fn read_answer(stream: &mut impl Read) -> io::Result<Option<Answer>> {
    let Some(fields) = read_message(stream)? else {
        return Ok(None);
    };
    let [stats, kind, message] = <[Vec<u8>; 3]>::try_from(fields).map_err(|_| bad_message())?;
    let stats = Stats::from_bytes(&stats).ok_or_else(bad_message)?;
    let result = match kind.first() {
        None => Ok(decode(stream).map_err(to_io)?),
        Some(&kind) => {
            let kind = *KINDS.get(usize::from(kind)).ok_or_else(bad_message)?;
            Err((kind, String::from_utf8_lossy(&message).into_owned()))
        }
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

impl Stats {
    /// All members, in the order in which they travel.
    fn members(&mut self) -> [&mut u64; 7] {
        [
            &mut self.bytes,
            &mut self.read_ns,
            &mut self.parse_ns,
            &mut self.verify_ns,
            &mut self.work_ns,
            &mut self.encode_ns,
            &mut self.peak_bytes,
        ]
    }

    fn to_bytes(mut self) -> Vec<u8> {
        let members = self.members();
        members.iter().flat_map(|n| n.to_le_bytes()).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut result = Self::default();
        let members = result.members();
        let (numbers, rest) = bytes.as_chunks::<8>();
        if numbers.len() != members.len() || !rest.is_empty() {
            return None;
        }
        for (member, number) in members.into_iter().zip(numbers) {
            *member = u64::from_le_bytes(*number);
        }
        Some(result)
    }
}

fn write_message(stream: &mut impl Write, fields: &[&[u8]]) -> io::Result<()> {
    let number = |n: usize| (n as u64).to_le_bytes();
    let mut head = number(fields.len()).to_vec();
    for field in fields {
        head.extend(number(field.len()));
    }
    stream.write_all(&head)?;
    for field in fields {
        stream.write_all(field)?;
    }
    stream.flush()
}

fn read_message(stream: &mut impl Read) -> io::Result<Option<Vec<Vec<u8>>>> {
    let mut number = [0; 8];
    // Only between messages is the end of the stream no error.
    if stream.read(&mut number[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut number[1..])?;
    let count = u64::from_le_bytes(number);
    if count > 16 {
        return Err(bad_message());
    }
    let mut lengths = Vec::new();
    for _ in 0..count {
        stream.read_exact(&mut number)?;
        lengths.push(u64::from_le_bytes(number));
    }
    let mut fields = Vec::new();
    for length in lengths {
        let mut field = Vec::new();
        stream.by_ref().take(length).read_to_end(&mut field)?;
        if field.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        fields.push(field);
    }
    Ok(Some(fields))
}

fn bad_message() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a message of this protocol")
}

#[cfg(test)]
mod tests;
