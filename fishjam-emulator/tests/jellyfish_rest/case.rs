//! The format of the cases.

use serde_json::Value;

use crate::pattern::Bindings;

#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) server: Server,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) exchanges: Vec<(Request, Response)>,
}

/// How the server is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Server {
    #[default]
    Usual,
    S3,
    SwitchedOff,
}

impl Server {
    /// The address in responses, if it differs from the address of the server.
    pub(crate) fn address(self) -> Option<&'static str> {
        (self == Server::SwitchedOff).then_some("media.example.test:8443")
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Headers that replace the usual ones. The value `-` removes a header.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) bare: bool,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

impl Default for Body {
    fn default() -> Self {
        Body::Bytes(Vec::new())
    }
}

impl Body {
    /// Parses a line as a body. Returns `None` for other lines.
    fn parse(kind: &str, text: &str) -> Option<Self> {
        Some(match kind {
            "json" => Body::Json(serde_json::from_str(text).unwrap()),
            "text" => Body::Bytes(serde_json::from_str::<String>(text).unwrap().into_bytes()),
            "hex" => Body::Bytes(hex(text)),
            "length" => Body::Bytes(format!("{{\"x\":\"{}\"}}", "x".repeat(text.parse::<usize>().unwrap() - 8)).into()),
            _ => return None,
        })
    }

    /// Inserts the bound values into the body.
    pub(crate) fn filled(&self, bindings: &Bindings) -> Self {
        match self {
            Body::Json(value) => Body::Json(serde_json::from_str(&bindings.fill(&value.to_string())).unwrap()),
            Body::Bytes(bytes) => Body::Bytes(bytes.clone()),
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn parse(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    // Whether the last request already has its response.
    let mut answered = true;
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "=" {
            cases.push(Case { name: rest.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().unwrap();
        match word {
            "server" if rest == "s3" => case.server = Server::S3,
            "server" if rest == "switched-off" => case.server = Server::SwitchedOff,
            "file" => {
                let (path, content) = rest.split_once(' ').unwrap();
                let (kind, text) = content.split_once(' ').unwrap();
                let Some(Body::Bytes(content)) = Body::parse(kind, text) else { panic!("{line}") };
                case.files.push((path.to_owned(), content));
            }
            ">" => {
                assert!(answered, "{line}");
                let (method, path) = rest.split_once(' ').unwrap();
                let request = Request { method: method.to_owned(), path: path.to_owned(), ..Request::default() };
                case.exchanges.push((request, Response::default()));
                answered = false;
            }
            "<" => {
                let (status, bare) = rest.split_once(' ').unwrap_or((rest, ""));
                let (_, response) = case.exchanges.last_mut().unwrap();
                (response.status, response.bare) = (status.parse().unwrap(), bare == "bare");
                answered = true;
            }
            _ => {
                let (request, response) = case.exchanges.last_mut().unwrap();
                if let Some(body) = Body::parse(word, rest) {
                    *(if answered { &mut response.body } else { &mut request.body }) = body;
                } else {
                    let name = word.strip_suffix(':').unwrap_or_else(|| panic!("{line}"));
                    let headers = if answered { &mut response.headers } else { &mut request.headers };
                    // The value is in quotes if a space at its end matters.
                    let value =
                        if rest.starts_with('"') { serde_json::from_str(rest).unwrap() } else { rest.to_owned() };
                    headers.push((name.to_owned(), value));
                }
            }
        }
    }
    assert!(answered);
    cases
}
