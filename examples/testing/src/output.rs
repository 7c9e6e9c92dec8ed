//! The output of a program, read line by line while the program runs.

use std::{
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::watch,
    task::JoinHandle,
};

/// Result of a program that ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The lines of one stream. A task reads the stream until its end, so that the program never blocks on a full pipe.
pub(crate) struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    /// The number of lines. The channel is closed at the end of the stream.
    count: watch::Receiver<usize>,
    /// Index of the first line that no call to `next_with` has passed.
    next: usize,
    reader: JoinHandle<()>,
}

impl Lines {
    pub(crate) fn read(stream: impl AsyncRead + Send + Unpin + 'static) -> Lines {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (sender, count) = watch::channel(0);
        let reader = tokio::spawn({
            let lines = Arc::clone(&lines);
            async move {
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                // The output is printed even if it is not UTF-8.
                while stream.read_until(b'\n', &mut line).await.is_ok_and(|bytes| bytes > 0) {
                    let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
                    line.clear();
                    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                    lines.push(text);
                    sender.send_replace(lines.len());
                }
            }
        });
        Lines { lines, count, next: 0, reader }
    }

    /// Returns the next line that contains this string, or `None` if the stream ends first.
    ///
    /// Cancel safe: a dropped call passes only lines without the string.
    pub(crate) async fn next_with(&mut self, text: &str) -> Option<String> {
        loop {
            if let Some(line) = self.pass(text) {
                return Some(line);
            }
            if self.count.changed().await.is_err() {
                return self.pass(text);
            }
        }
    }

    /// Passes all lines up to the first one that contains this string.
    fn pass(&mut self, text: &str) -> Option<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lines.iter().enumerate().skip(self.next).find(|(_, line)| line.contains(text));
        self.next = found.map_or(lines.len(), |(index, _)| index + 1);
        found.map(|(_, line)| line.clone())
    }

    /// Waits for the end of the stream.
    pub(crate) async fn end(&mut self) {
        while self.count.changed().await.is_ok() {}
    }

    /// Returns all lines so far.
    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
