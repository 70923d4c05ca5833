//! What is written in a block: names, literals, addresses of providers.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};
use std::ops::Range;

/// The host of providers that are a part of Terraform: no lock has them.
pub(super) const BUILTIN_HOST: &str = "terraform.io/";
pub(super) const BUILTIN: &str = "terraform.io/builtin/terraform";

/// A provider that a file names in `required_providers`.
#[derive(Debug)]
pub(super) struct Required {
    pub name: String,
    /// `None`: it is the implied one.
    pub source: Option<String>,
    pub version: Option<(String, Range<usize>)>,
    pub span: Range<usize>,
    /// It is computed, or has values that nobody reads.
    pub is_computed: bool,
}

pub(super) fn required_blocks(body: &Body) -> impl Iterator<Item = &Block> {
    let blocks = body.iter().filter_map(Structure::as_block);
    let settings = blocks.filter(|block| block.ident.as_str() == "terraform");
    let inner = settings.flat_map(|block| block.body.iter().filter_map(Structure::as_block));
    inner.filter(|block| block.ident.as_str() == "required_providers")
}

pub(super) fn required_in(body: &Body) -> impl Iterator<Item = Required> {
    body.iter().filter_map(Structure::as_attribute).map(|attribute| {
        let mut required = Required {
            name: attribute.key.as_str().to_ascii_lowercase(),
            source: None,
            version: None,
            span: attribute.span().unwrap_or_default(),
            is_computed: false,
        };
        match &attribute.value {
            Expression::Object(object) => {
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str(),
                        ObjectKey::Expression(name) => literal(name).unwrap_or_default().0,
                    };
                    let value = literal(value.expr());
                    match (key, value) {
                        ("source", Some((text, _))) => required.source = Some(text.to_owned()),
                        ("version", Some((text, span))) => required.version = Some((text.to_owned(), span)),
                        ("configuration_aliases", _) => {}
                        _ => required.is_computed = true,
                    }
                }
            }
            value => match literal(value) {
                Some((text, span)) => required.version = Some((text.to_owned(), span)),
                None => required.is_computed = true,
            },
        }
        required
    })
}

/// A text without anything computed.
pub(super) fn literal(value: &Expression) -> Option<(&str, Range<usize>)> {
    let Expression::String(text) = value else { return None };
    Some((text.as_str(), text.span().unwrap_or_default()))
}

/// The first name of `aws.west` or `aws`.
pub(super) fn root_name(value: &Expression) -> Option<&str> {
    match value {
        Expression::Variable(name) => Some(name.as_str()),
        Expression::String(text) => text.split('.').next(),
        Expression::Traversal(traversal) => match &traversal.expr {
            Expression::Variable(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn prefix(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}

/// The address of a provider with its host, which is `registry` where none is named; `None`: it is no address.
pub(super) fn address(source: &str, registry: &str) -> Option<String> {
    let source = source.to_ascii_lowercase();
    let is_name =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_host = |part: &str| part.contains('.') && part.split([':', '.']).all(is_name);
    let parts: Vec<&str> = source.split('/').collect();
    match parts.as_slice() {
        [name] if is_name(name) => Some(format!("{registry}/hashicorp/{name}")),
        [owner, name] if is_name(owner) && is_name(name) => Some(format!("{registry}/{source}")),
        [host, owner, name] if is_host(host) && is_name(owner) && is_name(name) => Some(source),
        _ => None,
    }
}
