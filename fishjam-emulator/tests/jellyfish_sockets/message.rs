//! Messages of the sockets, in the transcripts' notation and as bytes.

use std::collections::HashMap;

use crate::made_up::is_generated;

/// The names of seen values: `room1` for an id.
#[derive(Default)]
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Replaces names with their known values.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }

    /// Returns `true` if the string is as expected.
    ///
    /// Binds an unknown name to the string, if the string has the form of a generated value and no other name.
    pub(crate) fn agree(&mut self, expected: &str, seen: &str) -> bool {
        if let Some(name) = expected.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'))
            && !self.0.contains_key(name)
            && !name.contains('<')
            && is_generated(name, seen)
            && !self.0.values().any(|known| known == seen)
        {
            self.set(name, seen);
        }
        self.fill(expected) == seen
    }
}

/// A field and its value.
#[derive(Debug)]
pub(crate) struct Field(u64, Value);

#[derive(Debug)]
enum Value {
    Number(u64),
    Text(String),
    Message(Vec<Field>),
}

/// Reads `peer_added(1="a" 2="b")` or `103="a"`, or several of these; `nothing` has no fields.
pub(crate) fn parse(text: &str, number: impl Fn(&str) -> u64) -> Vec<Field> {
    if text == "nothing" {
        return Vec::new();
    }
    let mut rest = text;
    let fields = fields(&mut rest, &number);
    assert!(rest.is_empty(), "{text}: {rest}");
    fields
}

fn fields(rest: &mut &str, number: &impl Fn(&str) -> u64) -> Vec<Field> {
    let mut fields = Vec::new();
    loop {
        *rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with(')') {
            return fields;
        }
        let end = rest.find(['=', '(']).expect(rest);
        let (name, value) = rest.split_at(end);
        let key = name.parse().unwrap_or_else(|_| number(name));
        *rest = value.strip_prefix('=').unwrap_or(value);
        let value = if let Some(inside) = rest.strip_prefix('(') {
            *rest = inside;
            let inside = self::fields(rest, number);
            *rest = rest.strip_prefix(')').expect("a closing parenthesis");
            Value::Message(inside)
        } else if rest.starts_with('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let text = texts.next().unwrap().unwrap();
            *rest = &rest[texts.byte_offset()..];
            Value::Text(text)
        } else {
            let end = rest.find([' ', ')']).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            *rest = after;
            Value::Number(digits.parse().unwrap())
        };
        fields.push(Field(key, value));
    }
}

pub(crate) fn encode(fields: &[Field], names: &Names) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Field(key, value) in fields {
        match value {
            Value::Number(number) => {
                varint(key << 3, &mut bytes);
                varint(*number, &mut bytes);
            }
            Value::Text(text) => delimited(*key, names.fill(text).as_bytes(), &mut bytes),
            Value::Message(inside) => delimited(*key, &encode(inside, names), &mut bytes),
        }
    }
    bytes
}

/// Binds the names in the expected message to the values of the received message.
pub(crate) fn learn(fields: &[Field], mut bytes: &[u8], names: &mut Names) {
    for Field(_, value) in fields {
        let Some((key, rest)) = read_varint(bytes) else { return };
        let Some((number, rest)) = read_varint(rest) else { return };
        bytes = rest;
        if key & 7 != 2 {
            continue;
        }
        let Some((content, rest)) = usize::try_from(number).ok().and_then(|length| bytes.split_at_checked(length))
        else {
            return;
        };
        bytes = rest;
        match value {
            Value::Text(text) => {
                names.agree(text, &String::from_utf8_lossy(content));
            }
            Value::Message(inside) => learn(inside, content, names),
            Value::Number(_) => {}
        }
    }
}

fn delimited(key: u64, content: &[u8], bytes: &mut Vec<u8>) {
    varint(key << 3 | 2, bytes);
    varint(content.len() as u64, bytes);
    bytes.extend_from_slice(content);
}

fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    let number = bytes[..=end].iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f));
    Some((number, &bytes[end + 1..]))
}
