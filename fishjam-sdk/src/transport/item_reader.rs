//! Reads the items of a list, one after another.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Deserializer;

/// Reads the items in the member `data` of a JSON object.
///
/// A list can have hundreds of megabytes. Therefore each item is decoded where the previous one ended. No pass over the
/// whole text is necessary to find the items, and the caller can pause between two of them.
///
/// Each method returns `None` if the text does not have this form.
pub(super) struct ItemReader<'a> {
    /// The text that was not read yet.
    rest: &'a str,
    /// Whether no item was read yet.
    at_start: bool,
}

impl<'a> ItemReader<'a> {
    /// Finds the list.
    pub(super) fn open(text: &'a str) -> Option<Self> {
        let mut reader = Self { rest: text, at_start: true };
        reader.expect('{')?;
        while reader.name()? != "data" {
            reader.read::<IgnoredAny>()?;
            reader.expect(',')?;
        }
        reader.expect('[')?;
        Some(reader)
    }

    /// Moves to the next item. Returns `false` after the last one.
    pub(super) fn advance(&mut self) -> Option<bool> {
        if self.expect(']').is_some() {
            return self.end().map(|()| false);
        }
        if !std::mem::take(&mut self.at_start) {
            self.expect(',')?;
        }
        Some(true)
    }

    /// Reads the current item. If it is not a `T`, the item can be read again as another type.
    pub(super) fn read<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let mut values = Deserializer::from_str(self.rest).into_iter();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }

    /// Returns the number of bytes that were not read yet.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Reads the text after the list.
    fn end(&mut self) -> Option<()> {
        while self.expect('}').is_none() {
            self.expect(',')?;
            if self.name()? == "data" {
                return None;
            }
            self.read::<IgnoredAny>()?;
        }
        self.skip_whitespace();
        self.rest.is_empty().then_some(())
    }

    /// Reads the name of a member.
    fn name(&mut self) -> Option<String> {
        let name = self.read()?;
        self.expect(':')?;
        Some(name)
    }

    /// Reads this character. If there is another one, it is not read.
    fn expect(&mut self, character: char) -> Option<()> {
        self.skip_whitespace();
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn skip_whitespace(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    /// Reads all items that are numbers, and the text of the others.
    fn items(text: &str) -> Option<Vec<Result<u8, &str>>> {
        let mut reader = ItemReader::open(text)?;
        let mut items = Vec::new();
        while reader.advance()? {
            items.push(match reader.read() {
                Some(number) => Ok(number),
                None => Err(reader.read::<&RawValue>()?.get()),
            });
        }
        assert_eq!(reader.remaining(), 0);
        Some(items)
    }

    #[test]
    fn items_are_read_with_the_rest_of_the_object() {
        for (text, expected) in [
            (r#"{"data":[]}"#, vec![]),
            (r#"{"data":[1,2]}"#, vec![Ok(1), Ok(2)]),
            (" {\n\"data\" :\t[ 1 , 2 ]\r\n} ", vec![Ok(1), Ok(2)]),
            (r#"{"a":{"data":[3]},"b":null,"data":[1],"c":[],"d":1.5}"#, vec![Ok(1)]),
            (r#"{"d\u0061ta":[1]}"#, vec![Ok(1)]),
            (
                r#"{"data":[{"a":[1,{}]}, "]", 300 ,-1,1e400,"\ud800",[[]],null,1]}"#,
                vec![
                    Err(r#"{"a":[1,{}]}"#),
                    Err(r#""]""#),
                    Err("300"),
                    Err("-1"),
                    Err("1e400"),
                    Err(r#""\ud800""#),
                    Err("[[]]"),
                    Err("null"),
                    Ok(1),
                ],
            ),
        ] {
            assert_eq!(items(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_without_list_or_with_wrong_syntax_is_refused() {
        for text in [
            "",
            "[1]",
            "{}",
            "{1:[]}",
            r#"{"data"}"#,
            r#"{"data":1}"#,
            r#"{"data":null}"#,
            r#"{"data":{}}"#,
            r#"{"data":["#,
            r#"{"data":[1"#,
            r#"{"data":[1]"#,
            r#"{"data":[1,]}"#,
            r#"{"data":[,1]}"#,
            r#"{"data":[1 2]}"#,
            r#"{"data":[1"x"]}"#,
            r#"{"data":[{"a":}]}"#,
            r#"{"data":[1]]}"#,
            r#"{"data":[1],}"#,
            r#"{"data":[1]} more"#,
            r#"{"data":[1],"data":[2]}"#,
            r#"{"a":1 "data":[1]}"#,
            r#"{"data":[1],"a":tru}"#,
        ] {
            assert_eq!(items(text), None, "{text}");
        }
    }
}
