//! The paths that a source file names: in `use` trees, in code and in macros. Comments, strings and tests do not count.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The paths and names of a file.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The paths, each with its line.
    pub(super) paths: Vec<(Vec<String>, usize)>,
    /// The names that `use` declares, each with its path.
    pub(super) names: BTreeMap<String, Vec<String>>,
}

impl Source {
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not Rust", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut source = Self::default();
        // The reader works on tokens, because the arguments of a macro have no syntax tree.
        source.read_tokens(text.parse().map_err(|error| anyhow!("{error}"))?, 0);
        Ok(source)
    }

    /// `depth` counts the inline modules around the tokens.
    fn read_tokens(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let (next, after) = (tokens.get(at + 1), tokens.get(at + 2));
            at += 1;
            match (token, next, after) {
                (TokenTree::Punct(mark), Some(TokenTree::Group(attribute)), _)
                    if mark.as_char() == '#' && attribute.delimiter() == Delimiter::Bracket =>
                {
                    at += 1;
                    if is_test(attribute.stream()) {
                        at = end_of_item(&tokens, at);
                    }
                }
                (TokenTree::Ident(word), Some(next), _) if word == "use" && !is_mark(next, '<') => {
                    let end = position(&tokens, at, |token| is_mark(token, ';'));
                    self.read_use(&tokens[at..end], &[], depth);
                    at = end;
                }
                (TokenTree::Ident(word), Some(_), Some(TokenTree::Group(body))) if word == "mod" => {
                    self.read_tokens(body.stream(), depth + 1);
                    at += 2;
                }
                (TokenTree::Ident(first), ..) => {
                    let continued = at > 2 && is_mark(&tokens[at - 2], ':') && is_mark(&tokens[at - 3], ':');
                    let mut path = vec![first.to_string()];
                    while let Some([colon, second, TokenTree::Ident(segment)]) = tokens.get(at..at + 3)
                        && is_mark(colon, ':')
                        && is_mark(second, ':')
                    {
                        path.push(segment.to_string());
                        at += 3;
                    }
                    // One word alone is a local name, or the `crate` of `pub(crate)`.
                    if path.len() > 1 && !continued {
                        self.add(path, token, depth);
                    }
                }
                (TokenTree::Group(group), ..) => self.read_tokens(group.stream(), depth),
                _ => {}
            }
        }
    }

    fn read_use(&mut self, tree: &[TokenTree], prefix: &[String], depth: usize) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut renamed = false;
        for token in tree {
            match token {
                TokenTree::Group(group) => {
                    let members: Vec<TokenTree> = group.stream().into_iter().collect();
                    for member in members.split(|token| is_mark(token, ',')) {
                        self.read_use(member, &path, depth);
                    }
                    return;
                }
                TokenTree::Ident(word) if word == "as" => renamed = true,
                TokenTree::Ident(word) if renamed => name = Some(word.to_string()),
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                _ => {}
            }
        }
        let (Some(token), Some(last)) = (tree.first(), path.last()) else { return };
        let name = name.unwrap_or_else(|| last.clone());
        if let Some(path) = self.add(path, token, depth)
            && depth == 0
        {
            self.names.entry(name).or_insert(path);
        }
    }

    /// Adds a path as it reads outside the inline modules, unless it stays inside them.
    fn add(&mut self, mut path: Vec<String>, token: &TokenTree, depth: usize) -> Option<Vec<String>> {
        let levels = path.iter().take_while(|segment| *segment == "super").count();
        if depth > levels && path.first().is_some_and(|first| first == "self" || first == "super") {
            return None;
        }
        if depth > 0 && levels > 0 {
            path.splice(..depth, (depth == levels).then(|| "self".to_owned()));
        }
        self.paths.push((path.clone(), token.span().start().line));
        Some(path)
    }
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

fn position(tokens: &[TokenTree], from: usize, found: impl Fn(&TokenTree) -> bool) -> usize {
    tokens.iter().skip(from).position(found).map_or(tokens.len(), |offset| from + offset)
}

/// Returns the index after the item at `from`: after its semicolon or its body.
fn end_of_item(tokens: &[TokenTree], from: usize) -> usize {
    let semicolon = position(tokens, from, |token| is_mark(token, ';'));
    let body = position(
        tokens,
        from,
        |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
    );
    let import = position(tokens, from, |token| matches!(token, TokenTree::Ident(word) if word == "use"));
    // The braces of an import are not a body.
    if import < body { semicolon + 1 } else { semicolon.min(body) + 1 }
}

/// Returns `true` for `#[test]`, `#[tokio::test]` and a `#[cfg(...)]` that only tests satisfy.
fn is_test(attribute: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = attribute.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(predicate)] if word == "cfg" => needs_test(predicate.stream()),
        [.., TokenTree::Ident(word)] => word == "test",
        _ => false,
    }
}

fn needs_test(predicate: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = predicate.into_iter().collect();
    let members = |group: &Group| -> Vec<bool> {
        let members: Vec<TokenTree> = group.stream().into_iter().collect();
        let members = members.split(|token| is_mark(token, ',')).filter(|member| !member.is_empty());
        members.map(|member| needs_test(member.iter().cloned().collect())).collect()
    };
    match tokens.as_slice() {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "all" => members(group).contains(&true),
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "any" => !members(group).contains(&false),
        _ => false,
    }
}
