//! Two ways to scan a history find the same: [`super::Scan`] over the packs, where a blob is scanned by what its base gave, and every
//! blob of `git cat-file` scanned whole, as a file is.
//!
//! Histories are random: each has a seed, and a seed makes the same history again. `PROPTEST_CASES` says how many there are, and
//! `GATEPOST_SEED` the first seed:
//!
//! ```sh
//! PROPTEST_CASES=5000 GATEPOST_SEED=1000 cargo test -p gatepost-app --lib equal
//! ```

mod edit;
mod packs;
mod random;
mod text;

use super::{Scan, Worker};
use gatepost_core::check::Context;
use gatepost_core::policy::{Layer, Origin, Policy};
use gatepost_core::secrets::{Detection, Scratch, Secrets, Trace};
use gatepost_core::{Coverage, Document, DocumentKind, Gate, ObjectId, Shard, SkipReason, Stage, Timestamp};
use gatepost_source::history::{self, Edit, Kinds, Object, ObjectKind, Progress, Reader, Visitor};
use random::Random;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many histories there are unless somebody asks for more.
const CASES: u64 = 20;

/// What one way to scan has to say: of each blob with something in it all there is to say, and what was looked at.
#[derive(Default)]
struct Said {
    detections: BTreeMap<ObjectId, Vec<String>>,
    coverage: Coverage,
}

/// What the histories of a run had in them.
#[derive(Default, Debug)]
struct Had {
    blobs: u64,
    edits: u64,
    detections: usize,
    decoded: usize,
    in_company: usize,
    suppressed: usize,
    too_large: u64,
}

/// A policy's checks.
struct Judges {
    gate: Gate,
    secrets: Secrets,
}

impl Judges {
    fn new(policy: &str) -> Self {
        let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text: policy.to_owned() };
        let policy = Policy::load(&[layer]).unwrap();
        let now = Timestamp { seconds: 1_795_305_600, offset_minutes: 0 };
        let rules = &gatepost_rules::BUILTIN;
        let context = Context { policy: &policy, stage: Stage::Scan, rules, now, fingerprint_key: None };
        let gate = Gate::with_checks(&context, |check| check.section == "secrets").unwrap();
        Self { gate, secrets: Secrets::new(&context).unwrap() }
    }

    /// The built-in rules, rules that match nearly everything as well, and a small limit with some rules switched off.
    fn all() -> [Self; 3] {
        let noisy = include_str!("../../../../examples/differential/noisy.toml");
        let (_, rules) = noisy.split_once("\n[[rules]]").unwrap();
        let rules =
            format!("\n[[rules]]{rules}").replace("[[rules]]", "[[secrets.rules]]\nprovider = \"Noise\"");
        let off = "[[secrets.disable-rules]]\nrule = \"noise-error\"\nreason = \"a test of rules that are off\"\nowner = \"@test\"\n";
        [
            Self::new("[secrets]\ntrust-inline = \"all\"\n"),
            Self::new(&rules),
            Self::new(&format!("[secrets]\nmax-file-size = \"4 KiB\"\ndecode-depth = 2\n{off}{rules}")),
        ]
    }
}

/// The real visitor, and a count of the edits that it is shown.
struct Counted<'a> {
    scan: Scan<'a>,
    edits: AtomicU64,
}

impl Visitor for Counted<'_> {
    type Worker = Worker;
    type Trace = Trace;

    fn worker(&self) -> Worker {
        self.scan.worker()
    }

    fn visit(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        edit: Option<Edit<'_, Trace>>,
    ) -> Option<Trace> {
        let is_edit = object.kind == ObjectKind::Blob && edit.is_some();
        self.edits.fetch_add(u64::from(is_edit), Ordering::Relaxed);
        self.scan.visit(worker, object, edit)
    }

    fn pass(&self, worker: &mut Worker, object: &Object<'_>, edit: Option<Edit<'_, Trace>>) -> Option<Trace> {
        self.scan.pass(worker, object, edit)
    }
}

/// Everything that a detection says, its secret included.
fn said(found: &[Detection]) -> Vec<String> {
    let said = |one: &Detection| {
        let secret = one.finding.secret.as_ref().map(|secret| secret.reveal().escape_ascii().to_string());
        format!("{one:?}\nsecret: {secret:?}")
    };
    found.iter().map(said).collect()
}

/// As `gatepost scan --history` does it, of all or of a shard; also how many edits there were.
fn by_edits(scratch: &packs::Scratch, judges: &Judges, threads: usize, shard: Option<Shard>) -> (Said, u64) {
    let repository = gatepost_source::open(Some(scratch.path())).unwrap();
    let Judges { gate, secrets } = judges;
    let scan = Counted { scan: Scan { gate, secrets, is_on: true }, edits: AtomicU64::new(0) };
    let options = history::Options {
        threads,
        max_blob: secrets.limit(),
        kinds: Kinds { commits: false, tags: false, ..Kinds::CONTENT },
        graph: true,
        shard,
    };
    let walked = history::walk(repository.as_ref(), &options, &scan, &Progress::default()).unwrap();
    assert_eq!((walked.problems, walked.reader, walked.missing), (Vec::new(), Reader::Packs, 0));
    let mut all = Said::default();
    for worker in walked.workers {
        all.coverage.merge(&worker.collected.coverage);
        for (id, found) in worker.detections {
            assert!(all.detections.insert(id, said(&found)).is_none(), "{id} was scanned twice");
        }
    }
    (all, scan.edits.into_inner())
}

/// Each blob is in one shard, and says there what it says in a scan of everything.
fn assert_shards_are_the_whole(scratch: &packs::Scratch, judges: &Judges, whole: &Said) {
    let mut all = Said::default();
    for index in 1..=3 {
        let (shard, _) = by_edits(scratch, judges, 1, Shard::new(index, 3));
        all.coverage.merge(&shard.coverage);
        for (id, found) in shard.detections {
            assert!(all.detections.insert(id, found).is_none(), "{id} is in two shards");
        }
    }
    assert_eq!(all.coverage, whole.coverage, "{}", scratch.log.join("\n"));
    assert_eq!(all.detections, whole.detections, "{}", scratch.log.join("\n"));
}

/// Every blob, as git gives it, scanned whole.
fn whole(scratch: &mut packs::Scratch, judges: &Judges, had: &mut Had) -> Said {
    let output = scratch.git(&["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"], b"");
    let (mut rest, mut all, mut buffers) = (output.as_slice(), Said::default(), Scratch::default());
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let header = String::from_utf8_lossy(&rest[..end]).into_owned();
        let [id, kind, size] = header.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let bytes = &rest[end + 1..end + 1 + size.parse::<usize>().unwrap()];
        rest = &rest[end + bytes.len() + 2..];
        if kind != "blob" {
            continue;
        }
        had.blobs += 1;
        if bytes.len() as u64 > judges.secrets.limit() {
            all.coverage.skip(SkipReason::TooLarge);
            had.too_large += 1;
            continue;
        }
        all.coverage.blobs += 1;
        all.coverage.bytes += bytes.len() as u64;
        let mut found = judges.secrets.detect(&Document::new(DocumentKind::Blob, bytes), &mut buffers);
        if buffers.is_cut() {
            all.coverage.skip(SkipReason::TooLarge);
        }
        let coverage = &mut all.coverage;
        judges.secrets.detect_inside(bytes, &mut found, &mut buffers, &mut |reason| coverage.skip(reason));
        had.count(&found);
        if !found.is_empty() {
            all.detections.insert(ObjectId::from_hex(id.as_bytes()).unwrap(), said(&found));
        }
    }
    all
}

impl Had {
    fn count(&mut self, found: &[Detection]) {
        let places = || found.iter().flat_map(|one| &one.finding.locations);
        self.detections += found.len();
        self.decoded += places().filter(|place| !place.decoded_by.is_empty()).count();
        self.in_company += places().filter(|place| !place.parts.is_empty()).count();
        self.suppressed += found.iter().filter(|one| one.suppression.is_some()).count();
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_history_scanned_by_its_edits_gives_what_its_blobs_give_one_by_one() {
    let (all, mut had) = (Judges::all(), Had::default());
    let (first, cases) = (number("GATEPOST_SEED").unwrap_or(0), number("PROPTEST_CASES").unwrap_or(CASES));
    for seed in first..first.saturating_add(cases) {
        let mut random = Random::new(seed);
        let mut scratch = packs::Scratch::random(&mut random);
        let judges = random.pick_ref(&all);
        let (by_edits, edits) = by_edits(&scratch, judges, 1 + random.below(3), None);
        had.edits += edits;
        assert_shards_are_the_whole(&scratch, judges, &by_edits);
        let whole = whole(&mut scratch, judges, &mut had);
        let told =
            format!("GATEPOST_SEED={seed} makes it again, with:\n  git {}", scratch.log.join("\n  git "));
        let ids = by_edits.detections.keys().chain(whole.detections.keys());
        for id in ids {
            let [ours, theirs] =
                [&by_edits, &whole].map(|said| said.detections.get(id).map_or(&[][..], Vec::as_slice));
            let differs = ours.iter().zip(theirs).find(|(our, their)| our != their);
            assert!(
                ours == theirs,
                "blob {id}: {} detections by edits, {} whole; the first that differs: {differs:#?}\n{told}",
                ours.len(),
                theirs.len()
            );
        }
        assert_eq!(by_edits.coverage, whole.coverage, "{told}");
    }
    // A test that has nothing to compare proves nothing.
    let is_enough = had.edits * 4 > had.blobs
        && [had.detections, had.decoded, had.in_company, had.suppressed]
            .iter()
            .all(|count| *count as u64 > cases)
        && had.too_large > 0;
    assert!(is_enough || cases < CASES, "{had:?}");
}
