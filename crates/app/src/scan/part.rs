//! What the report of a shard says of the shard.

use crate::collect::Collector;
use crate::exit::Failure;
use gatepost_core::report::ShardPart;
use gatepost_core::secrets::{Scratch, Secrets};
use gatepost_core::{Document, DocumentKind, Finding, Identity, ObjectId, ObjectSet, Secret, Shard};
use gatepost_source::history::Graph;
use gatepost_source::{Head, Repository};
use std::collections::BTreeSet;

/// What a shard's report says of it.
pub(super) fn of(shard: Shard, set: &ObjectSet, secrets: &Secrets, collected: &Collector) -> ShardPart {
    ShardPart {
        shard,
        objects: set.digest(),
        key: set.key(),
        hidden: hidden(secrets, collected),
        unused: Vec::new(),
    }
}

/// What the refs of a clone lead to. Where that is not known, which was told as a problem, it is another set than that of a
/// clone that is whole.
///
/// # Errors
///
/// When refs cannot be listed.
pub(super) fn object_set(
    repository: &dyn Repository,
    graph: Option<&Graph>,
    missing: Vec<ObjectId>,
) -> Result<ObjectSet, Failure> {
    let head = match repository.head()? {
        Head::Branch(_, id) | Head::Detached(id) => Some(id),
        Head::Unborn(_) => None,
    };
    let mut tips: Vec<ObjectId> =
        repository.references()?.into_iter().map(|reference| reference.target).collect();
    tips.extend(head);
    let commits = graph.map(|graph| graph.commits_behind(&tips)).unwrap_or_default();
    Ok(ObjectSet::new(head, tips, commits, missing))
}

/// Secrets in the names that the report will show. Whoever has them as findings masks them everywhere in its report, and that may
/// be another shard.
fn hidden(secrets: &Secrets, collected: &Collector) -> Vec<Secret> {
    let suppressed = collected.suppressed.iter().map(|suppressed| &suppressed.finding);
    let texts: BTreeSet<Vec<u8>> = collected.findings.iter().chain(suppressed).flat_map(texts_of).collect();
    let mut scratch = Scratch::default();
    let mut hidden = Vec::new();
    for text in &texts {
        let found = secrets.detect(&Document::new(DocumentKind::FileName, text), &mut scratch);
        hidden.extend(found.into_iter().filter_map(|detection| detection.finding.secret));
    }
    hidden
}

/// The names in a finding: of its paths each part, which is how names are judged.
fn texts_of(finding: &Finding) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for place in &finding.locations {
        let paths = place.path.iter().chain(&place.inner);
        texts.extend(paths.flat_map(|path| path.as_bytes().split(|&byte| byte == b'/').map(<[u8]>::to_vec)));
        texts.extend(place.subject.iter().map(|subject| subject.clone().into_bytes()));
        texts.extend(
            place
                .author
                .iter()
                .map(|Identity { name, email, .. }| [name.as_slice(), b" <", email, b">"].concat()),
        );
    }
    texts
}
