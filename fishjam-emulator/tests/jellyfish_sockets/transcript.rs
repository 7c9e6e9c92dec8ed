//! Reads the transcripts.

use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Transcripts {
    pub(crate) cases: Vec<Case>,
    /// The numbers of messages, by the socket that they belong to and by name.
    pub(crate) numbers: HashMap<(String, String), u64>,
    /// Words that stand for text.
    words: Vec<(String, String)>,
    /// Names for several lines.
    scenes: HashMap<String, Vec<String>>,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) lines: Vec<String>,
}

impl Transcripts {
    pub(crate) fn parse(texts: &[&str]) -> Self {
        let mut transcripts = Self::default();
        for text in texts {
            for paragraph in text.split("\n\n") {
                transcripts.paragraph(paragraph.lines().filter(|line| !line.is_empty() && !line.starts_with('#')));
            }
        }
        transcripts
    }

    fn paragraph<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        let mut lines = lines.peekable();
        while let Some(line) = lines.next() {
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            match verb {
                "message" => {
                    let [socket, name, number] = rest.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
                    self.numbers.insert((socket.to_owned(), name.to_owned()), number.parse().unwrap());
                }
                "let" => {
                    let (word, text) = rest.split_once(" = ").expect(line);
                    self.words.push((word.to_owned(), text.to_owned()));
                }
                "define" => {
                    let scene = self.lines(&mut lines);
                    self.scenes.insert(rest.to_owned(), scene);
                }
                "case" => {
                    let lines = self.lines(&mut lines);
                    self.cases.push(Case { name: rest.to_owned(), lines });
                }
                _ => panic!("a line outside of a case: {line}"),
            }
        }
    }

    fn lines<'a>(&self, lines: &mut impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut expanded = Vec::new();
        for line in lines {
            match line.strip_prefix("do ") {
                Some(scene) => expanded.extend(self.scenes.get(scene).expect(line).iter().cloned()),
                None => expanded
                    .push(self.words.iter().fold(line.to_owned(), |line, (word, text)| line.replace(word, text))),
            }
        }
        expanded
    }
}
